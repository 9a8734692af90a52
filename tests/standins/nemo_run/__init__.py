"""A stand-in for NeMo-Run, which brings a hundred packages: its `Config` and `Partial` are Fiddle's, as the real ones are.

Where Fiddle is not installed either, a `Config` is at once what it would build, and a `Partial` a `functools.partial`.
"""

import functools
from typing import Any

try:
    from fiddle import Config, Partial, build
except ImportError:

    def Config(target: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N802  the real name
        """What `target` returns."""
        return target(*args, **kwargs)

    Partial: Any = functools.partial  # type: ignore[no-redef]

    def build(value: Any) -> Any:
        """The value itself: it is built already."""
        return value


__all__ = ["Config", "Partial", "run"]


def run(partial: Any, *, direct: bool) -> Any:
    """Builds the partial and calls it in this process; that is all that the stand-in does."""
    if not direct:
        raise NotImplementedError("the stand-in starts no process")
    return build(partial)()
