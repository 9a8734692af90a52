"""A stand-in for `megatron.bridge.data.datasets.packed_sequence`, which needs CUDA."""

from dataclasses import dataclass


@dataclass
class PackedSequenceSpecs:
    """A stand-in for the packing of sequences: fields and defaults are those of 0.3.1."""

    packed_sequence_size: int = -1
    tokenizer_model_name: str | None = None
    packed_train_data_path: str | None = None
    packed_val_data_path: str | None = None
    packed_metadata_path: str | None = None
    pad_cu_seqlens: bool = False
    pad_seq_to_mult: int | None = 1
