"""A stand-in for `nemo.collections.llm.recipes.log`, which needs CUDA."""
