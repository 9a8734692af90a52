"""A stand-in for `megatron.bridge.recipes.qwen_vl`, which needs CUDA."""

from megatron.bridge.recipes.qwen_vl.qwen25_vl import qwen25_vl_3b_finetune_config

__all__ = ["qwen25_vl_3b_finetune_config"]
