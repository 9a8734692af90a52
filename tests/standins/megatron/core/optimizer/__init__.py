"""A stand-in for `megatron.core.optimizer`, which needs CUDA: fields and defaults are those of megatron-core 0.16.1.

Where the real one holds a torch dtype, this one holds its name.
"""
# ruff: noqa: UP045  Python 3.8 reads it

from dataclasses import dataclass
from typing import Optional


@dataclass
class OptimizerConfig:
    """A stand-in for the configuration of an optimizer: the fields that recipes set."""

    lr: Optional[float] = None
    min_lr: Optional[float] = None
    weight_decay: float = 0.01
    fp16: bool = False
    bf16: bool = False
    use_precision_aware_optimizer: bool = False
    main_grads_dtype: str = "float32"
    main_params_dtype: str = "float32"
    exp_avg_dtype: str = "float32"
    exp_avg_sq_dtype: str = "float32"
    optimizer: str = "adam"
    adam_beta1: float = 0.9
    adam_beta2: float = 0.999
    adam_eps: float = 1e-08
    use_distributed_optimizer: bool = False
    clip_grad: float = 1.0
