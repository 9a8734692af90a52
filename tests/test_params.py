"""`recipec params` and `recipec explain --value`: every parameter, its history, and how it is overridden."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project import Project

PROJECT = 'recipec: 1\nresolvers:\n  model_ref: {argument: model, value: {_target_: "acme.${ref}.build"}}\n'
BASE = "args:\n  optim: {lr: 1.0e-3, wd: 0}\n"
RECIPE = """\
name: a
extends: ../bases/b.yaml
function: acme.train
args:
  optim: {lr: 2.0e-3}
  teacher: ${args.optim}
  model_ref: small
  title: run-${vars.x}
  raw: {_raw_: true, lr: 7}
  data: [{seq: 4}, [], null]
vars: {x: hi}
broadcast: {seq: 9}
walk: {lr: value * 2}
"""
TABLE = """\
PARAMETER            VALUE             TYPE     SET BY                                OVERRIDABLE
args.optim.lr        0.004             number   recipes/a.yaml:13 (walk)              yes
args.optim.wd        0                 integer  bases/b.yaml:2                        yes
args.teacher.lr      0.004             number   recipes/a.yaml:13 (walk)              as `args.teacher`: it stands for another value
args.teacher.wd      0                 integer  bases/b.yaml:2 (interpolation)        as `args.teacher`: it stands for another value
args.model._target_  acme.small.build  text     recipes/a.yaml:7 (resolver)           as `args.model_ref`: a resolver wrote it
args.title           run-hi            text     recipes/a.yaml:8 (interpolation)      yes
args.raw._raw_       true              boolean  recipes/a.yaml:9                      no: `args.raw` is `_raw_`, recipes/a.yaml:9
args.raw.lr          7                 integer  recipes/a.yaml:9                      no: `args.raw` is `_raw_`, recipes/a.yaml:9
args.data[0].seq     9                 integer  recipes/a.yaml:12 (broadcast)         as `broadcast.seq`: broadcast sets it
args.data[1]         []                list     recipes/a.yaml:10                     yes
args.data[2]         null              null     recipes/a.yaml:10                     yes
name                 a                 text     recipes/a.yaml:1                      yes
function             acme.train        text     recipes/a.yaml:3                      yes
vars.x               hi                text     recipes/a.yaml:11                     yes
broadcast.seq        9                 integer  recipes/a.yaml:12                     yes
walk.lr              "value * 2"       text     recipes/a.yaml:13                     yes
launcher             python            text     <embedded cluster local>:8 (cluster)  yes
"""
TREE = """\
args:
  optim:
    lr: 14                      # recipes/a.yaml:13 (walk)
    wd: 0                       # bases/b.yaml:2
  teacher:
    lr: 14                      # recipes/a.yaml:13 (walk); override `args.teacher`
    wd: 0                       # bases/b.yaml:2 (interpolation); override `args.teacher`
  model:
    _target_: acme.small.build  # recipes/a.yaml:7 (resolver); override `args.model_ref`
  title: run-hi                 # recipes/a.yaml:8 (interpolation)
  raw:
    _raw_: true                 # recipes/a.yaml:9; not overridable: `args.raw` is `_raw_`, recipes/a.yaml:9
    lr: 7                       # recipes/a.yaml:9; not overridable: `args.raw` is `_raw_`, recipes/a.yaml:9
  data:
    [0]:
      seq: 9                    # recipes/a.yaml:12 (broadcast); override `broadcast.seq`
    [1]: []                     # recipes/a.yaml:10
    [2]: null                   # recipes/a.yaml:10
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write("recipec.yaml", PROJECT)
    made.write("bases/b.yaml", BASE)
    made.write("recipes/a.yaml", RECIPE)
    return made


def test_the_table_has_every_parameter_at_every_depth(project: Project) -> None:
    said = project.run("params", "recipes/a.yaml")
    assert (said.code, said.out, said.err) == (0, TABLE, "")


def test_the_tree_is_yaml_with_a_comment_each(project: Project) -> None:
    said = project.run("params", "recipes/a.yaml", "--tree", "--filter", "args", "--set", "optim.lr=7")
    assert (said.code, said.out, said.err) == (0, TREE, "")


