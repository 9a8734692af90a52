"""A stand-in for `megatron.bridge.training.pretrain`, which needs CUDA."""

from collections.abc import Callable
from typing import Any

from megatron.bridge.training.config import ConfigContainer
from standin import receive


def pretrain(config: ConfigContainer, forward_step_func: Callable[..., Any], callbacks: Any = None) -> None:
    """A stand-in that trains nothing; the signature is that of 0.3.1."""
    receive({"config": config, "forward_step_func": forward_step_func, "callbacks": callbacks})
    print(f"stand-in for pretrain: {config.model.hf_model_id}, {config.train.train_iters} iterations")
