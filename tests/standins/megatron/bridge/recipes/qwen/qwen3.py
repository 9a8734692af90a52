"""A stand-in for `megatron.bridge.recipes.qwen.qwen3`, which needs CUDA."""

from megatron.bridge.models import GPTModelProvider
from megatron.bridge.recipes.common import _pretrain_common
from megatron.bridge.training.config import ConfigContainer


def qwen3_8b_pretrain_config() -> ConfigContainer:
    """A stand-in for the pre-training of Qwen3 8B."""
    cfg = _pretrain_common()
    cfg.model = GPTModelProvider(hf_model_id="Qwen/Qwen3-8B", seq_length=4096, tensor_model_parallel_size=4)
    cfg.tokenizer.tokenizer_model = "Qwen/Qwen3-8B"
    return cfg