def test_json_keeps_types_and_says_who(project: Project) -> None:
    said = project.run(
        "params",
        "recipes/a.yaml",
        "--format",
        "json",
        "--filter",
        "seq",
        "--filter",
        "args.raw.lr",
        "--filter",
        "args.optim.lr",
        "--set",
        "optim.lr=7",
    )
    assert said.json["parameters"] == [
        {
            "route": "args.optim.lr",
            "path": ["args", "optim", "lr"],
            "value": 14,
            "type": "integer",
            "set_by": {"by": "walk", "file": "recipes/a.yaml", "line": 13},
            "overridable": True,
            "via": None,
            "why": "",
            "set": True,
            "annotation": None,
            "doc": "",
        },
        {
            "route": "args.raw.lr",
            "path": ["args", "raw", "lr"],
            "value": 7,
            "type": "integer",
            "set_by": {"by": "recipe", "file": "recipes/a.yaml", "line": 9},
            "overridable": False,
            "via": None,
            "why": "`args.raw` is `_raw_`, recipes/a.yaml:9",
            "set": True,
            "annotation": None,
            "doc": "",
        },
        {
            "route": "args.data[0].seq",
            "path": ["args", "data", 0, "seq"],
            "value": 9,
            "type": "integer",
            "set_by": {"by": "broadcast", "file": "recipes/a.yaml", "line": 12},
            "overridable": True,
            "via": "broadcast.seq",
            "why": "broadcast sets it",
            "set": True,
            "annotation": None,
            "doc": "",
        },
        {
            "route": "broadcast.seq",
            "path": ["broadcast", "seq"],
            "value": 9,
            "type": "integer",
            "set_by": {"by": "recipe", "file": "recipes/a.yaml", "line": 12},
            "overridable": True,
            "via": None,
            "why": "",
            "set": True,
            "annotation": None,
            "doc": "",
        },
    ]


def routes(project: Project, *args: str) -> list[str]:
    said = project.run("params", "recipes/a.yaml", "--format", "json", *args)
    return [row["route"] for row in said.json["parameters"]]


@pytest.mark.parametrize(
    ("glob", "expected"),
    [
        pytest.param("args.optim.*", ["args.optim.lr", "args.optim.wd"], id="a-glob"),
        pytest.param("args.optim", ["args.optim.lr", "args.optim.wd"], id="a-mapping-is-all-below-it"),
        pytest.param("x", ["vars.x"], id="a-name-alone"),
        pytest.param("args.data[0].seq", ["args.data[0].seq"], id="an-index-in-brackets"),
        pytest.param("args.data.0.*", ["args.data[0].seq"], id="an-index-with-a-dot"),
        pytest.param("*.*.wd", ["args.optim.wd", "args.teacher.wd"], id="stars-at-each-depth"),
    ],
)
def test_filter(project: Project, glob: str, expected: list[str]) -> None:
    assert routes(project, "--filter", glob) == expected


def test_a_filter_that_names_nothing_is_an_error(project: Project) -> None:
    said = project.run("params", "recipes/a.yaml", "--filter", "args.optm.*", "--format", "json")
    assert (said.code, said.codes) == (1, ["RCP002"])
    assert said.json["diagnostics"][0]["summary"] == "no parameter of recipes/a.yaml is named by `args.optm.*`"


def test_each_way_that_it_names_an_override_works(project: Project) -> None:
    """What `params` says is true: each key it gives is taken, and each it refuses is refused."""
    project.write("recipes/a.yaml", RECIPE.replace("${args.optim}", "{lr: 1}"))
    for row in project.run("params", "recipes/a.yaml", "--format", "json").json["parameters"]:
        key, value = row["via"] or row["route"], row["value"]
        if key in {"recipec", "name", "function"} or key.startswith("walk"):
            continue
        text = "small" if key == "args.model_ref" else "torchrun" if key == "launcher" else "[]" if value == [] else 1
        said = project.run("validate", "recipes/a.yaml", "--set", f"++{key}={text}", "--format", "json")
        assert said.codes == ([] if row["overridable"] else ["RCP550"]), (key, said.json["diagnostics"])


