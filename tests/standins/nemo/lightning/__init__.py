"""A stand-in for `nemo.lightning`, which needs CUDA: what the Llama 3 recipe and the guide's partial build.

Parameters and defaults are those of nemo_toolkit 2.5.3, less the ones that no recipe here sets.
Where the real ones hold a torch dtype, these hold its name.
"""
# ruff: noqa: UP006, UP007, UP035, UP045  the annotations are the real ones, and Python 3.8 reads them

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, List, Optional, Union

from megatron.core.distributed import DistributedDataParallelConfig
from megatron.core.optimizer import OptimizerConfig


class Trainer:
    """A stand-in for the trainer, which is Lightning's: it holds the settings that it was given."""

    def __init__(self, **settings: Any) -> None:
        """Lightning has some forty settings, all of them optional."""
        self.settings = settings


@dataclass
class MegatronStrategy:
    """A stand-in for the strategy that shards a model over GPUs."""

    tensor_model_parallel_size: int = 1
    pipeline_model_parallel_size: int = 1
    virtual_pipeline_model_parallel_size: Optional[int] = None
    context_parallel_size: int = 1
    sequence_parallel: bool = False
    ddp: Union[str, DistributedDataParallelConfig] = "megatron"
    fsdp: Optional[str] = None
    pipeline_dtype: Optional[str] = None
    ckpt_async_save: bool = True
    ckpt_parallel_load: bool = True
    gradient_as_bucket_view: bool = False


@dataclass
class MegatronMixedPrecision:
    """A stand-in for the plugin of mixed precision."""

    precision: str
    params_dtype: Optional[str] = None
    pipeline_dtype: Optional[str] = None
    autocast_enabled: bool = False
    grad_reduce_in_fp32: bool = True


@dataclass
class ModelCheckpoint:
    """A stand-in for the callback that saves checkpoints."""

    monitor: Optional[str] = "val_loss"
    save_last: Optional[Union[bool, str]] = True
    save_top_k: int = 3
    train_time_interval: Optional[timedelta] = None
    filename: Optional[str] = None


@dataclass
class NeMoLogger:
    """A stand-in for the logger: the fields are the real ones."""

    name: str = "default"
    log_dir: Optional[str] = None
    explicit_log_dir: Optional[str] = None
    version: Optional[str] = None
    use_datetime_version: bool = True
    log_local_rank_0_only: bool = False
    log_global_rank_0_only: bool = False
    files_to_copy: Optional[List[str]] = None
    update_logger_directory: bool = True
    ckpt: Optional[ModelCheckpoint] = None
    tensorboard: Any = None
    wandb: Any = None
    extra_loggers: List[Any] = field(default_factory=list)


@dataclass
class AutoResume:
    """A stand-in for what resumes a run: the fields are the real ones."""

    restore_config: Any = None
    resume_from_directory: Optional[str] = None
    resume_from_path: Optional[str] = None
    resume_if_exists: bool = False
    resume_past_end: bool = False
    resume_ignore_no_checkpoint: bool = False


@dataclass
class CosineAnnealingScheduler:
    """A stand-in for the schedule of the learning rate: the fields are the real ones."""

    max_steps: int = 10
    warmup_steps: int = 750
    constant_steps: int = 80000
    min_lr: float = 6e-5
    interval: str = "step"
    frequency: int = 1
    monitor: str = "val_loss"


@dataclass
class MegatronOptimizerModule:
    """A stand-in for the optimizer: the fields are the real ones."""

    config: OptimizerConfig
    lr_scheduler: Optional[CosineAnnealingScheduler] = None
    no_weight_decay_cond: Any = None
    scale_lr_cond: Any = None
    lr_mult: float = 1.0
