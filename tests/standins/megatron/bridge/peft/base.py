"""A stand-in for `megatron.bridge.peft.base`, which needs CUDA."""

from dataclasses import dataclass, field


@dataclass
class PEFT:
    """A stand-in for the base of the adapters."""

    params_to_save: set[str] = field(default_factory=set, init=False, repr=False)