def test_what_a_sweep_sets_is_not_overridable(project: Project) -> None:
    project.write("clusters/c.yaml", "name: c\ntarget: slurm\nruns_dir: /runs\nfunctions: [acme.*]\n")
    sweep = "sweep:\n  grid: {optim.lr: [1, 2]}\n  points:\n  - {'args.b[0]': 3}\n"
    project.write(
        "recipes/s.yaml", f"name: s\nfunction: acme.train\nargs: {{optim: {{lr: 1, wd: 0}}, b: [1, 2]}}\n{sweep}"
    )
    said = project.run("params", "recipes/s.yaml", "--cluster", "c", "--filter", "args.*", "--format", "json")
    assert said.code == 0, said.err
    assert {row["route"]: row["why"] for row in said.json["parameters"]} == {
        "args.optim.lr": "the sweep sets it, recipes/s.yaml:5",
        "args.optim.wd": "",
        "args.b[0]": "the sweep sets it, recipes/s.yaml:7",
        "args.b[1]": "",
    }


CLUSTER = """\
name: c
target: slurm
runs_dir: /runs
functions: [acme.*]
partitions: {gpu: {max_time: 2h}}
defaults: {nodes: 2, launcher: {kind: torchrun, nproc_per_node: 8}, time: 30m, qos: null}
"""
DEFAULTS = """\
name: d               # recipes/d.yaml:1
resources:
  time: 1h            # recipes/d.yaml:2
  nodes: 2            # clusters/c.yaml:6 (cluster)
  partition: gpu      # clusters/c.yaml:5 (cluster)
function: acme.train  # recipes/d.yaml:3
launcher:
  kind: torchrun      # clusters/c.yaml:6 (cluster); override `launcher`
  nproc_per_node: 8   # clusters/c.yaml:6 (cluster); override `launcher`
"""


def test_what_the_cluster_sets_is_listed_with_its_place(project: Project) -> None:
    project.write("clusters/c.yaml", CLUSTER)
    project.write("recipes/d.yaml", "name: d\nresources: {time: 1h}\nfunction: acme.train\n")
    said = project.run("params", "recipes/d.yaml", "--cluster", "c", "--tree")
    assert (said.code, said.err) == (0, "")
    assert said.out == DEFAULTS
    sets = ("--set", "resources.nodes=3", "--set", "launcher=python")
    said = project.run("params", "recipes/d.yaml", "--cluster", "c", "--format", "json", *sets)
    assert [(row["route"], row["set_by"]["by"], row["overridable"]) for row in said.json["parameters"]] == [
        ("name", "recipe", True),
        ("resources.time", "recipe", True),
        ("resources.nodes", "override", True),
        ("resources.partition", "cluster", True),
        ("function", "recipe", True),
        ("launcher", "override", True),
    ]


def test_a_recipe_with_findings_is_listed_too(project: Project) -> None:
    project.write("recipes/a.yaml", "name: A\nfunctoin: acme.train\nargs: {lr: 1}\nwalk: {lr: vlaue}\n")
    said = project.run("params", "recipes/a.yaml", "--filter", "lr")
    assert said.code == 1
    assert said.out.splitlines()[1].split() == ["args.lr", "1", "integer", "recipes/a.yaml:3", "yes"]
    assert [line for line in said.err.splitlines() if line.startswith("error")] == [
        "error[RCP701]: `name`: `A` cannot be a name",
        "error[RCP201]: unknown key `functoin`",
        "error[RCP542]: `walk.lr` cannot be read: there is no `vlaue` in an expression",
    ]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        pytest.param("name: [\n", ["RCP115"], id="no-yaml"),
        pytest.param("name: a\nextends: ../bases/none.yaml\n", ["RCP507"], id="no-base"),
    ],
)
def test_what_does_not_compose_has_findings_alone(project: Project, text: str, codes: list[str]) -> None:
    project.write("recipes/a.yaml", text)
    for args in (("params", "recipes/a.yaml"), ("explain", "--value", "args.lr", "recipes/a.yaml")):
        said = project.run(*args, "--format", "json")
        assert (said.code, said.codes) == (1, codes)


