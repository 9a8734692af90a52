"""A stand-in for `nemo.collections.llm.recipes`, which needs CUDA."""

from nemo.collections.llm.recipes import llama3_8b, llama3_70b
from nemo.collections.llm.recipes.log.default import default_log, default_resume
from nemo.collections.llm.recipes.optim import adam

__all__ = ["adam", "default_log", "default_resume", "llama3_8b", "llama3_70b"]
