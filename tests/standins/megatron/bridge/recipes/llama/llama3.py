"""A stand-in for `megatron.bridge.recipes.llama.llama3`, which needs CUDA."""

from megatron.bridge.models import GPTModelProvider
from megatron.bridge.peft.base import PEFT
from megatron.bridge.recipes.common import _peft_common, _pretrain_common, _sft_common
from megatron.bridge.recipes.utils.finetune_utils import default_peft_config
from megatron.bridge.training.config import ConfigContainer

HF_PATH = "meta-llama/Llama-3.2-1B"


def llama32_1b_pretrain_config() -> ConfigContainer:
    """A stand-in for the pre-training of Llama 3.2 1B."""
    cfg = _pretrain_common()
    cfg.model = GPTModelProvider(hf_model_id=HF_PATH, seq_length=8192)
    cfg.tokenizer.tokenizer_type = "NullTokenizer"
    cfg.tokenizer.vocab_size = 32000
    cfg.dataset.seq_length = 8192
    cfg.train.train_iters = 1168251
    cfg.train.global_batch_size = 512
    cfg.train.micro_batch_size = 1
    cfg.train.eval_interval = 2000
    cfg.scheduler.lr_warmup_iters = 2000
    cfg.ddp.data_parallel_sharding_strategy = "no_shard"
    return cfg


def llama32_1b_sft_config() -> ConfigContainer:
    """A stand-in for the fine-tuning of all of Llama 3.2 1B."""
    return _finetuned(_sft_common())


def llama32_1b_peft_config(peft_scheme: str | PEFT = "lora") -> ConfigContainer:
    """A stand-in for the training of an adapter of Llama 3.2 1B."""
    cfg = _finetuned(_peft_common())
    cfg.peft = default_peft_config(peft_scheme)
    cfg.optimizer.use_distributed_optimizer = False
    cfg.model.cross_entropy_loss_fusion = False
    return cfg


def _finetuned(cfg: ConfigContainer) -> ConfigContainer:
    cfg.model = GPTModelProvider(hf_model_id=HF_PATH, seq_length=4096)
    cfg.tokenizer.tokenizer_model = HF_PATH
    cfg.dataset.seq_length = 4096
    cfg.dataset.packed_sequence_specs.packed_sequence_size = 4096
    cfg.train.eval_interval = 30
    cfg.train.global_batch_size = 8
    cfg.train.manual_gc = True
    cfg.train.manual_gc_interval = 100
    cfg.checkpoint.save_interval = 50
    cfg.ddp.grad_reduce_in_fp32 = False
    return cfg
