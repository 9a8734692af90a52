"""A stand-in for `megatron.bridge.recipes.qwen_vl`, which re-exports the recipes of Qwen3-VL alone."""
