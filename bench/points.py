"""The yardstick of a sweep's table: the lines that `bench.recipes.SWEEP` means, written without asking anything.

python -I -S bench/points.py FILE
"""

from __future__ import annotations

import hashlib
import json
import sys


def main(file: str) -> None:
    """Write the table."""
    with open(file, "w", encoding="utf-8") as stream:  # noqa: PTH123  pathlib is 5 ms
        for index in range(10_000):
            seed, decay = index // 100, index % 100 / 100
            text = json.dumps({"args.optim.weight_decay": decay, "args.seed": seed})
            digest = hashlib.sha256(text.encode()).hexdigest()[:12]
            values = [[["args", "seed"], seed], [["args", "optim", "weight_decay"], decay]]
            stream.write(json.dumps({"index": index, "digest": digest, "set": values}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
