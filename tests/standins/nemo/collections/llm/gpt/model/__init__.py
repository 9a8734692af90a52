"""A stand-in for `nemo.collections.llm.gpt.model`, which needs CUDA."""
