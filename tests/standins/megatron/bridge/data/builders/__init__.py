"""A stand-in for `megatron.bridge.data.builders`, which needs CUDA."""
