"""A stand-in for the package of NeMo's collections, which need CUDA."""
