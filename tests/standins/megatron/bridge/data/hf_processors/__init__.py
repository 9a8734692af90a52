"""A stand-in for `megatron.bridge.data.hf_processors`, which needs CUDA."""