def test_one_recipe_at_a_time(project: Project) -> None:
    project.write("recipes/b.yaml", RECIPE)
    said = project.run("params", "recipes", "--format", "json")
    assert (said.code, said.codes) == (1, ["RCP002"])
    assert said.json["diagnostics"][0]["summary"] == "recipes names 2 recipes"


@pytest.mark.parametrize(
    ("route", "sets", "out"),
    [
        pytest.param(
            "args.optim.lr",
            ["optim.lr=${vars.lr}", "+vars.lr=3"],
            """\
VALUE         PLACE                          SET BY
6             recipes/a.yaml:13              walk
3             <--set optim.lr=${vars.lr}>:1  interpolation
"${vars.lr}"  <--set optim.lr=${vars.lr}>:1  override
0.002         recipes/a.yaml:5               recipe
0.001         bases/b.yaml:2                 base
""",
            id="every-stage",
        ),
        pytest.param(
            "data.0.seq",
            [],
            "VALUE  PLACE              SET BY\n9      recipes/a.yaml:12  broadcast\n4      recipes/a.yaml:10  recipe\n",
            id="a-list-item-without-args",
        ),
        pytest.param(
            "model",
            ["model_ref=large"],
            "VALUE                         PLACE                      SET BY\n{_target_: acme.large.build}  <--set model_ref=large>:1  resolver\n",
            id="a-resolver",
        ),
        pytest.param(
            "args.data[1]",
            [],
            "VALUE  PLACE              SET BY\n[]     recipes/a.yaml:10  recipe\n",
            id="an-empty-list",
        ),
    ],
)
def test_explain_value(project: Project, route: str, sets: list[str], out: str) -> None:
    said = project.run(
        "explain", "--value", route, "recipes/a.yaml", *(word for text in sets for word in ("--set", text))
    )
    assert (said.code, [line.split() for line in said.out.splitlines()], said.err) == (
        0,
        [line.split() for line in out.splitlines()],
        "",
    )


def test_explain_value_as_json(project: Project) -> None:
    said = project.run("explain", "--value", "optim.lr", "recipes/a.yaml", "--format", "json")
    assert said.json["path"] == ["args", "optim", "lr"]
    assert said.json["history"] == [
        {"value": 0.004, "by": "walk", "file": "recipes/a.yaml", "line": 13},
        {"value": 0.002, "by": "recipe", "file": "recipes/a.yaml", "line": 5},
        {"value": 0.001, "by": "base", "file": "bases/b.yaml", "line": 2},
    ]


@pytest.mark.parametrize(
    ("args", "code", "text"),
    [
        pytest.param(
            ("--value", "optim.rl", "recipes/a.yaml"),
            1,
            "error[RCP511]: `args.optim.rl` is not set in any layer",
            id="unknown-route",
        ),
        pytest.param(
            ("--value", "args.optm", "recipes/a.yaml"),
            1,
            "help: did you mean `args.optim`?",
            id="unknown-route-has-a-suggestion",
        ),
        pytest.param(("--value", "a b", "recipes/a.yaml"), 1, "error[RCP510]: `a b` is not a route", id="not-a-route"),
        pytest.param(
            ("--value", "args.data[9]", "recipes/a.yaml"),
            1,
            "error[RCP511]: `args.data[9]` is not set in any layer",
            id="past-the-end",
        ),
        pytest.param(("--value", "", "recipes/a.yaml"), 1, "error[RCP510]: `` is not a route", id="empty-route"),
        pytest.param(("--value", "args.lr"), 2, "Missing argument 'RECIPE'", id="no-recipe"),
        pytest.param(
            ("RCP201", "--set", "a=1"), 2, "'--cluster' and '--set' go with '--value'", id="set-without-value"
        ),
        pytest.param(("RCP201",), 0, "# RCP201 unknown-key", id="a-code-as-before"),
    ],
)
def test_explain_says(project: Project, args: tuple[str, ...], code: int, text: str) -> None:
    said = project.run("explain", *args)
    assert said.code == code, said
    assert text in said.out + said.err


