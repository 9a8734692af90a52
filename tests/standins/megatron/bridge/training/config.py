"""A stand-in for `megatron.bridge.training.config`, which needs CUDA.

`ConfigContainer` has all fields of 0.3.1, its parts the ones that recipes and people set most, with their defaults.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from megatron.bridge.data.datasets.packed_sequence import PackedSequenceSpecs
from megatron.bridge.models import GPTModelProvider
from megatron.bridge.peft.base import PEFT
from megatron.core.distributed import DistributedDataParallelConfig
from megatron.core.optimizer import OptimizerConfig


@dataclass(kw_only=True)
class RNGConfig:
    """A stand-in for the seeds."""

    seed: int = 1234
    te_rng_tracker: bool = False
    inference_rng_tracker: bool = False
    data_parallel_random_init: bool = False


@dataclass(kw_only=True)
class DistributedInitConfig:
    """A stand-in for how ranks find each other."""

    distributed_backend: Literal["nccl", "gloo"] = "nccl"
    distributed_timeout_minutes: int = 10
    local_rank: int = field(default_factory=lambda: int(os.getenv("LOCAL_RANK", "0")))
    lazy_init: bool = False
    use_megatron_fsdp: bool = False


@dataclass
class RerunStateMachineConfig:
    """A stand-in for the checks of the loss."""

    error_injection_rate: int = 0
    rerun_mode: Literal["disabled", "validate_results", "report_determinism_stats"] = "disabled"
    check_for_nan_in_loss: bool = True
    check_for_spiky_loss: bool = False


@dataclass(kw_only=True)
class DataloaderConfig:
    """A stand-in for what all data sets have."""

    dataloader_type: Literal["single", "cyclic", "batch", "external"] | None = None
    num_workers: int = 8
    data_sharding: bool = True
    pin_memory: bool = True
    persistent_workers: bool = False
    trust_remote_code: bool | None = None


@dataclass(kw_only=True)
class DatasetProvider(DataloaderConfig):
    """A stand-in for a data set that makes itself."""


@dataclass(kw_only=True)
class GPTDatasetConfig(DataloaderConfig):
    """A stand-in for a data set of texts; without a `blend` it is made up."""

    random_seed: int = 1234
    seq_length: int
    blend: Any = None
    blend_per_split: Any = None
    split: str | None = None
    reset_position_ids: bool | None = None
    reset_attention_mask: bool | None = None
    eod_mask_loss: bool | None = None


@dataclass(kw_only=True)
class FinetuningDatasetConfig(DataloaderConfig):
    """A stand-in for a data set of examples."""

    dataloader_type: Literal["single", "cyclic", "batch", "external"] | None = "batch"
    dataset_root: str | Path | None = None
    seq_length: int
    seed: int = 1234
    memmap_workers: int = 1
    max_train_samples: int | None = None
    packed_sequence_specs: PackedSequenceSpecs | None = None
    dataset_kwargs: dict[str, Any] | None = None
    do_validation: bool = True
    do_test: bool = True


@dataclass(kw_only=True)
class SchedulerConfig:
    """A stand-in for the schedule of the learning rate."""

    lr_decay_style: Literal["constant", "linear", "cosine", "inverse-square-root", "WSD"] = "linear"
    lr_decay_iters: int | None = None
    lr_warmup_fraction: float | None = None
    lr_warmup_iters: int = 0
    lr_warmup_init: float = 0.0
    override_opt_param_scheduler: bool = False
    start_weight_decay: float | None = None
    end_weight_decay: float | None = None
    weight_decay_incr_style: Literal["constant", "linear", "cosine"] = "constant"


@dataclass(kw_only=True)
class TrainingConfig:
    """A stand-in for the training loop."""

    micro_batch_size: int | None = None
    global_batch_size: int | None = None
    rampup_batch_size: list[int] | None = None
    train_iters: int | None = None
    train_samples: int | None = None
    exit_interval: int | None = None
    exit_duration_in_mins: int | None = None
    manual_gc: bool = False
    manual_gc_interval: int = 0
    manual_gc_eval: bool = True
    iterations_to_skip: list[int] = field(default_factory=list)
    eval_iters: int = 100
    eval_interval: int | None = 1000
    skip_train: bool = False


@dataclass(kw_only=True)
class CheckpointConfig:
    """A stand-in for checkpoints."""

    save: str | None = None
    save_interval: int | None = None
    most_recent_k: int | None = -1
    save_optim: bool = True
    load: str | None = None
    load_optim: bool = True
    finetune: bool = False
    pretrained_checkpoint: str | None = None
    ckpt_format: Literal["torch_dist", "zarr", "fsdp_dtensor"] = "torch_dist"
    fully_parallel_save: bool = True
    async_save: bool = False


@dataclass(kw_only=True)
class LoggerConfig:
    """A stand-in for logs."""

    log_interval: int = 100
    tensorboard_dir: str | None = None
    log_timers_to_tensorboard: bool = False
    wandb_project: str | None = None
    wandb_exp_name: str | None = None
    wandb_entity: str | None = None


@dataclass
class TokenizerConfig:
    """A stand-in for the tokenizer; the real one lies in `training.tokenizers.config`."""

    vocab_size: int | None = None
    tokenizer_type: str | None = None
    tokenizer_model: str | Path | None = None


@dataclass(kw_only=True)
class ProfilingConfig:
    """A stand-in for the profilers."""

    use_nsys_profiler: bool = False
    profile_step_start: int = 10
    profile_step_end: int = 12
    use_pytorch_profiler: bool = False
    profile_ranks: list[int] = field(default_factory=lambda: [0])


@dataclass
class OptimizerConfigOverrideProvider:
    """A stand-in for what changes the optimizer layer by layer."""


@dataclass(kw_only=True)
class ConfigContainer:
    """A stand-in for the root of every configuration: its fields are the real ones, in their order."""

    rng: RNGConfig = field(default_factory=RNGConfig)
    rerun_state_machine: RerunStateMachineConfig = field(default_factory=RerunStateMachineConfig)
    train: TrainingConfig
    model: GPTModelProvider
    optimizer: OptimizerConfig
    optimizer_config_override_provider: OptimizerConfigOverrideProvider = field(
        default_factory=OptimizerConfigOverrideProvider
    )
    ddp: DistributedDataParallelConfig = field(default_factory=DistributedDataParallelConfig)
    scheduler: SchedulerConfig
    dataset: GPTDatasetConfig | FinetuningDatasetConfig | DatasetProvider
    logger: LoggerConfig
    tokenizer: TokenizerConfig
    checkpoint: CheckpointConfig
    dist: DistributedInitConfig = field(default_factory=DistributedInitConfig)
    ft: Any = None
    straggler: Any = None
    nvrx_straggler: Any = None
    profiling: ProfilingConfig = field(default_factory=ProfilingConfig)
    peft: PEFT | None = None
    comm_overlap: Any = None
    mixed_precision: Any = None
    tensor_inspect: Any = None
    inprocess_restart: Any = None
