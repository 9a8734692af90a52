"""A stand-in for `nemo.collections.llm.recipes.optim`, which needs CUDA."""

from nemo.collections.llm.recipes.optim import adam

__all__ = ["adam"]
