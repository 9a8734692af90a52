"""The templates as Python: made from exactly these texts, the same bytes as Jinja's, the same refusals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any

import pytest
from recipe_compiler.templates.generate import Refused, generate

from recipe_compiler import compiled_templates, driver
from recipe_compiler.cli.session import read
from recipe_compiler.host import files
from recipe_compiler.plan import Array, JobPlan, Queue, RuntimeVar, Secret
from recipe_compiler.render import FILTERS, RenderError, Templates, _show
from recipe_compiler.targets import TARGETS
from recipe_compiler.workspace import Input, Profile, Workspace
from tests.golden_bundles import cases

TEXTS = files.templates()
AS_PYTHON = Templates(TEXTS)
BY_JINJA = Templates({**TEXTS, "other.j2": ""})


def test_the_generated_module_is_fresh() -> None:
    text = Path(compiled_templates.__file__).read_text(encoding="utf-8")
    assert text == generate(TEXTS), "the templates have changed: run `make templates`"


def test_shipped_templates_are_python_and_changed_ones_are_jinja() -> None:
    assert AS_PYTHON._environment is None
    assert BY_JINJA._environment is not None


def planned(case: Path) -> tuple[JobPlan, Profile]:
    project, _ = driver.load_project(None, "")
    profile, _ = driver.load_cluster((case / "cluster.yaml").read_bytes(), "cluster.yaml")
    assert project is not None
    assert profile is not None
    space = Workspace(PurePath(case), project, None, profile, BY_JINJA)
    done = driver.compile_recipe(Input("r.yaml", (case / "recipe.yaml").read_bytes(), case / "r.yaml"), [], space, read)
    assert done.plan is not None, done.found
    return done.plan, profile


def with_step(**changes: Any) -> Callable[[JobPlan], JobPlan]:
    return lambda plan: plan._replace(step=plan.step._replace(**changes))


def with_topology(**changes: Any) -> Callable[[JobPlan], JobPlan]:
    return lambda plan: plan._replace(topology=plan.topology._replace(**changes))


VARIANTS: dict[str, Callable[[JobPlan], JobPlan]] = {
    "as-it-is": lambda plan: plan,
    "modules": lambda plan: plan._replace(modules=("cuda/12.4", "gcc/12")),
    "queue": lambda plan: plan._replace(queue=Queue("gpu", "team", "high"), mem_mib_per_node=512),
    "no-queue": lambda plan: plan._replace(queue=Queue(), mem_mib_per_node=None),
    "no-image": with_step(image=None),
    "secrets": with_step(secrets=(Secret("TOKEN", "/s/it's"), Secret("OTHER", "/s/b")), secret_prefix="APPTAINERENV_"),
    "secrets-bare": with_step(secrets=(Secret("TOKEN", "/s/a b"),), secret_prefix=""),
    "hostile": with_step(
        exports=(("A", ("$(id) 'x' \"y\"\n", RuntimeVar.JOB_ID, "`z`")), ("B", ()), ("C", ("",))),
        argv=(("",), ("a b", RuntimeVar.RUN_DIR), (RuntimeVar.NODE_RANK, RuntimeVar.IS_HEAD), ("é",)),
    ),
    "nothing-needed": with_step(needs=(), exports=()),
    "one-node": with_topology(nodes=1, gpus_per_node=0, cpus_per_node=None),
    "many-nodes": with_topology(nodes=3, gpus_per_node=4, cpus_per_node=8),
    "array": lambda plan: plan._replace(array=Array(3, None, "{}\n{}\n{}\n")),
    "array-with-a-limit": lambda plan: plan._replace(array=Array(3, 2, "{}\n{}\n{}\n")),
    "odd-names": lambda plan: plan._replace(
        function="a.b\u2028c", provenance=plan.provenance._replace(recipe="x\n" * 150)
    ),
}


OPTIONS: dict[str, list[dict[str, Any]]] = {
    "local": [{}],
    "slurm": [{}, {"gpu_request": "gres"}, {"gpu_request": "none"}, {"exclusive": True, "modules_init": "/etc/x y"}],
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in cases()])
def test_python_and_jinja_write_the_same_bytes(case: Path, variant: str) -> None:
    plan, profile = planned(case)
    plan = VARIANTS[variant](plan)
    target = TARGETS[profile.cluster.target.kind]
    for change in OPTIONS[target.NAME]:
        options = profile.options.model_copy(update=change)
        assert target.render(plan, options, AS_PYTHON) == target.render(plan, options, BY_JINJA)


def rendered(body: str, **values: object) -> str:
    """What a template of its own gives as Python, after it gave the same by Jinja."""
    texts = {"t/x.j2": body, "part.j2": "<{{ a|sh }}>", "base.j2": "[{% block b %}base{% endblock %}]"}
    scope: dict[str, Any] = {}
    exec(generate(texts), scope)
    parts: list[str] = []
    scope["TEMPLATES"]["t/x.j2"](parts.extend, _show, FILTERS, values)
    assert "".join(parts) == Templates(texts).render("t/x.j2", **values)
    return "".join(parts)


@pytest.mark.parametrize(
    ("body", "values", "text"),
    [
        pytest.param("a\n", {}, "a\n", id="text"),
        pytest.param("", {}, "", id="nothing"),
        pytest.param("{{ n }}-{{ n - 1 }}", {"n": 3}, "3-2", id="whole-numbers-need-no-filter"),
        pytest.param("{{ a|sh }}{{ ('x' ~ a)|sh }}", {"a": "b c"}, "'b c''xb c'", id="filters-and-concatenation"),
        pytest.param("{% for k, v in a %}{{ k|sh }}={{ v|sh }};{% endfor %}", {"a": ["xy"]}, "x=y;", id="loop-unpacks"),
        pytest.param(
            "{% if a == 1 %}one{% elif a > 1 and not b %}more{% else %}less{% endif %}",
            {"a": 2, "b": 0},
            "more",
            id="branches",
        ),
        pytest.param("{% if a %}{% endif %}.", {"a": 1}, ".", id="empty-branch"),
        pytest.param("1{% include 'part.j2' %}2", {"a": "x"}, "1<x>2", id="include"),
        pytest.param("{% extends 'base.j2' %}", {}, "[base]", id="extends-keeps-a-block"),
        pytest.param("{% extends 'base.j2' %}{% block b %}own{% endblock %}", {}, "[own]", id="extends-fills-a-block"),
        pytest.param("{% for a in b %}\n  x{{ a }}\n{% endfor %}\n", {"b": [1, 2]}, "  x1\n  x2\n", id="white-space"),
        pytest.param("${#a[@]} '\"\\ \\n", {}, "${#a[@]} '\"\\ \\n", id="bash-and-backslashes"),
    ],
)
def test_each_construct_of_the_contract(body: str, values: dict[str, object], text: str) -> None:
    assert rendered(body, **values) == text


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("x", id="text"),
        pytest.param(True, id="bool"),
        pytest.param(1.5, id="float"),
        pytest.param(None, id="none"),
    ],
)
def test_the_gate_holds_in_python_too(value: object) -> None:
    with pytest.raises(RenderError, match="without a filter"):
        rendered("{{ a }}", a=value)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param("\n{% set a = 1 %}", "t/x.j2:2: `Assign` is not in the contract", id="set"),
        pytest.param("{{ a|upper }}", "t/x.j2:1: `Filter` is not in the contract", id="a-filter-of-jinja"),
        pytest.param("{% for a in b recursive %}{% endfor %}", "`For` is not in the contract", id="recursive-loop"),
        pytest.param(
            "{% for a in a %}{% endfor %}", "a is both a value and a loop's variable", id="loop-hides-a-value"
        ),
        pytest.param("{{ f() }}", "`Call` is not in the contract", id="call"),
    ],
)
def test_more_than_the_contract_is_refused_where_it_stands(body: str, message: str) -> None:
    with pytest.raises(Refused, match=message):
        generate({"t/x.j2": body})
