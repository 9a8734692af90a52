"""A stand-in for `megatron.bridge.data`, which needs CUDA."""
