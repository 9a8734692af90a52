"""A stand-in for `megatron.bridge.training.finetune`, which needs CUDA."""

from collections.abc import Callable
from typing import Any

from megatron.bridge.training.config import ConfigContainer
from megatron.bridge.training.pretrain import pretrain


def finetune(config: ConfigContainer, forward_step_func: Callable[..., Any]) -> None:
    """A stand-in that trains nothing; the signature is that of 0.3.1, and so is what it refuses."""
    if config.checkpoint.pretrained_checkpoint is None and config.checkpoint.load is None:
        raise AssertionError("finetuning starts from a checkpoint")
    pretrain(config, forward_step_func)
