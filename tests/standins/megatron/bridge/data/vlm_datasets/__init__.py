"""A stand-in for `megatron.bridge.data.vlm_datasets`, which needs the Hugging Face hub."""

from dataclasses import dataclass
from typing import Any

from megatron.bridge.training.config import DatasetProvider


@dataclass(kw_only=True)
class MockVLMConversationProvider(DatasetProvider):
    """A stand-in for made-up conversations about pictures: fields and defaults are those of 0.3.1."""

    seq_length: int
    hf_processor_path: str
    prompt: str = "Describe this image."
    random_seed: int = 0
    image_size: tuple[int, int] = (256, 256)
    pad_to_max_length: bool = True
    create_attention_mask: bool = True
    skip_getting_attention_mask_from_dataset: bool = True
    num_images: int = 1
    pack_sequences_in_batch: bool = False


@dataclass(kw_only=True)
class HFDatasetConversationProvider(DatasetProvider):
    """A stand-in for conversations from the hub: fields and defaults are those of 0.3.1."""

    seq_length: int
    hf_processor_path: str
    maker_name: str
    maker_kwargs: dict[str, Any] | None = None
    skip_getting_attention_mask_from_dataset: bool = True
    pack_sequences_in_batch: bool = False
