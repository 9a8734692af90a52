"""A stand-in for `nemo.collections.llm.recipes.llama3_70b`, which needs CUDA."""

from nemo.collections.llm.gpt.model.llama import Llama3Config70B, LlamaModel

NAME = "llama3_70b"


def model() -> LlamaModel:
    """A stand-in for the Llama 3 70B model, since NeMo needs CUDA.

    The real factory returns `run.Config(LlamaModel, config=run.Config(Llama3Config70B))`.
    """
    return LlamaModel(config=Llama3Config70B())
