"""A stand-in for `megatron.bridge.models`, which needs CUDA and the Hugging Face hub."""

from dataclasses import dataclass
from typing import Any


@dataclass
class GPTModelProvider:
    """A stand-in for what makes a model: some of the fields that recipes set, with their defaults of 0.3.1.

    The real recipes ask the hub for the sizes of `hf_model_id`.
    """

    hf_model_id: str | None = None
    seq_length: int = 1024
    tensor_model_parallel_size: int = 1
    pipeline_model_parallel_size: int = 1
    pipeline_dtype: str | None = None
    virtual_pipeline_model_parallel_size: int | None = None
    context_parallel_size: int = 1
    sequence_parallel: bool = False
    transformer_impl: str = "transformer_engine"
    cross_entropy_loss_fusion: bool = True
    recompute_granularity: str | None = None
    recompute_modules: list[str] | None = None
    vocab_size: int | None = None
    tp_comm_overlap_cfg: str | dict[str, Any] | None = None


@dataclass
class Qwen25VLModelProvider(GPTModelProvider):
    """A stand-in for what makes a vision-language model."""

    freeze_language_model: bool = False
    freeze_vision_model: bool = False
    freeze_vision_projection: bool = False
