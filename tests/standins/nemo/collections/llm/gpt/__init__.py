"""A stand-in for `nemo.collections.llm.gpt`, which needs CUDA."""
