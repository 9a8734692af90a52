"""A stand-in for `megatron.bridge.training`, which needs CUDA."""
