"""A stand-in for `megatron.bridge.recipes.utils`, which needs CUDA."""
