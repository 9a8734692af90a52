"""A stand-in for `nemo.collections.llm.recipes.llama3_70b`, which needs CUDA."""

from __future__ import annotations

from typing import Any

import nemo_run as run

from nemo.collections.llm.gpt.model.llama import Llama3Config70B, LlamaModel

NAME = "llama3_70b"


def model() -> Any:
    """A Config of a stand-in for the Llama 3 70B model."""
    return run.Config(LlamaModel, config=run.Config(Llama3Config70B))
