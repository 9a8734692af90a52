"""A stand-in for `megatron.bridge.recipes.qwen`, which needs CUDA."""

from megatron.bridge.recipes.qwen.qwen3 import qwen3_8b_pretrain_config

__all__ = ["qwen3_8b_pretrain_config"]
