"""A stand-in for `megatron.bridge.recipes.gemma`, which needs CUDA."""

from megatron.bridge.recipes.gemma.gemma3 import gemma3_1b_pretrain_config

__all__ = ["gemma3_1b_pretrain_config"]
