"""A stand-in for `nemo.collections.llm.recipes.log.default`, which needs CUDA.

The factories return Configs, and have the signatures and values, as in nemo_toolkit 2.5.3.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import nemo_run as run

from nemo import lightning as nl


def default_log(
    dir: str | None = None,  # noqa: A002  the real name
    name: str = "default",
    tensorboard_logger: Any = None,
    wandb_logger: Any = None,
) -> Any:
    """A Config of a stand-in for the logger."""
    ckpt = run.Config(
        nl.ModelCheckpoint,
        save_last=True,
        save_top_k=10,
        train_time_interval=run.Config(timedelta, minutes=15),
        filename="{model_name}--{val_loss:.2f}-{step}-{consumed_samples}",
    )
    return run.Config(
        nl.NeMoLogger, ckpt=ckpt, name=name, tensorboard=tensorboard_logger, wandb=wandb_logger, log_dir=dir
    )


def default_resume(resume_if_exists: bool = True, resume_ignore_no_checkpoint: bool = True) -> Any:
    """A Config of a stand-in for what resumes a run."""
    return run.Config(
        nl.AutoResume,
        resume_if_exists=resume_if_exists,
        resume_ignore_no_checkpoint=resume_ignore_no_checkpoint,
    )
