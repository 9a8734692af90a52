"""A stand-in for `megatron.bridge.recipes.llama`, which needs CUDA."""

from megatron.bridge.recipes.llama.llama3 import (
    llama32_1b_peft_config,
    llama32_1b_pretrain_config,
    llama32_1b_sft_config,
)

__all__ = ["llama32_1b_peft_config", "llama32_1b_pretrain_config", "llama32_1b_sft_config"]
