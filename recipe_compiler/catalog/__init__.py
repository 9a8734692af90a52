"""Signatures as data: what the packages of an image define, read from their source and never imported."""

from __future__ import annotations

from recipe_compiler.catalog.constraints import Constraint, Constraints
from recipe_compiler.catalog.registry import Catalogs, Found
from recipe_compiler.catalog.signature import Param, Signature, signature
from recipe_compiler.catalog.store import Catalog

__all__ = ["Catalog", "Catalogs", "Constraint", "Constraints", "Found", "Param", "Signature", "signature"]
