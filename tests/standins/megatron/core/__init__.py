"""A stand-in for Megatron Core, which needs CUDA."""
