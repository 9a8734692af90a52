"""A stand-in for `megatron.bridge.recipes.qwen_vl.qwen25_vl`, which needs CUDA."""

from typing import Any

from megatron.bridge.data.vlm_datasets import HFDatasetConversationProvider, MockVLMConversationProvider
from megatron.bridge.models import Qwen25VLModelProvider
from megatron.bridge.peft.base import PEFT
from megatron.bridge.recipes.common import _pretrain_common, folders
from megatron.bridge.recipes.utils.finetune_utils import default_peft_config
from megatron.bridge.recipes.utils.optimizer_utils import distributed_fused_adam_with_cosine_annealing
from megatron.bridge.training.config import ConfigContainer

HF_PATH = "Qwen/Qwen2.5-VL-3B-Instruct"


def qwen25_vl_3b_finetune_config(**user_kwargs: Any) -> ConfigContainer:
    """A stand-in for the fine-tuning of Qwen2.5-VL 3B; the real options are a TypedDict of some 35 names."""
    peft = user_kwargs.get("peft")
    whole = peft is None or (isinstance(peft, str) and peft.lower() == "none")
    recommended = {"hf_path": HF_PATH, "tensor_model_parallel_size": 1, "finetune_lr": 5e-6 if whole else 1e-4}
    return _qwen25_vl_common(**{**recommended, **user_kwargs})


def _qwen25_vl_common(
    hf_path: str,
    dir: str | None = None,  # noqa: A002  the real name
    name: str = "qwen25_vl_finetune",
    pretrained_checkpoint: str | None = None,
    dataset_type: str | None = None,
    tensor_model_parallel_size: int = 2,
    train_iters: int = 300000,
    global_batch_size: int = 32,
    micro_batch_size: int = 2,
    seq_length: int = 4096,
    min_lr: float = 3e-5,
    lr_warmup_iters: int = 500,
    freeze_language_model: bool = False,
    freeze_vision_model: bool = False,
    freeze_vision_projection: bool = False,
    peft: str | PEFT | None = None,
    finetune_lr: float = 3e-4,
) -> ConfigContainer:
    """Some of the real options, with their defaults of 0.3.1."""
    cfg = _pretrain_common()
    cfg.model = Qwen25VLModelProvider(
        hf_model_id=hf_path,
        seq_length=seq_length,
        tensor_model_parallel_size=tensor_model_parallel_size,
        freeze_language_model=freeze_language_model,
        freeze_vision_model=freeze_vision_model,
        freeze_vision_projection=freeze_vision_projection,
    )
    cfg.optimizer, cfg.scheduler = distributed_fused_adam_with_cosine_annealing(
        lr_warmup_iters=lr_warmup_iters, lr_decay_iters=train_iters, max_lr=finetune_lr, min_lr=min_lr
    )
    cfg.train.train_iters = train_iters
    cfg.train.global_batch_size = global_batch_size
    cfg.train.micro_batch_size = micro_batch_size
    cfg.peft = default_peft_config(peft)
    common: dict[str, Any] = {"seq_length": seq_length, "hf_processor_path": hf_path, "dataloader_type": "single"}
    if dataset_type == "mock":
        cfg.dataset = MockVLMConversationProvider(num_workers=1, **common)
    elif dataset_type in (None, "hf"):
        cfg.dataset = HFDatasetConversationProvider(num_workers=2, maker_name="make_cord_v2_dataset", **common)
    else:
        raise ValueError(f"there is no data set {dataset_type!r}")
    cfg.checkpoint.pretrained_checkpoint = pretrained_checkpoint
    cfg.checkpoint.save, cfg.logger.tensorboard_dir = folders(dir, name)
    cfg.checkpoint.load = cfg.checkpoint.save
    return cfg
