"""Rules, settling, resolvers and targets: one mistake a row, the whole message asserted."""

from __future__ import annotations

import sys
from pathlib import Path, PurePath

import pytest

from recipe_compiler import driver
from recipe_compiler.check import functions
from recipe_compiler.check.standard_library import MODULES
from recipe_compiler.cli.session import read
from recipe_compiler.host import files
from recipe_compiler.render import Templates
from recipe_compiler.workspace import Input, Workspace

CLUSTER = """\
name: c1
target: slurm
container: apptainer
runs_dir: /shared/runs
partitions:
  gpu: {max_time: 2-00:00:00, max_nodes: 4, gpus_per_node: 8, cpus_per_node: 64, mem_per_node: 500G}
  debug: {max_time: 0:30:00, max_nodes: 1, gpus_per_node: 2}
accounts: [research, ops]
images:
  training: {path: /shared/t.sif, sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855}
binds: ["/lustre/sets:/data:ro", "/shared/sets"]
defaults: {partition: gpu, launcher: python}
functions: [acme.train.sft, "acme.models.*", pathlib.Path]
env_allow: [NCCL_*, HF_HOME]
secrets: {HF_TOKEN: /shared/hf}
"""
PROJECT = """\
resolvers:
  model_ref:
    argument: model
    value: {_target_: "acme.models.${ref}.build", size: [1, "${ref}"]}
    choices: [llama, qwen]
  data_ref: {argument: data, value: "/data/${ref}", functions: [acme.train.sft]}
"""
RECIPE = "name: r\nfunction: acme.train.sft\n"
templates = files.templates()


def compiled(recipe: str, *, cluster: str = CLUSTER, project: str = PROJECT) -> driver.Compiled:
    space_project, found = driver.load_project(project.encode(), "recipec.yaml")
    assert space_project is not None, found
    profile, found = driver.load_cluster(cluster.encode(), "clusters/c1.yaml")
    assert profile is not None, found
    space = Workspace(PurePath("/p"), space_project, None, profile, Templates(templates))
    return driver.compile_recipe(Input("r.yaml", recipe.encode(), PurePath("/p/r.yaml")), [], space, read)


def findings(recipe: str, cluster: str = CLUSTER) -> list[str]:
    """`CODE file:line:col [text under the caret] message | help` of each finding."""
    return [
        f"{item.code} {item.primary.span.place} [{item.primary.span.text}] {item.message} | {item.help}"
        if item.primary
        else f"{item.code} {item.message}"
        for item in compiled(recipe, cluster=cluster).found
    ]


