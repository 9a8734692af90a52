"""A stand-in for `megatron.bridge.data.datasets`, which needs CUDA."""
