"""A stand-in for `nemo.collections.llm`, which needs CUDA: it re-exports what the real one does."""

from nemo.collections.llm.api import import_ckpt, pretrain
from nemo.collections.llm.gpt.data.mock import MockDataModule
from nemo.collections.llm.gpt.model.llama import Llama3Config, Llama3Config8B, Llama3Config70B, LlamaModel
from nemo.collections.llm.recipes import adam, default_log, default_resume, llama3_8b, llama3_70b

__all__ = [
    "Llama3Config",
    "Llama3Config8B",
    "Llama3Config70B",
    "LlamaModel",
    "MockDataModule",
    "adam",
    "default_log",
    "default_resume",
    "import_ckpt",
    "llama3_8b",
    "llama3_70b",
    "pretrain",
]
