"""A stand-in for `megatron.core.distributed`, which needs CUDA: fields and defaults are those of megatron-core 0.16.1."""

from dataclasses import dataclass


@dataclass
class DistributedDataParallelConfig:
    """A stand-in for the configuration of data parallelism: the fields that recipes set."""

    grad_reduce_in_fp32: bool = False
    overlap_grad_reduce: bool = False
    overlap_param_gather: bool = False
    use_distributed_optimizer: bool = False
    check_for_nan_in_grad: bool = False
    average_in_collective: bool = False
    use_megatron_fsdp: bool = False
    data_parallel_sharding_strategy: str = "no_shard"
