"""recipec: recipes to sbatch + Apptainer bundles, compiled, reviewed, submitted later.

The names below are the Python API; they are loaded when first used, so that importing the
package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recipe_compiler.version import VERSION as __version__

if TYPE_CHECKING:
    from recipe_compiler.bundle import Bundle
    from recipe_compiler.diag import Diagnostic
    from recipe_compiler.driver import Compiled, compile_recipe

__all__ = ["Bundle", "Compiled", "Diagnostic", "__version__", "compile_recipe"]
_HOMES = {"Bundle": "bundle", "Diagnostic": "diag", "Compiled": "driver", "compile_recipe": "driver"}


def __getattr__(name: str) -> Any:  # noqa: ANN401  PEP 562
    """Load a name of the API on first use."""
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module  # noqa: PLC0415  lazily, like what it imports

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
