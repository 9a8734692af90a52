"""A stand-in for `nemo.collections.llm.recipes`, which needs CUDA."""

from nemo.collections.llm.recipes import llama3_8b, llama3_70b

__all__ = ["llama3_8b", "llama3_70b"]
