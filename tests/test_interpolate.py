"""References: types kept, text filled, and every mistake at its place."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.test_check import compiled, findings

CLUSTER = "name: l\ntarget: local\nfunctions: ['*']\n"
HEAD = "name: r\nfunction: acme.train\n"


def args_of(recipe: str) -> Any:
    done = compiled(HEAD + recipe, cluster=CLUSTER)
    assert done.found == ()
    assert done.bundle is not None
    return json.loads(done.bundle.files["call.json"])["args"]


@pytest.mark.parametrize(
    ("recipe", "value"),
    [
        pytest.param("vars: {n: 8}\nargs: {x: '${vars.n}'}", 8, id="a-whole-value-keeps-its-type"),
        pytest.param(
            "vars: {n: [1, {a: null}]}\nargs: {x: '${vars.n}'}", [1, {"a": None}], id="lists-and-mappings-too"
        ),
        pytest.param(
            "vars: {n: 8, f: true}\nargs: {x: 'a${vars.n}-${vars.f}'}", "a8-true", id="inside-text-as-yaml-writes-it"
        ),
        pytest.param("args: {lr: 0.1, x: '${lr}'}", 0.1, id="a-name-without-prefix-is-an-argument"),
        pytest.param("args: {l: [1, 2], x: '${args.l[1]}'}", 2, id="into-lists"),
        pytest.param("args: {l: [1, [2, 3]], x: '${l.1.0}'}", 2, id="into-lists-by-dots"),
        pytest.param("args: {x: '${name}'}", "r", id="top-level-keys"),
        pytest.param(
            "vars: {a: '${vars.b}!', b: '${vars.c}', c: 3}\nargs: {x: '${vars.a}'}", "3!", id="through-other-references"
        ),
        pytest.param("args: {x: 'costs $${5} and $5 and $$'}", "costs ${5} and $5 and $$", id="escapes"),
        pytest.param("args: {x: {_raw_: true, y: '${nope}'}}", {"_raw_": True, "y": "${nope}"}, id="raw-is-left-alone"),
    ],
)
def test_value(recipe: str, value: object) -> None:
    assert args_of(recipe)["x"] == value


def test_a_reference_may_name_the_function_of_a_call_and_it_is_checked() -> None:
    assert findings(HEAD + "vars: {f: os.system}\nargs: {m: {_target_: '${vars.f}'}}", CLUSTER)[0].startswith("RCP710")


def test_references_reach_other_keys_than_args() -> None:
    done = compiled(HEAD + "vars: {n: 2}\nlauncher: {kind: python, nproc_per_node: '${vars.n}'}", cluster=CLUSTER)
    assert done.plan is not None
    assert done.plan.nproc_per_node == 2


def test_what_references_stand_for_is_counted_beside_other_mistakes() -> None:
    """Found by the fuzzer: with one reference wrong, a hundred thousand values went through every later stage."""
    eight = {of: ", ".join([f'"${{vars.{of}}}"'] * 8) for of in "abcd"}
    levels = "".join(f"  {name}: [{eight[of]}]\n" for name, of in ["ba", "cb", "dc", "ed"])
    recipe = f"{HEAD}vars:\n  a: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n{levels}args: {{x: ['${{e}}'], all: ['${{vars.e}}', '${{vars.d}}', '${{vars.e}}']}}\n"
    start = time.process_time()
    said = [text.split()[0] for text in findings(recipe, CLUSTER)]
    assert said == ["RCP503", "RCP501"]
    assert time.process_time() - start < 1


HELP = "the text `${` is written `$${`"


@pytest.mark.parametrize(
    ("recipe", "finding"),
    [
        pytest.param(
            "args: {x: 'a ${nope} b'}",
            f"RCP501 r.yaml:3:14 [${{nope}}] `${{nope}}` is not defined | name a value of this recipe; {HELP}",
            id="undefined",
        ),
        pytest.param(
            "args: {rate: 1, x: '${raet}'}",
            f"RCP501 r.yaml:3:21 [${{raet}}] `${{raet}}` is not defined | did you mean `${{args.rate}}`?; {HELP}",
            id="typo",
        ),
        pytest.param(
            "vars: {root: 1}\nargs: {x: '${rooot}'}",
            f"RCP501 r.yaml:4:12 [${{rooot}}] `${{rooot}}` is not defined | did you mean `${{vars.root}}`?; {HELP}",
            id="a-variable-without-vars",
        ),
        pytest.param(
            "args: {x: '${oc.env:SECRET}'}",
            f"RCP501 r.yaml:3:12 [${{oc.env:SECRET}}] `${{oc.env:SECRET}}` is not defined | name a value of this recipe; {HELP}",
            id="no-environment",
        ),
        pytest.param(
            "args: {x: '${ x'}",
            "RCP501 r.yaml:3:12 [${] `${` without its `}` | close it, or write `$${` for the text `${`",
            id="not-closed",
        ),
        pytest.param(
            "vars: {m: {a: 1}}\nargs: {x: 'a ${vars.m}'}",
            "RCP501 r.yaml:4:14 [${vars.m}] `${vars.m}` is a mapping, which cannot stand inside a text | make it the whole value",
            id="mapping-in-text",
        ),
        pytest.param(
            "args: {x: '${x}'}",
            "RCP502 r.yaml:3:12 [${x}] the references go in a circle: args.x → args.x | write one of the values out",
            id="itself",
        ),
        pytest.param(
            "args: {x: {y: '${args.x}'}}",
            "RCP502 r.yaml:3:16 [${args.x}] the references go in a circle: args.x → args.x | write one of the values out",
            id="its-own-parent",
        ),
    ],
)
def test_finding(recipe: str, finding: str) -> None:
    assert findings(HEAD + recipe, CLUSTER) == [finding]


def test_doubling_is_counted_and_not_built() -> None:
    lines = ["vars:", "  v0: [1, 2]"] + [f"  v{n}: ['${{vars.v{n - 1}}}', '${{vars.v{n - 1}}}']" for n in range(1, 60)]
    start = time.process_time()
    assert [line[:6] for line in findings(HEAD + "\n".join(lines) + "\nargs: {x: '${vars.v59}'}\n", CLUSTER)][:1] == [
        "RCP503"
    ]
    texts = ["vars:", "  v0: aaaaaaaaaa"] + [f"  v{n}: '${{vars.v{n - 1}}}${{vars.v{n - 1}}}'" for n in range(1, 40)]
    assert "RCP503" in [
        line[:6] for line in findings(HEAD + "\n".join(texts) + "\nargs: {x: '${vars.v39}'}\n", CLUSTER)
    ]
    assert time.process_time() - start < 2