@pytest.mark.parametrize(
    ("recipe", "finding"),
    [
        pytest.param(
            "resources: {partition: gpuu}",
            "RCP404 r.yaml:3:24 [gpuu] cluster `c1` has no partition `gpuu` | did you mean `gpu`? partitions: gpu, debug",
            id="unknown-partition",
        ),
        pytest.param(
            "resources: {time: 3-00:00:00}",
            "RCP401 r.yaml:3:19 [3-00:00:00] 3-00:00:00 is over the time limit of partition `gpu` | ask for at most 2-00:00:00",
            id="time-over-the-limit",
        ),
        pytest.param(
            "resources: {partition: debug, time: 45m}",
            "RCP401 r.yaml:3:37 [45m] 0-00:45:00 is over the time limit of partition `debug` | ask for at most 0-00:30:00, or use partition `gpu`",
            id="time-over-the-limit-names-a-partition-that-takes-it",
        ),
        pytest.param(
            "resources: {nodes: 5}",
            "RCP403 r.yaml:3:20 [5] partition `gpu` has 4 nodes, 5 asked | ask for at most 4",
            id="too-many-nodes",
        ),
        pytest.param(
            "resources: {gpus_per_node: 16}",
            "RCP403 r.yaml:3:28 [16] partition `gpu` has 8 GPUs a node, 16 asked | ask for at most 8",
            id="too-many-gpus",
        ),
        pytest.param(
            "resources: {mem_per_node: 1T}",
            "RCP403 r.yaml:3:27 [1T] partition `gpu` has 512000 MiB of memory a node, 1048576 asked | ask for at most 512000",
            id="too-much-memory",
        ),
        pytest.param(
            "resources: {account: reserch}",
            "RCP407 r.yaml:3:22 [reserch] cluster `c1` does not take the account `reserch` | did you mean `research`? one of: research, ops, or ask the owners of the cluster profile",
            id="account",
        ),
        pytest.param(
            "resources: {qos: 'a b'}",
            "RCP803 r.yaml:3:18 ['a b'] `resources.qos`: `a b` cannot stand in an #SBATCH line | use letters, digits and `._@+-`, first a letter or digit",
            id="directive-alphabet",
        ),
        pytest.param(
            "container: trainig",
            "RCP608 r.yaml:3:12 [trainig] cluster `c1` has no image `trainig` | did you mean `training`? images of this cluster: training",
            id="image",
        ),
        pytest.param(
            "container: --fakeroot",
            "RCP608 r.yaml:3:12 [--fakeroot] cluster `c1` has no image `--fakeroot` | images of this cluster: training",
            id="image-option",
        ),
        pytest.param(
            "launcher: torchrn",
            "RCP209 r.yaml:3:11 [torchrn] there is no launcher `torchrn` | did you mean `torchrun`? one of: python, torchrun",
            id="launcher",
        ),
        pytest.param(
            "launcher: {kind: torchrun, nproc: 8}",
            "RCP201 r.yaml:3:28 [nproc] unknown key `nproc` in `launcher` | a key with a similar name exists: `nproc_per_node`",
            id="launcher-option",
        ),
        pytest.param(
            "launcher: {kind: torchrun, max_restarts: -1}",
            "RCP203 r.yaml:3:42 [-1] `launcher.max_restarts` must be at least 0, and is -1 | write at least 0",
            id="launcher-option-range",
        ),
        pytest.param(
            "env: {TOKENIZERS: x}",
            "RCP709 r.yaml:3:7 [TOKENIZERS] cluster `c1` does not let a recipe set `TOKENIZERS` | names it takes: NCCL_*, HF_HOME, or ask the owners of the cluster profile",
            id="env-allow",
        ),
        pytest.param(
            "env: {LD_PRELOAD: /x.so}",
            "RCP709 r.yaml:3:7 [LD_PRELOAD] `LD_PRELOAD` is not for a recipe to set: the scheduler, the container or the launcher owns it | remove it",
            id="env-owned",
        ),
        pytest.param(
            "env: {nccl: x}",
            "RCP708 r.yaml:3:7 [nccl] `nccl` cannot be an environment name | use A-Z, 0-9 and `_`, first a letter",
            id="env-name",
        ),
        pytest.param(
            'env: {NCCL_X: "a\\nb"}',
            'RCP707 r.yaml:3:15 ["a\\nb"] control character \\n in the value of `NCCL_X` | environment values are one line of text',
            id="env-value",
        ),
        pytest.param(
            "secrets: [HF_TOKE]",
            "RCP721 r.yaml:3:11 [HF_TOKE] cluster `c1` has no secret `HF_TOKE` | did you mean `HF_TOKEN`? secrets of this cluster: HF_TOKEN",
            id="secret",
        ),
        pytest.param(
            "args: {m: {_target_: acme.other.f}}",
            "RCP710 r.yaml:3:22 [acme.other.f] cluster `c1` does not permit the function `acme.other.f` | name a permitted function, or ask the owners of the cluster profile",
            id="nested-function",
        ),
        pytest.param(
            "args: {l: [1, {x: {_target_: subprocess.Popen}}]}",
            "RCP710 r.yaml:3:30 [subprocess.Popen] cluster `c1` does not permit the function `subprocess.Popen` | name another function",
            id="nested-in-a-list",
        ),
        pytest.param(
            "args: {m: {_target_: 'acme.models.x.__class__'}}",
            "RCP704 r.yaml:3:22 ['acme.models.x.__class__'] `acme.models.x.__class__` cannot be a function path: names with two leading underscores are not allowed | write `package.module.function`",
            id="dunder",
        ),
        pytest.param(
            "args: {m: {_traget_: acme.models.f}}",
            "RCP210 r.yaml:3:12 [_traget_] `_traget_` is not a marker of the recipe language | did you mean `_target_`? the markers are _args_, _bytes_, _call_, _enum_, _float_, _overrides_, _partial_, _path_, _raw_, _set_, _target_, _timedelta_, _tuple_",
            id="marker-typo",
        ),
        pytest.param(
            "args: {m: {_partial_: true}}",
            "RCP210 r.yaml:3:12 [_partial_] `_partial_` stands without `_target_` | add `_target_: package.function`, or remove it",
            id="loose-marker",
        ),
        pytest.param(
            "args: {model_ref: lama}",
            "RCP520 r.yaml:3:19 [lama] `model_ref` has no `lama` | did you mean `llama`? one of: llama, qwen",
            id="resolver-choice",
        ),
        pytest.param(
            "container: training\nargs: {out: /home/kim/out}",
            "RCP601 r.yaml:4:13 [/home/kim/out] `/home/kim/out` is not visible inside the container | use a path under a bind, or ask the owners of the cluster profile for one",
            id="home-in-a-container",
        ),
        pytest.param(
            "container: training\nargs: {l: [{x: {_path_: '/lustre/sets/c4/a.bin'}}]}",
            "RCP601 r.yaml:4:25 ['/lustre/sets/c4/a.bin'] `/lustre/sets/c4/a.bin` is not visible inside the container | write `/data/c4/a.bin`, where the container sees it",
            id="the-source-of-a-bind",
        ),
        pytest.param(
            "container: training\nargs: {out: /shared/runs/mine/x}",
            "RCP601 r.yaml:4:13 [/shared/runs/mine/x] `/shared/runs/mine/x` is not visible inside the container | write a relative path: a job's own folder is its working directory",
            id="the-runs",
        ),
        pytest.param(
            "env: {HF_HOME: hf_aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH}",
            "RCP720 r.yaml:3:16 [hf_aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH] `env.HF_HOME` holds a Hugging Face token | write `secrets: [HF_HOME]`; the cluster profile says where the value lies",
            id="secret-in-env",
        ),
        pytest.param(
            "args: {db: 'postgres://kim:s3cr3t@db/x'}",
            "RCP720 r.yaml:3:12 ['postgres://kim:s3cr3t@db/x'] `args.db` holds a URL with a password | write `secrets: [PASSWORD]`; the cluster profile says where the value lies",
            id="secret-in-a-url",
        ),
        pytest.param(
            "args: {data_ref: ../x}",
            "RCP520 r.yaml:3:18 [../x] `data_ref` takes a name, not `../x` | write an identifier such as `llama3_8b`",
            id="resolver-name",
        ),
        pytest.param(
            "args: {model_ref: llama, model: 1}",
            "RCP520 r.yaml:3:19 [llama] `model_ref` stands for `model`, which is set too | remove one of the two",
            id="resolver-twice",
        ),
    ],
)
def test_finding(recipe: str, finding: str) -> None:
    assert findings(RECIPE + recipe) == [finding]


