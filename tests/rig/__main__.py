"""`python -m tests.rig install|up|down|status|env`."""

from __future__ import annotations

import argparse
import shlex
import sys
from typing import TYPE_CHECKING

from tests.rig import RigError, current, daemons, down, install, up, why_not

if TYPE_CHECKING:
    from tests.rig import Rig


def main() -> int:
    """0 when it worked, 1 when there is no rig, 2 with a message when it failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.rig", description=__doc__)
    parser.add_argument("verb", choices=("install", "up", "down", "status", "env"))
    verb: str = parser.parse_args().verb
    reason = why_not()
    if reason is not None:
        sys.stderr.write(f"rig: {reason}\n")
        return 2
    try:
        return _do(verb)
    except RigError as error:
        sys.stderr.write(f"rig: {error}\n")
        return 2


def _do(verb: str) -> int:
    if verb == "install":
        for name, image in install().items():
            sys.stdout.write(f"{name} {image.path} sha256:{image.sha256}\n")
        return 0
    if verb == "down":
        down()
        return 0
    rig = up() if verb == "up" else current()
    if verb == "status":
        sys.stdout.write(_status(rig))
    elif rig is not None:
        sys.stdout.write(_exports(rig))
    if rig is None:
        sys.stderr.write("rig: not up\n")
    return 0 if rig is not None else 1


def _exports(rig: Rig) -> str:
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in rig.env.items())


def _status(rig: Rig | None) -> str:
    lines = [f"{d.name}: {'up' if d.running() else 'down'}" for d in daemons.every()]
    nodes = rig.run(["sinfo", "--Node", "--long"]).stdout if rig is not None else ""
    return "\n".join(lines) + "\n" + nodes


if __name__ == "__main__":
    sys.exit(main())
