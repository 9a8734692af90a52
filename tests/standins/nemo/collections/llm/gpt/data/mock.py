"""A stand-in for `nemo.collections.llm.gpt.data.mock`, which needs CUDA."""
# ruff: noqa: UP006, UP035, UP045  the annotations are the real ones, and Python 3.8 reads them

from dataclasses import dataclass
from typing import Any, List, Optional


@dataclass
class MockDataModule:
    """A stand-in for the data module that makes up its data: the parameters are those of nemo_toolkit 2.5.3."""

    seq_length: int = 2048
    tokenizer: Optional[Any] = None
    micro_batch_size: int = 4
    global_batch_size: int = 8
    rampup_batch_size: Optional[List[int]] = None
    num_train_samples: int = 10_000_000
    num_val_samples: int = 10_000
    num_test_samples: int = 10_000
    num_workers: int = 8
    pin_memory: bool = True
    persistent_workers: bool = False
    create_attention_mask: bool = False
    vocab_file: Optional[str] = None
    merges_file: Optional[str] = None
