"""The yardstick of composing: what Hydra makes of the same layers and overrides.

    python bench/hydra_compose.py CONF OVERRIDE...

One process composes each `r*.yaml` of CONF, a defaults list of three layers, with all overrides, and
makes plain data of it with its interpolations resolved. Nothing is validated, checked or written; the
arguments of the last one are printed, so that `python -m bench` can see that both sides composed the same.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf


def main(conf: str, *overrides: str) -> None:
    """Compose every recipe of the folder."""
    folder = Path(conf).absolute()
    data: Any = None
    with initialize_config_dir(str(folder), version_base="1.3"):
        for name in sorted(path.stem for path in folder.glob("r*.yaml")):
            data = OmegaConf.to_container(compose(name, list(overrides)), resolve=True)
    print(json.dumps(data["args"]))


if __name__ == "__main__":
    main(*sys.argv[1:])