def test_without_a_partition_one_of_them_must_take_the_job() -> None:
    cluster = CLUSTER.replace("partition: gpu, ", "")
    assert findings(RECIPE + "resources: {nodes: 4}", cluster) == []
    assert findings(RECIPE + "resources: {nodes: 5, cpus_per_node: 65}", cluster) == [
        "RCP403 r.yaml:3:20 [5] partition `gpu` has 4 nodes, 5 asked | ask for at most 4",
        "RCP403 r.yaml:3:38 [65] partition `gpu` has 64 CPUs a node, 65 asked | ask for at most 64",
    ]


@pytest.mark.parametrize(
    "args",
    [
        pytest.param("{x: /data/c4}", id="the-target-of-a-bind"),
        pytest.param("{x: /shared/sets/c4}", id="bound-under-its-own-name"),
        pytest.param("{x: /opt/megatron/vocab.json, y: /workspace/a, z: /usr/share/dict}", id="of-the-image"),
        pytest.param("{x: /tmp/scratch}", id="apptainer-binds-tmp"),
        pytest.param("{x: /shared, y: /, z: //shared/x, w: '/shared/a b', v: 'see /home/kim/x'}", id="no-plain-path"),
        pytest.param("{x: {_raw_: true, y: /home/kim/out}}", id="raw"),
    ],
)
def test_a_path_that_a_container_may_have(args: str) -> None:
    assert findings(f"{RECIPE}container: training\nargs: {args}") == []


def test_without_a_container_every_path_is_there() -> None:
    assert findings(f"{RECIPE}args: {{x: /home/kim/out}}") == []


@pytest.mark.parametrize(
    "name",
    [
        "os.system",
        "os:system",
        "builtins.eval",
        "subprocess.Popen",
        "runpy.run_path",
        "importlib.import_module",
        "recipe_compiler.driver.digest",
        "json.loads",
    ],
)
def test_no_wildcard_opens_these(name: str) -> None:
    cluster = "name: c1\ntarget: local\nfunctions: ['*']\n"
    assert [line[:6] for line in findings(f"name: r\nfunction: {name}\n", cluster)] == ["RCP710"]


def test_an_exact_name_opens_a_function_of_the_standard_library() -> None:
    assert findings(RECIPE + "args: {p: {_target_: pathlib.Path}}") == []
    assert functions.permitted("pathlib:Path", ["pathlib.Path"])
    assert not functions.permitted("os.system", ["os.system"])


def test_a_package_pattern_ends_at_a_dot() -> None:
    assert functions.permitted("acme.models.f", ["acme.models.*"])
    assert not functions.permitted("acme.modelsx.f", ["acme.models.*"])
    assert not functions.permitted("acme.models", ["acme.models.*"])


def test_the_list_of_standard_modules_holds_for_this_python() -> None:
    public = {name for name in sys.stdlib_module_names if not name.startswith("_")}
    assert public <= MODULES


