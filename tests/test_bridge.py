"""The documents' Python and our recipes build the same objects.

Each recipe is compiled for the default cluster, its `call.json` is run, and its function leaves what it was called
with. `WRITTEN` is the Python of NeMo-Run's guide and what Megatron Bridge's `run_recipe.py` does for the README's
command lines; it runs in a process of its own, and must leave the same, to the last field and type. NeMo and Megatron
Bridge need CUDA: both sides call stand-ins with their signatures.
"""

from __future__ import annotations

import inspect
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.project import REPO, Project, Said
from tests.test_runtime import VERSIONS, interpreter

STANDINS = REPO / "tests" / "standins"
GUIDE = """
import nemo_run as run
from nemo.collections import llm
from nemo.collections.llm import llama3_8b, default_log, default_resume, adam
from nemo.collections.llm.gpt.data.mock import MockDataModule

partial = run.Partial(
    llm.pretrain,
    model=llama3_8b.model(),
    trainer=llama3_8b.trainer(
        tensor_parallelism=1,
        pipeline_parallelism=1,
        pipeline_parallelism_type=None,
        virtual_pipeline_parallelism=None,
        context_parallelism=2,
        sequence_parallelism=False,
        num_nodes=1,
        num_gpus_per_node=8,
    ),
    data=run.Config(MockDataModule, seq_length=8192, global_batch_size=512, micro_batch_size=1),
    log=default_log(dir="/checkpoints/llama3_8b", name="llama3_8b"),
    optim=adam.distributed_fused_adam_with_cosine_annealing(max_lr=3e-4),
    resume=default_resume(),
)
run.run(partial, direct=True)
"""
RUN_RECIPE = """
import megatron.bridge.recipes as recipes
from megatron.bridge.peft.lora import LoRA
from megatron.bridge.recipes.qwen_vl import qwen25_vl
from megatron.bridge.training.finetune import finetune
from megatron.bridge.training.gpt_step import forward_step as gpt_step
from megatron.bridge.training.pretrain import pretrain
from megatron.bridge.training.vlm_step import forward_step as vlm_step
"""
WRITTEN = {
    "llama3_8b_pretrain": GUIDE,
    "megatron_bridge_pretrain": RUN_RECIPE
    + """
config = recipes.llama32_1b_pretrain_config()
pretrain(config=config, forward_step_func=gpt_step)
""",
    "megatron_bridge_overrides": RUN_RECIPE
    + """
config = recipes.llama32_1b_pretrain_config()
config.train.train_iters = 5000
config.optimizer.lr = 0.0002
config.model.tensor_model_parallel_size = 2
pretrain(config=config, forward_step_func=gpt_step)
""",
    "megatron_bridge_finetune": RUN_RECIPE
    + """
config = recipes.llama32_1b_peft_config(peft_scheme=LoRA(target_modules=["linear_qkv"], dim=16, alpha=32))
config.checkpoint.pretrained_checkpoint = "/checkpoints/llama32_1b"
config.train.train_iters = 200
finetune(config=config, forward_step_func=gpt_step)
""",
    "megatron_bridge_vlm_step": RUN_RECIPE
    + """
config = qwen25_vl.qwen25_vl_3b_finetune_config(
    dataset_type="mock", peft="lora", pretrained_checkpoint="/checkpoints/qwen25_vl_3b", freeze_vision_model=True
)
config.dataset.image_size = (448, 448)
finetune(config=config, forward_step_func=vlm_step)
""",
}
# What a Python without Fiddle and of any age can run: Megatron Bridge itself needs 3.10.
RUNS = [
    (name, version) for name in WRITTEN for version in VERSIONS if "bridge" not in name or version not in {"3.8", "3.9"}
]


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The bundles of this repository's recipes for its default cluster, by name."""
    out = tmp_path_factory.mktemp("bundles")
    said = run_recipec("compile", "recipes", "--out", str(out))
    assert (said.code, said.err) == (0, "")
    return {folder.name.rpartition("-")[0]: folder for folder in out.iterdir()}


