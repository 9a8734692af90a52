"""A stand-in for `nemo.collections.llm.gpt.model.llama`, which needs CUDA.

The fields and their values are those of nemo_toolkit 2.5.3, without the ones that hold torch
functions and without what `GPTConfig` inherits from Megatron.
"""
# ruff: noqa: UP006, UP035, UP045  Python 3.8 reads it

from dataclasses import dataclass
from typing import Any, List, Optional


@dataclass
class LlamaConfig:
    """A stand-in for the configuration of a Llama model."""

    normalization: str = "RMSNorm"
    gated_linear_unit: bool = True
    position_embedding_type: str = "rope"
    add_bias_linear: bool = False
    seq_length: int = 4096
    attention_dropout: float = 0.0
    hidden_dropout: float = 0.0
    share_embeddings_and_output_weights: bool = False


@dataclass
class Llama3Config(LlamaConfig):
    """A stand-in for the configuration of a Llama 3 model."""

    num_query_groups: int = 8
    init_method_std: float = 0.01
    layernorm_epsilon: float = 1.0e-05
    rotary_percent: float = 1.0


@dataclass
class Llama3Config8B(Llama3Config):
    """A stand-in for the configuration of the 8B Llama 3 model."""

    rotary_base: int = 500_000
    seq_length: int = 8192
    num_layers: int = 32
    hidden_size: int = 4096
    ffn_hidden_size: int = 14336
    num_attention_heads: int = 32


@dataclass
class Llama3Config70B(Llama3Config):
    """A stand-in for the configuration of the 70B Llama 3 model."""

    rotary_base: int = 500_000
    seq_length: int = 8192
    num_layers: int = 80
    hidden_size: int = 8192
    ffn_hidden_size: int = 28672
    num_attention_heads: int = 64
    init_method_std: float = 0.008944
    make_vocab_size_divisible_by: int = 128


class LlamaModel:
    """A stand-in for the Llama model, which is a Lightning module on CUDA: it holds its configuration."""

    def __init__(
        self,
        config: Optional[LlamaConfig] = None,
        optim: Any = None,
        tokenizer: Any = None,
        model_transform: Any = None,
        model_context_managers: Optional[List[Any]] = None,
    ) -> None:
        """The parameters are the real ones."""
        self.config = config or LlamaConfig()
        self.optim = optim
        self.tokenizer = tokenizer
        self.model_transform = model_transform
        self.model_context_managers = model_context_managers or []

    def __repr__(self) -> str:
        """`LlamaModel(config=Llama3Config8B(...))`."""
        return f"LlamaModel(config={self.config!r})"
