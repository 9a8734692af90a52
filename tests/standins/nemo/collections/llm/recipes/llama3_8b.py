"""A stand-in for `nemo.collections.llm.recipes.llama3_8b`, which needs CUDA.

The factories return Configs, and have the signatures and values, as in nemo_toolkit 2.5.3.
"""

from __future__ import annotations

from typing import Any

import nemo_run as run
from megatron.core.distributed import DistributedDataParallelConfig

from nemo import lightning as nl
from nemo.collections.llm.gpt.model.llama import Llama3Config8B, LlamaModel

NAME = "llama3_8b"


def model() -> Any:
    """A Config of a stand-in for the Llama 3 8B model."""
    return run.Config(LlamaModel, config=run.Config(Llama3Config8B))


def trainer(
    tensor_parallelism: int = 1,
    pipeline_parallelism: int = 1,
    pipeline_parallelism_type: str | None = None,
    virtual_pipeline_parallelism: int | None = None,
    context_parallelism: int = 2,
    sequence_parallelism: bool = False,
    num_nodes: int = 1,
    num_gpus_per_node: int = 8,
    max_steps: int = 1168251,
    callbacks: list[Any] | None = None,
) -> Any:
    """A Config of a stand-in for the trainer."""
    strategy = run.Config(
        nl.MegatronStrategy,
        tensor_model_parallel_size=tensor_parallelism,
        pipeline_model_parallel_size=pipeline_parallelism,
        pipeline_dtype=pipeline_parallelism_type,
        virtual_pipeline_model_parallel_size=virtual_pipeline_parallelism,
        context_parallel_size=context_parallelism,
        sequence_parallel=sequence_parallelism,
        gradient_as_bucket_view=True,
        ckpt_async_save=True,
        ckpt_parallel_load=True,
        ddp=run.Config(
            DistributedDataParallelConfig,
            check_for_nan_in_grad=True,
            grad_reduce_in_fp32=True,
            overlap_grad_reduce=True,
            overlap_param_gather=True,
            average_in_collective=True,
            data_parallel_sharding_strategy="optim_grads_params",
        ),
        fsdp=None,
    )
    precision = run.Config(
        nl.MegatronMixedPrecision,
        precision="bf16-mixed",
        params_dtype="bfloat16",
        pipeline_dtype="bfloat16",
        autocast_enabled=False,
        grad_reduce_in_fp32=True,
    )
    return run.Config(
        nl.Trainer,
        accelerator="gpu",
        accumulate_grad_batches=1,
        callbacks=callbacks,
        devices=num_gpus_per_node,
        limit_test_batches=50,
        limit_val_batches=32,
        log_every_n_steps=10,
        max_steps=max_steps,
        num_nodes=num_nodes,
        plugins=precision,
        strategy=strategy,
        use_distributed_sampler=False,
        val_check_interval=2000,
    )
