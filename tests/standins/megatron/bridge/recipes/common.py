"""A stand-in for `megatron.bridge.recipes.common`, which needs CUDA: the values that all recipes start from."""

from pathlib import Path

from megatron.bridge.models import GPTModelProvider
from megatron.bridge.peft.lora import LoRA
from megatron.bridge.recipes.utils.finetune_utils import default_squad_config
from megatron.bridge.recipes.utils.optimizer_utils import distributed_fused_adam_with_cosine_annealing
from megatron.bridge.training.config import (
    CheckpointConfig,
    ConfigContainer,
    DistributedDataParallelConfig,
    GPTDatasetConfig,
    LoggerConfig,
    RNGConfig,
    TokenizerConfig,
    TrainingConfig,
)


def folders(base: str | None = None, name: str = "default") -> tuple[str, str]:
    """Where checkpoints and logs go unless someone says otherwise: below the working directory."""
    run = Path(base or Path.cwd() / "nemo_experiments", name)
    return str(run / "checkpoints"), str(run / "tb_logs")


def _pretrain_common() -> ConfigContainer:
    """What all pre-training starts from."""
    optimizer, scheduler = distributed_fused_adam_with_cosine_annealing(lr_warmup_iters=500, max_lr=3e-4, min_lr=3e-5)
    checkpoints, logs = folders()
    return ConfigContainer(
        model=GPTModelProvider(),
        train=TrainingConfig(
            train_iters=300000,
            eval_interval=500,
            eval_iters=32,
            global_batch_size=32,
            micro_batch_size=2,
            manual_gc=True,
            manual_gc_interval=100,
        ),
        optimizer=optimizer,
        scheduler=scheduler,
        ddp=DistributedDataParallelConfig(
            check_for_nan_in_grad=True,
            grad_reduce_in_fp32=True,
            overlap_grad_reduce=True,
            overlap_param_gather=True,
            average_in_collective=True,
            data_parallel_sharding_strategy="optim_grads_params",
            use_distributed_optimizer=True,
        ),
        dataset=GPTDatasetConfig(seq_length=4096, split="9999,8,2", dataloader_type="single"),
        logger=LoggerConfig(log_interval=10, tensorboard_dir=logs, log_timers_to_tensorboard=True),
        tokenizer=TokenizerConfig(tokenizer_type="HuggingFaceTokenizer"),
        checkpoint=CheckpointConfig(save_interval=500, save=checkpoints, load=checkpoints),
        mixed_precision="bf16_mixed",
    )


def _sft_common() -> ConfigContainer:
    """What all fine-tuning starts from."""
    optimizer, scheduler = distributed_fused_adam_with_cosine_annealing(
        lr_warmup_iters=50, max_lr=5e-6, min_lr=0.0, adam_beta2=0.98
    )
    checkpoints, logs = folders()
    return ConfigContainer(
        model=GPTModelProvider(),
        train=TrainingConfig(
            train_iters=1000, global_batch_size=128, micro_batch_size=1, eval_interval=100, eval_iters=32
        ),
        optimizer=optimizer,
        scheduler=scheduler,
        ddp=DistributedDataParallelConfig(check_for_nan_in_grad=True, grad_reduce_in_fp32=True),
        dataset=default_squad_config(seq_length=2048, packed_sequence=True),
        logger=LoggerConfig(log_interval=1, tensorboard_dir=logs, log_timers_to_tensorboard=True),
        tokenizer=TokenizerConfig(tokenizer_type="HuggingFaceTokenizer"),
        checkpoint=CheckpointConfig(save_interval=100, save=checkpoints, load=checkpoints),
        rng=RNGConfig(seed=5678),
        mixed_precision="bf16_mixed",
    )


def _peft_common() -> ConfigContainer:
    """What all training of adapters starts from."""
    config = _sft_common()
    config.optimizer.lr = 1e-4
    config.peft = LoRA()
    return config