@pytest.mark.parametrize("text", ["raw.lr=8", "+raw.new=1", "++args.raw.a.b=1", "args.raw._raw_=false"])
def test_an_override_into_raw_is_refused(project: Project, text: str) -> None:
    said = project.run("validate", "recipes/a.yaml", "--set", text, "--format", "json")
    assert (said.code, said.codes) == (1, ["RCP550"])
    found = said.json["diagnostics"][0]
    assert found["summary"] == "`args.raw` is `_raw_`: it is passed as it is, and nothing in it can be overridden"
    assert found["help"] == "override `args.raw` as a whole, or change the recipe"
    assert (found["related"][0]["file"], found["related"][0]["message"]) == ("recipes/a.yaml", "opts out here")


def test_a_raw_mapping_is_overridden_as_a_whole(project: Project) -> None:
    said = project.run("explain", "--value", "raw", "recipes/a.yaml", "--set", "raw={lr: 8}", "--format", "json")
    assert [step["value"] for step in said.json["history"]] == [{"lr": 16}, {"_raw_": True, "lr": 7}]


SOURCE = """\
from dataclasses import dataclass, field


@dataclass
class Train:
    iters: int = 10
    sizes: list = field(default_factory=lambda: [1])


@dataclass
class Config:
    train: Train
    seed: int = 1


def config(size: str = "small") -> Config: ...


@dataclass
class Adam:
    \"\"\"An optimizer.

    Args:
        lr: The learning rate.
    \"\"\"

    lr: float
    eps: float = 1e-8


def train(config: Config, optim: Adam, *, steps: int = 1000, tokenizer: str, **more): ...


class Wide:
    def __init__(self, WIDE): ...
""".replace("WIDE", ", ".join(f"p{index}=0" for index in range(40)))
CATALOGUED = """\
name: c
function: acme.train
args:
  config: {_target_: acme.config, _overrides_: {train.iters: 5}}
  optim: {_target_: acme.Adam, lr: 1.0e-3}
"""
UNSET = """\
PARAMETER                               VALUE        TYPE     SET BY                OVERRIDABLE             DESCRIPTION
args.config._target_                    acme.config  text     recipes/c.yaml:4      yes
args.config._overrides_["train.iters"]  5            integer  recipes/c.yaml:4      yes
args.config.size                        small        str      acme.py:16 (default)  as `+args.config.size`
args.optim._target_                     acme.Adam    text     recipes/c.yaml:5      yes
args.optim.lr                           0.001        float    recipes/c.yaml:5      yes                     The learning rate.
args.optim.eps                          1.0e-08      float    acme.py:20 (default)  as `+args.optim.eps`
args.steps                              1000         int      acme.py:31 (default)  as `+args.steps`
args.tokenizer                          (required)   str      acme.py:31 (not set)  as `+args.tokenizer`
"""
UNSET_TREE = """\
args:
  config:
    _target_: acme.config  # recipes/c.yaml:4
    _overrides_:
      train.iters: 5       # recipes/c.yaml:4
      train:
        # sizes: [1]       # list; acme.py:5 (class default)
      # seed: 1            # int; acme.py:11 (class default)
    # size: small          # str; acme.py:16 (default)
  optim:
    _target_: acme.Adam    # recipes/c.yaml:5
    lr: 0.001              # recipes/c.yaml:5; The learning rate.
    # eps: 1.0e-08         # float; acme.py:20 (default)
  # steps: 1000            # int; acme.py:31 (default)
  # tokenizer: (required)  # str; acme.py:31 (not set)
"""


