"""A stand-in for `megatron.bridge.data.builders.hf_dataset`, which needs the Hugging Face hub."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from megatron.bridge.training.config import FinetuningDatasetConfig


@dataclass(kw_only=True)
class HFDatasetConfig(FinetuningDatasetConfig):
    """A stand-in for a data set of the hub: fields and defaults are those of 0.3.1."""

    dataset_name: str
    process_example_fn: Callable[..., Any]
    dataset_subset: str | None = None
    dataset_dict: Any = None
    split: str | None = None
    download_mode: str | None = None
    val_proportion: float | None = 0.05
    split_val_from_train: bool = True
    delete_raw: bool = False
    rewrite: bool = True
    hf_kwargs: dict[str, Any] | None = None
    hf_filter_lambda: Callable[..., Any] | None = None
    hf_filter_lambda_kwargs: dict[str, Any] | None = None
