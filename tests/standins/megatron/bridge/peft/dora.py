"""A stand-in for `megatron.bridge.peft.dora`, which needs CUDA."""

from dataclasses import dataclass, field
from typing import Literal

from megatron.bridge.peft.base import PEFT
from megatron.bridge.peft.lora import LAYERS


@dataclass
class DoRA(PEFT):
    """A stand-in for the adapter: the fields are the real ones."""

    target_modules: list[str] = field(default_factory=lambda: list(LAYERS))
    dim: int = 32
    alpha: int = 64
    dropout: float = 0.0
    dropout_position: Literal["pre", "post"] = "pre"
    lora_A_init_method: str = "xavier"  # noqa: N815  the real name
    lora_B_init_method: str = "zero"  # noqa: N815