def test_raw_data_is_not_a_call() -> None:
    done = compiled(
        RECIPE + "args: {m: {_raw_: true, _target_: os.system, _x_: 1}, legacy: {target: subprocess.Popen}}"
    )
    assert done.found == ()
    assert done.bundle is not None
    assert '"_raw_": true' in done.bundle.files["call.json"]


def test_resolvers_write_the_long_argument() -> None:
    done = compiled(RECIPE + "args: {model_ref: qwen, data_ref: c4, n: {model_ref: llama}}")
    assert done.found == ()
    assert done.bundle is not None
    text = done.bundle.files["call.json"]
    assert '"_target_": "acme.models.qwen.build"' in text
    assert '"data": "/data/c4"' in text
    assert '"model_ref": "llama"' in text  # plain data of another mapping is left alone


def test_the_caret_is_in_the_file_that_set_the_value(tmp_path: Path) -> None:
    from tests.project import Project

    project = Project(tmp_path)
    project.write("recipec.yaml", "default_cluster: c1\n")
    project.write("clusters/c1.yaml", CLUSTER)
    project.write("bases/big.yaml", "resources:\n  nodes: 2\n  time: 99d\n")
    project.write("recipes/r.yaml", RECIPE + "extends: ../bases/big.yaml\nresources: {nodes: 1}\n")
    said = project.run("validate", "recipes")
    assert said.out == (
        "error[RCP401]: 99-00:00:00 is over the time limit of partition `gpu`\n"
        " --> bases/big.yaml:3:9\n"
        "  |\n"
        "3 |   time: 99d\n"
        "  |         ^^^ 2-00:00:00 allowed\n"
        " ::: clusters/c1.yaml:6:19\n"
        "  |\n"
        "6 |   gpu: {max_time: 2-00:00:00, max_nodes: 4, gpus_per_node: 8, cpus_per_node: 64, mem_per_node: 500G}\n"
        "  |                   ---------- the limit, 2-00:00:00\n"
        "  |\n"
        "  = help: ask for at most 2-00:00:00\n"
        "\n"
        "1 finding (1 error); `recipec explain RCP401` says more\n"
    )


@pytest.mark.parametrize(
    ("profile", "finding"),
    [
        pytest.param("name: c1\ntarget: slrm\n", "RCP209 there is no target `slrm`", id="target"),
        pytest.param(
            "name: c1\ntarget: slurm\n",
            "RCP208 `runs_dir` is missing: a Slurm job writes its log there",
            id="runs-dir-missing",
        ),
        pytest.param(
            "name: c1\ntarget: slurm\nruns_dir: runs\n",
            "RCP602 `runs_dir`: `runs` is not a plain absolute path",
            id="runs-dir-relative",
        ),
        pytest.param(
            "name: c1\ntarget: slurm\nruns_dir: '/a b'\n",
            "RCP803 `runs_dir`: `/a b` cannot stand in an #SBATCH line",
            id="runs-dir-space",
        ),
        pytest.param(
            "name: c1\ntarget: {kind: slurm, gpu: 1}\nruns_dir: /r\n",
            "RCP201 unknown key `gpu` in `target`",
            id="target-option",
        ),
        pytest.param(
            "name: c1\ntarget: local\nimages: {i: {path: /i.sif, sha256: abc}}\n",
            "RCP202 `images.i.sha256`: `abc` is not a sha256 digest",
            id="digest",
        ),
        pytest.param(
            "name: c1\ntarget: local\nbinds: ['/a:/b:/c:/d']\n",
            "RCP605 `binds[0]`: `/a:/b:/c:/d` is not a bind",
            id="bind",
        ),
        pytest.param(
            "name: c1\ntarget: local\nfunctions: ['a.*.b']\n",
            "RCP704 `functions[0]`: `a.*.b` is not a function pattern: `*` stands only at the end",
            id="pattern",
        ),
        pytest.param(
            "name: c1\ntarget: local\npartitions: {'a b': {}}\n",
            'RCP803 `partitions["a b"]`: `a b` cannot stand in an #SBATCH line',
            id="partition-name",
        ),
    ],
)
def test_profile_finding(profile: str, finding: str) -> None:
    loaded, found = driver.load_cluster(profile.encode(), "clusters/c1.yaml")
    assert loaded is None
    assert [f"{item.code} {item.message}" for item in found] == [finding]


def test_the_local_target_refuses_by_name_what_it_cannot_do() -> None:
    cluster = "name: laptop\ntarget: local\nfunctions: [acme.*]\n"
    assert findings(RECIPE + "resources: {nodes: 2, account: a}", cluster) == [
        "RCP410 r.yaml:3:20 [2] target `local` runs on one node, 2 asked | write `nodes: 1`, or compile for a Slurm cluster",
        "RCP410 r.yaml:3:32 [a] target `local` has no accounts | remove it, or compile for a Slurm cluster",
    ]
