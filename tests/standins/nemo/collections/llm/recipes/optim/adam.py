"""A stand-in for `nemo.collections.llm.recipes.optim.adam`, which needs CUDA."""

from __future__ import annotations

from typing import Any

import nemo_run as run
from megatron.core.optimizer import OptimizerConfig

from nemo import lightning as nl


def distributed_fused_adam_with_cosine_annealing(
    precision: str = "bf16-mixed",
    warmup_steps: int = 2000,
    constant_steps: int = 0,
    adam_beta1: float = 0.9,
    adam_beta2: float = 0.95,
    max_lr: float = 1e-4,
    min_lr: float | None = None,
    clip_grad: float = 1.0,
) -> Any:
    """A Config of a stand-in for the optimizer; signature and values are those of nemo_toolkit 2.5.3."""
    config = run.Config(
        OptimizerConfig,
        optimizer="adam",
        lr=max_lr,
        weight_decay=0.1,
        bf16=precision == "bf16-mixed",
        fp16=precision == "16-mixed",
        adam_beta1=adam_beta1,
        adam_beta2=adam_beta2,
        adam_eps=1e-5,
        use_distributed_optimizer=True,
        clip_grad=clip_grad,
    )
    schedule = run.Config(
        nl.CosineAnnealingScheduler,
        warmup_steps=warmup_steps,
        constant_steps=constant_steps,
        min_lr=0.1 * max_lr if min_lr is None else min_lr,
    )
    return run.Config(nl.MegatronOptimizerModule, config=config, lr_scheduler=schedule)
