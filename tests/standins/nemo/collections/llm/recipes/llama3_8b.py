"""A stand-in for `nemo.collections.llm.recipes.llama3_8b`, which needs CUDA."""

from nemo.collections.llm.gpt.model.llama import Llama3Config8B, LlamaModel

NAME = "llama3_8b"


def model() -> LlamaModel:
    """A stand-in for the Llama 3 8B model, since NeMo needs CUDA.

    The real factory returns `run.Config(LlamaModel, config=run.Config(Llama3Config8B))`.
    """
    return LlamaModel(config=Llama3Config8B())
