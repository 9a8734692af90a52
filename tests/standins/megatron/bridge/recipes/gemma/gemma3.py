"""A stand-in for `megatron.bridge.recipes.gemma.gemma3`, which needs CUDA."""

from megatron.bridge.models import GPTModelProvider
from megatron.bridge.recipes.common import _pretrain_common
from megatron.bridge.training.config import ConfigContainer


def gemma3_1b_pretrain_config() -> ConfigContainer:
    """A stand-in for the pre-training of Gemma3 1B."""
    cfg = _pretrain_common()
    cfg.model = GPTModelProvider(seq_length=32768)
    cfg.tokenizer.tokenizer_type = "NullTokenizer"
    cfg.tokenizer.vocab_size = 32000
    cfg.dataset.seq_length = 32768
    cfg.train.train_iters = 1168251
    cfg.train.global_batch_size = 512
    cfg.train.micro_batch_size = 1
    cfg.train.eval_interval = 2000
    cfg.scheduler.lr_warmup_iters = 2000
    return cfg
