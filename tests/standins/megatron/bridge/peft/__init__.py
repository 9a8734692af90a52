"""A stand-in for `megatron.bridge.peft`, which needs CUDA."""
