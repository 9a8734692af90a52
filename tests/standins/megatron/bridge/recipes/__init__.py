"""A stand-in for `megatron.bridge.recipes`, which needs CUDA: like the real one it exports the recipes of all families."""

from megatron.bridge.recipes.gemma import *  # noqa: F403
from megatron.bridge.recipes.llama import *  # noqa: F403
from megatron.bridge.recipes.qwen import *  # noqa: F403
from megatron.bridge.recipes.qwen_vl import *  # noqa: F403
