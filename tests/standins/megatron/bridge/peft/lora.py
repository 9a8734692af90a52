"""A stand-in for `megatron.bridge.peft.lora`, which needs CUDA."""

from dataclasses import dataclass, field
from typing import Literal

from megatron.bridge.peft.base import PEFT

LAYERS = ("linear_qkv", "linear_proj", "linear_fc1", "linear_fc2")


@dataclass
class LoRA(PEFT):
    """A stand-in for the adapter: the fields are the real ones."""

    target_modules: list[str] = field(default_factory=lambda: list(LAYERS))
    dim: int = 32
    alpha: int = 32
    dropout: float = 0.0
    dropout_position: Literal["pre", "post"] = "pre"
    lora_A_init_method: str = "xavier"  # noqa: N815  the real name
    lora_B_init_method: str = "zero"  # noqa: N815
    a2a_experimental: bool = False
    lora_dtype: str | None = None
