"""The recipe language as pydantic models, and validation with places.

What all plugins share is typed here; the options of one launcher or container are that
plugin's own model, so that adding one changes nothing in this folder.
"""

from __future__ import annotations

from recipe_compiler.schema.recipe import Recipe, Resources, Section, SectionField, Sweep
from recipe_compiler.schema.validate import Model, validate

__all__ = ["Model", "Recipe", "Resources", "Section", "SectionField", "Sweep", "validate"]