@pytest.fixture
def catalogued(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write("recipec.yaml", "recipec: 1\n")
    made.write("clusters/local.yaml", "name: local\ntarget: local\nfunctions: [acme.*]\ncatalogs: [acme]\n")
    made.write("src/acme.py", SOURCE)
    assert made.run("catalog", "src", "--name", "acme").code == 0
    made.write("recipes/c.yaml", CATALOGUED)
    return made


@pytest.mark.parametrize(
    ("args", "out"),
    [
        pytest.param(["--filter", "args"], UNSET, id="table"),
        pytest.param(["--filter", "args", "--tree", "--fields"], UNSET_TREE, id="tree-with-fields"),
        pytest.param(
            ["--set-only", "--filter", "args.optim"],
            "PARAMETER            VALUE      TYPE   SET BY            OVERRIDABLE  DESCRIPTION\n"
            "args.optim._target_  acme.Adam  text   recipes/c.yaml:5  yes\n"
            "args.optim.lr        0.001      float  recipes/c.yaml:5  yes          The learning rate.\n",
            id="set-only",
        ),
        pytest.param(
            ["--unset", "--filter", "eps"],
            "PARAMETER       VALUE    TYPE   SET BY                OVERRIDABLE\n"
            "args.optim.eps  1.0e-08  float  acme.py:20 (default)  as `+args.optim.eps`\n",
            id="unset-only",
        ),
    ],
)
def test_what_a_recipe_leaves_to_defaults(catalogued: Project, args: list[str], out: str) -> None:
    said = catalogued.run("params", "recipes/c.yaml", *args)
    assert said.out == out
    assert said.err.startswith("error[RCP302]: missing required argument `tokenizer` of `acme.train`\n")


def test_a_default_as_json(catalogued: Project) -> None:
    said = catalogued.run("params", "recipes/c.yaml", "--format", "json", "--filter", "eps", "--filter", "tokenizer")
    assert said.json["parameters"] == [
        {
            "route": "args.optim.eps",
            "path": ["args", "optim", "eps"],
            "value": 1e-8,
            "type": None,
            "set_by": {"by": "default", "file": "acme.py", "line": 20},
            "overridable": True,
            "via": "+args.optim.eps",
            "why": "",
            "set": False,
            "required": False,
            "default": "1e-08",
            "annotation": "float",
            "doc": "",
        },
        {
            "route": "args.tokenizer",
            "path": ["args", "tokenizer"],
            "value": None,
            "type": None,
            "set_by": {"by": "not set", "file": "acme.py", "line": 31},
            "overridable": True,
            "via": "+args.tokenizer",
            "why": "",
            "set": False,
            "required": True,
            "default": None,
            "annotation": "str",
            "doc": "",
        },
    ]


def test_each_override_that_it_names_for_a_default_works(catalogued: Project) -> None:
    rows = catalogued.run("params", "recipes/c.yaml", "--unset", "--fields", "--format", "json").json["parameters"]
    assert {row["route"] for row in rows} == {
        "args.config._overrides_.train.sizes",
        "args.config._overrides_.seed",
        "args.config.size",
        "args.optim.eps",
        "args.steps",
        "args.tokenizer",
    }
    sets = [arg for row in rows for arg in ("--set", f"{row['via']}={'x' if row['required'] else row['value']}")]
    assert catalogued.run("validate", "recipes/c.yaml", *sets).out == "1 recipe is valid for cluster local\n"


def test_a_class_with_many_defaults_is_cut(catalogued: Project) -> None:
    catalogued.write("recipes/w.yaml", "name: w\nfunction: acme.Wide\nargs: {p0: 1}\n")
    lines = catalogued.run("params", "recipes/w.yaml", "--unset").out.splitlines()
    assert (len(lines), lines[-1]) == (32, "… 9 more of args: --all")
    assert len(catalogued.run("params", "recipes/w.yaml", "--unset", "--all").out.splitlines()) == 40
    assert len(catalogued.run("params", "recipes/w.yaml", "--unset", "--format", "json").json["parameters"]) == 39


def test_a_call_in_a_raw_mapping_has_no_defaults(catalogued: Project) -> None:
    catalogued.write(
        "recipes/r.yaml", "name: r\nfunction: acme.config\nargs: {size: {_raw_: true, _target_: acme.Adam}}\n"
    )
    assert catalogued.run("params", "recipes/r.yaml", "--unset").out == ""