def run_recipec(*args: str) -> Said:
    return Project(REPO).run(*args)


def received(argv: list[str], folder: Path) -> dict[str, Any]:
    """What the function was called with."""
    folder.mkdir()
    env = {
        "RECIPEC_RUN_DIR": str(folder),
        "PYTHONPATH": str(STANDINS),
        "PATH": os.environ["PATH"],
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(argv, env=env, cwd=folder.parent, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    given: dict[str, Any] = json.loads((folder / "received.json").read_text(encoding="utf-8"))
    return given


def by_recipe(bundle: Path, folder: Path, python: str = sys.executable) -> dict[str, Any]:
    return received([python, str(bundle / "runtime.py"), str(bundle / "call.json")], folder)


def by_hand(name: str, folder: Path, python: str = sys.executable) -> dict[str, Any]:
    return received([python, "-c", WRITTEN[name]], folder)


def test_every_recipe_compiles_without_a_finding(bundles: dict[str, Path]) -> None:
    said = run_recipec("validate", "recipes")
    assert (said.code, said.err) == (0, "")
    assert said.out == f"{len(bundles)} recipes are valid for cluster example\n"
    assert bundles.keys() >= WRITTEN.keys()


@pytest.mark.parametrize("name", WRITTEN)
def test_the_recipe_builds_what_the_python_builds(name: str, bundles: dict[str, Path], tmp_path: Path) -> None:
    pytest.importorskip("fiddle", reason="fiddle is not installed")
    assert by_recipe(bundles[name], tmp_path / "recipe") == by_hand(name, tmp_path / "hand")


@pytest.mark.parametrize(("name", "version"), RUNS)
def test_on_any_python_and_without_fiddle(name: str, version: str, bundles: dict[str, Path], tmp_path: Path) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"python{version} is not on this machine")
    assert by_recipe(bundles[name], tmp_path / "recipe", python) == by_hand(name, tmp_path / "hand", python)


def test_what_the_guide_builds(bundles: dict[str, Path], tmp_path: Path) -> None:
    given = by_recipe(bundles["llama3_8b_pretrain"], tmp_path / "recipe")
    assert {name: value["type"] for name, value in given.items()} == {
        "model": "LlamaModel",
        "data": "MockDataModule",
        "trainer": "Trainer",
        "log": "NeMoLogger",
        "resume": "AutoResume",
        "optim": "MegatronOptimizerModule",
    }
    assert given["model"]["config"]["type"] == "Llama3Config8B"
    assert given["data"]["value"]["global_batch_size"] == 512
    settings = given["trainer"]["settings"]["value"]
    assert (settings["strategy"]["type"], settings["strategy"]["value"]["context_parallel_size"]) == (
        "MegatronStrategy",
        2,
    )
    assert settings["plugins"]["type"] == "MegatronMixedPrecision"
    assert given["optim"]["value"]["config"]["value"]["lr"] == 3e-4
    assert given["log"]["value"]["ckpt"]["value"]["train_time_interval"] == {
        "type": "timedelta",
        "value": "datetime.timedelta(seconds=900)",
    }


def test_overrides_change_three_fields_and_nothing_else(bundles: dict[str, Path], tmp_path: Path) -> None:
    plain = by_recipe(bundles["megatron_bridge_pretrain"], tmp_path / "plain")
    given = by_recipe(bundles["megatron_bridge_overrides"], tmp_path / "given")
    assert list(differences(plain, given)) == [
        "config.value.train.value.train_iters: 1168251 -> 5000",
        "config.value.model.value.tensor_model_parallel_size: 1 -> 2",
        "config.value.optimizer.value.lr: 0.0003 -> 0.0002",
    ]


def differences(before: Any, after: Any, route: str = "") -> Any:
    if isinstance(before, dict) and isinstance(after, dict) and before.keys() == after.keys():
        for name in before:
            yield from differences(before[name], after[name], f"{route}.{name}".lstrip("."))
    elif before != after:
        yield f"{route}: {before} -> {after}"


def test_arguments_of_the_constructor_are_what_scripts_cannot_give(bundles: dict[str, Path], tmp_path: Path) -> None:
    adapter = by_recipe(bundles["megatron_bridge_finetune"], tmp_path / "finetune")["config"]["value"]["peft"]
    assert (adapter["type"], adapter["value"]["dim"]) == ("LoRA", 16)
    assert adapter["value"]["target_modules"] == {"type": "list", "value": [{"type": "str", "value": "linear_qkv"}]}
    given = by_recipe(bundles["megatron_bridge_vlm_step"], tmp_path / "vlm")
    assert given["config"]["value"]["optimizer"]["value"]["lr"] == 1e-4  # derived from `peft` by the constructor
    assert given["config"]["value"]["dataset"]["value"]["image_size"]["type"] == "tuple"
    assert given["forward_step_func"] == {"type": "function", "value": "megatron.bridge.training.vlm_step.forward_step"}


@pytest.mark.parametrize(
    ("override", "message"),
    [
        pytest.param(
            "train.train_itres: 5",
            "args.config._overrides_.train.train_itres: a TrainingConfig has no `train_itres`; did you mean `train_iters`?",
            id="field",
        ),
        pytest.param(
            "optimzer.lr: 5",
            "args.config._overrides_.optimzer.lr: a ConfigContainer has no `optimzer`; did you mean `optimizer`?",
            id="part",
        ),
        pytest.param(
            "ft.enable_ft_package: true",
            "args.config._overrides_.ft.enable_ft_package: a NoneType has no `enable_ft_package`; it has nothing",
            id="part-not-set",
        ),
    ],
)
def test_a_field_that_is_not_there_is_an_error(override: str, message: str, tmp_path: Path) -> None:
    for name in ("recipec.yaml", "clusters"):
        (shutil.copytree if (REPO / name).is_dir() else shutil.copy)(REPO / name, tmp_path / name)
    profile = tmp_path / "clusters/example.yaml"
    lines = profile.read_text(encoding="utf-8").splitlines(keepends=True)
    profile.write_text("".join(line for line in lines if "catalogs:" not in line), encoding="utf-8")
    text = (REPO / "recipes/megatron_bridge_overrides.yaml").read_text(encoding="utf-8")
    project = Project(tmp_path)
    project.write("recipes/r.yaml", text.replace("train.train_iters: 5000", override))
    bundle = project.compile("recipes/r.yaml")
    env = {"PYTHONPATH": str(STANDINS), "PYTHONDONTWRITEBYTECODE": "1"}
    argv = [sys.executable, str(bundle / "runtime.py"), str(bundle / "call.json")]
    done = subprocess.run(argv, env=env, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (78, f"recipec: error: {message}\n")


def test_each_readme_model_family_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """The README's other `--recipe` names, and the signatures of `real_cases.yaml`."""
    monkeypatch.syspath_prepend(str(STANDINS))
    from megatron.bridge import recipes
    from megatron.bridge.training.config import ConfigContainer

    for name in (
        "llama32_1b_pretrain_config",
        "llama32_1b_sft_config",
        "gemma3_1b_pretrain_config",
        "qwen3_8b_pretrain_config",
    ):
        assert isinstance(getattr(recipes, name)(), ConfigContainer)
    assert str(inspect.signature(recipes.llama32_1b_peft_config)).startswith(
        "(peft_scheme: str | megatron.bridge.peft.base.PEFT = 'lora')"
    )
    assert " ".join(ConfigContainer.__dataclass_fields__) == (
        "rng rerun_state_machine train model optimizer optimizer_config_override_provider ddp scheduler dataset logger tokenizer checkpoint"
        " dist ft straggler nvrx_straggler profiling peft comm_overlap mixed_precision tensor_inspect inprocess_restart"
    )
