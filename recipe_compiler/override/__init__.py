"""Overrides: the last layer, one text each. Hydra's grammar, read by our own parser.

`k=v` changes, `+k=v` adds, `++k=v` does either, `~k` removes, `k*=2` computes; a sweep form such as
`k=1,2` adds an axis. Every diagnostic points into the text of the override.
"""

from __future__ import annotations

from recipe_compiler.override.apply import apply
from recipe_compiler.override.keys import route_of
from recipe_compiler.override.meaning import indexed
from recipe_compiler.override.read import Override, Text, parse, texts_of_file

__all__ = ["Override", "Text", "apply", "indexed", "parse", "route_of", "texts_of_file"]
