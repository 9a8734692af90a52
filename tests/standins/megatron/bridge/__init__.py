"""A stand-in for Megatron Bridge, which needs CUDA: what its README names, with the layout and signatures of megatron-bridge 0.3.1."""
