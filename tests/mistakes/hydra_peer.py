"""What Hydra finds of the corpus without running a job: `--cfg job --resolve`, which is compose and resolve.

Hydra is given each recipe as its own configuration file, with `extends` written as its defaults list and
the overrides of `--set` as its overrides. It has no signatures to ask: that is `instantiate`, in the job.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.mistakes.rows import HERE, every

_EXTENDS = re.compile(r"^extends: (.+)\.yaml$", re.MULTILINE)
_TOPS = ("args.", "resources.")
_PROCESSES = 2
"""Hydra reads some ten configurations of its own for each recipe."""


def found(root: Path) -> tuple[set[str], set[str]]:
    """The names of the mistakes that Hydra refuses, and of the correct recipes that it refuses."""
    (root / "bases").mkdir(parents=True)
    for base in (HERE / "bases").iterdir():
        (root / "bases" / base.name).write_bytes(base.read_bytes())
    command = [sys.executable, "-m", "tests.mistakes.hydra_peer", str(root)]
    running = [
        subprocess.Popen([*command, str(part)], cwd=HERE.parent.parent, stdout=subprocess.PIPE)
        for part in range(_PROCESSES)
    ]
    answers = [json.loads(one.communicate()[0]) for one in running]
    return {name for one in answers for name in one[0]}, {name for one in answers for name in one[1]}


def main() -> None:
    """Print what Hydra refuses of one part of the corpus. Arguments: a folder, and which part."""
    from hydra import compose, initialize_config_dir
    from omegaconf import OmegaConf

    root, part = Path(sys.argv[1]), int(sys.argv[2])
    refused: tuple[list[str], list[str]] = ([], [])
    with initialize_config_dir(str(root), version_base=None):
        for name, text, sets, is_correct in list(every())[part::_PROCESSES]:
            written = _EXTENDS.sub(r"defaults: ['/\1@_global_', _self_]", text)
            (root / f"{name}.yaml").write_text(written, encoding="utf-8")
            try:
                config = compose(name, [_key(one) for one in sets])
                OmegaConf.to_container(config, resolve=True)
            except Exception:  # noqa: BLE001  whatever it raises is a finding
                refused[is_correct].append(name)
    print(json.dumps(refused))


def _key(override: str) -> str:
    """`+x=1` as Hydra must have it: `+args.x=1`."""
    sign, rest = ("+", override[1:]) if override[0] == "+" else ("", override)
    return f"{sign}{rest}" if rest.startswith(_TOPS) else f"{sign}args.{rest}"


if __name__ == "__main__":
    main()
