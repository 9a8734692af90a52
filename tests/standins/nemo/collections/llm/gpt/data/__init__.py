"""A stand-in for `nemo.collections.llm.gpt.data`, which needs CUDA."""
