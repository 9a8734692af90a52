"""A stand-in for `megatron.bridge.recipes.utils.finetune_utils`, which needs CUDA."""

from typing import Any

from megatron.bridge.data.builders.hf_dataset import HFDatasetConfig
from megatron.bridge.data.datasets.packed_sequence import PackedSequenceSpecs
from megatron.bridge.data.hf_processors.squad import process_squad_example
from megatron.bridge.peft.base import PEFT
from megatron.bridge.peft.dora import DoRA
from megatron.bridge.peft.lora import LoRA


def default_peft_config(peft_scheme: str | PEFT | None, **kwargs: Any) -> PEFT | None:
    """The adapter by its name, or the one given."""
    if peft_scheme is None or isinstance(peft_scheme, PEFT):
        return peft_scheme
    schemes = {"none": None, "lora": LoRA, "dora": DoRA}
    if peft_scheme.lower() not in schemes:
        raise ValueError(f"there is no PEFT scheme {peft_scheme!r}")
    scheme = schemes[peft_scheme.lower()]
    return scheme(**kwargs) if scheme else None


def default_squad_config(seq_length: int, packed_sequence: bool = False, pad_seq_to_mult: int = 1) -> HFDatasetConfig:
    """A stand-in for the SQuAD data set."""
    specs = PackedSequenceSpecs(packed_sequence_size=seq_length, pad_seq_to_mult=pad_seq_to_mult)
    return HFDatasetConfig(
        dataset_name="squad",
        process_example_fn=process_squad_example,
        seq_length=seq_length,
        seed=5678,
        num_workers=1,
        do_test=False,
        val_proportion=0.1,
        dataset_kwargs={"pad_to_max_length": True} if packed_sequence else {},
        packed_sequence_specs=specs if packed_sequence else None,
        rewrite=False,
    )
