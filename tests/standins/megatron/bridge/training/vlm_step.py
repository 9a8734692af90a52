"""A stand-in for `megatron.bridge.training.vlm_step`, which needs CUDA."""

from collections.abc import Iterable
from typing import Any


def forward_step(state: Any, data_iterator: Iterable[Any], model: Any, return_schedule_plan: bool = False) -> Any:
    """A stand-in that takes no step."""
    raise NotImplementedError
