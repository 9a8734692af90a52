"""A stand-in for NVIDIA NeMo 2.x, which needs CUDA: the names that the tests call, with the real signatures."""
