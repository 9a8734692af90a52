"""Catalogs: what is read from source, how names are followed, how entries are found."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe_compiler import extract
from recipe_compiler.catalog import Catalog, Catalogs, signature, store
from recipe_compiler.catalog.nearest import nearest
from recipe_compiler.catalog.types import ANY, known, parse, words
from tests.catalogs import catalogs_of, text_of
from tests.project import REPO, Project

PACKAGE = {
    "acme/__init__.py": """
        from acme.train import main, Config as Settings
        from acme.train import *
        from os import system
        from . import models
        __version__ = "1"
    """,
    "acme/train.py": '''
        """Training."""
        from __future__ import annotations
        import functools
        from dataclasses import dataclass, field
        from pathlib import Path
        from typing import Optional, Union

        AnyPath = Union[Path, str]

        @dataclass
        class Base:
            lr: float = 1e-3
            seed: int = field(default=1, kw_only=True)
            hidden: list[int] = field(default_factory=list, init=False)

        @dataclass
        class Config(Base):
            """What a run needs.

            Args:
                steps: how many steps
            """
            steps: int = 10
            out: Optional[AnyPath] = None
            """where results go"""
            lr = 3e-4

        def main(config: Config, /, data: "AnyPath", *rest: str, debug: bool = False, **extra: int) -> Config:
            """Runs it.

            :param data: where the data lies
            """

        def _private() -> None: ...

        @functools.lru_cache
        def cached(size: int) -> None: ...

        class Model:
            def __init__(self, size: int) -> None:
                self.size = size

            @classmethod
            def small(cls, name: str = "s") -> Model: ...

            def train(self) -> None: ...
    ''',
    "acme/models.py": """
        from acme.train import Model
        try:
            from fast import Model as Fast
        except ImportError:
            Fast = None

        class Big(Model):
            pass
    """,
}


@pytest.fixture(scope="module")
def acme() -> Catalogs:
    return catalogs_of(PACKAGE)


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        pytest.param("acme.train.main", "acme.train.main", id="where-it-is-written"),
        pytest.param("acme.main", "acme.train.main", id="re-export"),
        pytest.param("acme:main", "acme.train.main", id="colon"),
        pytest.param("acme.Settings", "acme.train.Config", id="re-export-by-another-name"),
        pytest.param("acme.Model", "acme.train.Model", id="star"),
        pytest.param("acme.models.Model", "acme.train.Model", id="import-inside-the-package"),
        pytest.param("acme.models", "acme.models", id="module"),
        pytest.param("acme.Model.small", "acme.train.Model.small", id="class-method"),
        pytest.param("acme.models.Big.small", "acme.train.Model.small", id="inherited-class-method"),
        pytest.param("acme.train._private", None, id="private-function"),
        pytest.param("acme.Model.train", None, id="a-method-needs-an-object"),
        pytest.param("acme.system", None, id="import-from-outside"),
        pytest.param("acme.models.Fast", None, id="import-from-outside-that-may-fail"),
        pytest.param("acme.main.__globals__", None, id="attribute-of-a-function"),
        pytest.param("nothing.at.all", None, id="unknown"),
    ],
)
def test_a_path_leads_to_its_definition(acme: Catalogs, path: str, leads_to: str | None) -> None:
    found = acme.resolve(path)
    assert (found.path if found else None) == leads_to


def test_an_import_from_outside_is_known_as_one(acme: Catalogs) -> None:
    assert acme.imported("acme.system") == ("acme", "system")
    assert acme.imported("acme.models.Fast.x") == ("acme.models", "Fast")
    assert acme.imported("acme.nothing") is None


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        pytest.param(
            "acme.main",
            ["config: Config", "data: AnyPath", "*rest: str", "debug: bool = False", "**extra: int"],
            id="every-kind",
        ),
        pytest.param(
            "acme.train.Config",
            ["lr: float = 0.0003", "seed: int = 1", "steps: int = 10", "out: Optional[AnyPath] = None"],
            id="fields-of-the-bases-first",
        ),
        pytest.param("acme.models.Big", ["size: int"], id="inherited-constructor"),
        pytest.param("acme.Model.small", ["name: str = 's'"], id="class-method-without-its-class"),
        pytest.param("acme.train.cached", ["size: int"], id="decorator-that-keeps-the-parameters"),
    ],
)
def test_signature(acme: Catalogs, path: str, shown: list[str]) -> None:
    found = acme.resolve(path)
    assert found is not None
    made = signature(found, acme)
    assert made is not None
    assert [param.shown for param in made.params] == shown
    assert made.known


def test_docs_come_from_google_sphinx_and_below_the_field(acme: Catalogs) -> None:
    config, main = acme.resolve("acme.train.Config"), acme.resolve("acme.main")
    assert config is not None
    assert main is not None
    made = signature(config, acme)
    assert made is not None
    assert (made.named["steps"].doc, made.named["out"].doc) == ("how many steps", "where results go")
    assert main.entry["doc"] == "Runs it."
    assert main.entry["params"][1]["doc"] == "where the data lies"
    assert main.entry["at"] == "acme/train.py:29"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("import far\n@far.wrap\ndef f(a: int) -> None: ...\n", id="unknown-decorator"),
        pytest.param("import far\nclass f(far.Base): ...\n", id="unknown-base"),
        pytest.param("import attrs\n@attrs.define\nclass f:\n    a: int\n", id="attrs"),
        pytest.param("if X:\n    def f(a): ...\nelse:\n    def f(b): ...\n", id="two-branches"),
        pytest.param("import far\nclass f(metaclass=far.Meta): ...\n", id="metaclass"),
        pytest.param("import enum\nclass f(enum.Enum):\n    A = 1\n", id="enum"),
    ],
)
def test_what_the_source_does_not_tell_is_open(source: str) -> None:
    catalogs = catalogs_of({"m.py": source})
    found = catalogs.resolve("m.f")
    assert found is not None
    made = signature(found, catalogs)
    assert made is not None
    assert not made.known


@pytest.mark.parametrize(
    ("annotation", "shown"),
    [
        pytest.param("int", "an integer", id="scalar"),
        pytest.param("Optional[float]", "a number or null", id="optional"),
        pytest.param("int | str | None", "an integer, text or null", id="bar"),
        pytest.param("Union[int, Union[str, int]]", "an integer or text", id="nested-union"),
        pytest.param("Literal['a', 'b']", "one of 'a', 'b'", id="literal"),
        pytest.param("List[int]", "a list", id="list"),
        pytest.param("acme.train.AnyPath", "a path or text", id="alias-of-a-type"),
        pytest.param("acme.Settings", "a `Config`", id="class"),
        pytest.param("Callable[[int], str]", "a function", id="callable"),
        pytest.param("nemo_run.Config[acme.Settings]", "a `Config`", id="built-config"),
        pytest.param("far.Thing", "a value", id="in-no-catalog"),
        pytest.param("T", "a value", id="type-variable"),
        pytest.param("Union[int, far.Thing]", "a value", id="union-with-unknown"),
        pytest.param("x if y else z", "a value", id="not-a-type"),
        pytest.param("", "a value", id="empty"),
    ],
)
def test_annotation(acme: Catalogs, annotation: str, shown: str) -> None:
    assert words(known(parse(annotation), acme)) == shown


def test_an_alias_of_itself_is_anything() -> None:
    catalogs = catalogs_of({"m.py": "from typing import Union\nJson = Union[None, 'Json']\n"})
    assert known(parse("m.Json"), catalogs) == ANY


@given(
    st.dictionaries(st.from_regex(r"[a-z_]{1,8}(\.[A-Za-z0-9_]{1,8}){0,3}", fullmatch=True), st.integers(), max_size=60)
)
def test_every_entry_is_found_and_no_other(entries: dict[str, int]) -> None:
    ordered = {path: {"kind": "value", "at": "m.py:1", "n": entries[path]} for path in sorted(entries)}
    catalog = Catalog("c", store.text({"name": "c"}, ordered).encode())
    assert list(catalog.paths()) == list(ordered)
    assert {path: catalog.get(path)[0] for path in ordered} == ordered
    assert [catalog.get(path + "x")[0] for path in ordered if path + "x" not in ordered] == [None] * sum(
        path + "x" not in ordered for path in ordered
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("{}", id="no-entries"),
        pytest.param('{\n "catalog": 2,\n "entries": {\n\n}}\n', id="another-format"),
        pytest.param(text_of({"m.py": "def f(): ...\n"})[:-4], id="cut-short"),
        pytest.param('[\n "entries": {\n}}\n', id="not-json"),
        pytest.param('[\n"x",\n "entries": {\n\n}}\n', id="not-an-object"),
    ],
)
def test_what_is_no_catalog_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Catalog("c", text.encode())


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(b"5", id="a-number"),
        pytest.param(b"{", id="not-json"),
        pytest.param(b"[" * 100_000, id="nested"),
        pytest.param(b'{"kind":"class"}', id="no-place"),
        pytest.param(b'{"kind":1,"at":"m"}', id="kind"),
        pytest.param(b'{"kind":"class","at":"m","bases":"x"}', id="bases"),
        pytest.param(b'{"kind":"class","at":"m","bases":[1]}', id="base"),
        pytest.param(b'{"kind":"function","at":"m","params":[{"name":"a","evil":"b"}]}', id="parameter-with-more"),
        pytest.param(b'{"kind":"function","at":"m","params":[{"type":"int"}]}', id="parameter-without-a-name"),
        pytest.param(b'{"kind":"function","at":"m","params":[{"name":"a","default":1}]}', id="default"),
        pytest.param(b'{"kind":"class","at":"m","keywords":["a"]}', id="keywords"),
    ],
)
def test_a_damaged_entry_is_a_finding_and_no_traceback(tmp_path: Path, entry: bytes) -> None:
    project = Project(tmp_path)
    project.write("recipec.yaml", "default_cluster: c\n")
    project.write("clusters/c.yaml", "name: c\ntarget: slurm\nruns_dir: /s\nfunctions: [m.*]\ncatalogs: [m]\n")
    project.write("r.yaml", "name: r\nfunction: m.f\n")
    text = b'{\n "catalog": 1,\n "entries": {\n"m.f":' + entry + b"\n}}\n"
    (tmp_path / "catalogs").mkdir()
    (tmp_path / "catalogs/m.json").write_bytes(text)
    said = project.run("validate", "r.yaml", "--format", "json")
    assert (said.code, said.codes) == (1, ["RCP310"])
    assert said.json["diagnostics"][0]["summary"] == "the catalog `m` is damaged at `m.f`"
    assert project.run("params", "r.yaml").code == 1


def test_a_catalog_is_json_with_an_entry_a_line() -> None:
    text = text_of(PACKAGE)
    data = json.loads(text)
    assert list(data["entries"]) == sorted(data["entries"])
    assert data["entries"]["acme.main"] == "acme.train.main"
    lines = text.partition('"entries": {\n')[2].splitlines()
    assert len(lines) == len(data["entries"]) + 1


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(b"def f(:\n", "invalid syntax", id="syntax"),
        pytest.param(b"x = " + b"(" * 5000, "too many nested parentheses", id="T015-nested"),
        pytest.param(b"x = " + b"-" * 100_000 + b"1", "", id="deep-without-brackets"),
        pytest.param(b"x = " + b"a." * 50_000 + b"a", "", id="long-chain"),
        pytest.param(b"#" * (extract.MAX_FILE_BYTES + 1), "it is larger than 8 MiB", id="T015-large"),
        pytest.param(b"\xff\xfe", "", id="not-utf8"),
        pytest.param(b"x = '\0'", "", id="zero-byte"),
    ],
)
def test_a_file_that_breaks_the_parser_is_said(data: bytes, why: str) -> None:
    """T015. Some of these are Python: then they are read."""
    (fact,) = extract.modules([("m.py", data)])
    assert why in fact.get("unreadable", "")
    assert "unreadable" in fact or fact["module"] == "m"


def test_the_same_from_a_wheel_a_folder_and_a_process_of_its_own(tmp_path: Path) -> None:
    project = Project(tmp_path)
    files = {"acme/__init__.py": "from acme.a import f\n", "acme/a.py": "def f(x: int = 1) -> None: ...\n"}
    for name, text in files.items():
        project.write(f"src/{name}", text)
    project.write("src/tests/test_a.py", "def test() -> None: ...\n")
    wheel = tmp_path / "acme-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr("../../evil.py", "x = 1\n")
        archive.writestr("tests/test_a.py", "def test() -> None: ...\n")
    entries = []
    for source in ("src", wheel.name):
        said = project.run("catalog", source, "--name", "acme", "--out", "out", "--format", "json")
        assert (said.code, said.json["catalog"]) == (0, {"name": "acme", "file": "out/acme.json", "entries": 4})
        entries.append(json.loads((tmp_path / "out/acme.json").read_text()))
    assert entries[0]["entries"] == entries[1]["entries"]
    assert entries[0]["sources"][0]["sha256"] == entries[1]["sources"][0]["sha256"]
    argv = [
        sys.executable,
        "-I",
        "-S",
        str(REPO / "recipe_compiler/extract.py"),
        "--package=acme",
        f"--root={tmp_path}/src",
    ]
    done = subprocess.run(argv, capture_output=True, check=True, encoding="utf-8")
    assert [json.loads(line)["module"] for line in done.stdout.splitlines()] == ["acme", "acme.a"]


def test_the_catalog_of_our_own_functions_is_not_stale() -> None:
    said = Project(REPO).run("catalog", ".", "--package", "recipes.functions", "--name", "project", "--check")
    assert (said.code, said.err) == (0, "")


@pytest.fixture(scope="module")
def real() -> Catalogs:
    """The catalogs of this repository."""
    names = ("nemo-2.5.3", "megatron-bridge-0.3.1", "megatron-core-0.16.1")
    return Catalogs([Catalog(name, (REPO / "catalogs" / f"{name}.json").read_bytes()) for name in names])


@pytest.mark.parametrize(
    ("path", "best"),
    [
        ("megatron.bridge.recipes.llama32_1b_finetune_config", "megatron.bridge.recipes.llama32_1b_sft_config"),
        ("megatron.bridge.recipes.qwen25_vl_3b_finetune_config", "megatron.bridge.recipes.qwen_vl.qwen25_vl.qwen25_vl_3b_finetune_config"),
        ("nemo.collections.llm.import_ckp", "nemo.collections.llm.import_ckpt"),
        ("nemo.colections.llm.import_ckpt", "nemo.collections.llm.import_ckpt"),
        ("nemo.collections.llm.lama3_8b.model", "nemo.collections.llm.llama3_8b.model"),
        ("nemo.collections.llm.llama3_8b.modl", "nemo.collections.llm.llama3_8b.model"),
        ("nothing.like.it", None),
    ],
)  # fmt: skip
def test_the_nearest_path(real: Catalogs, path: str, best: str | None) -> None:
    assert next(iter(nearest(path, real)), None) == best


def test_the_real_cases(real: Catalogs) -> None:
    """`real_cases.yaml`: what is known of NeMo 2.5.3 and Megatron Bridge 0.3.1."""
    config = real.resolve("nemo.collections.llm.Llama3Config8B")
    assert config is not None
    line = [one.path.rpartition(".")[2] for one in real.ancestors(config.path).classes]
    assert line[:5] == ["Llama3Config8B", "Llama3Config", "LlamaConfig", "GPTConfig", "TransformerConfig"]
    made = signature(config, real)
    assert made is not None
    defaults = {name: made.named[name].default for name in ("seq_length", "num_query_groups", "init_method_std")}
    assert defaults == {"seq_length": "8192", "num_query_groups": "8", "init_method_std": "0.01"}
    deploy = real.resolve("nemo.collections.llm.deploy")
    assert deploy is not None
    assert len(deploy.entry["params"]) == 27
    bridge = real.catalogs[1]
    recipes = (
        path for path in bridge.paths() if path.startswith("megatron.bridge.recipes.") and path.endswith("_config")
    )
    defined = {found.path for path in recipes if (found := real.resolve(path)) and found.kind == "function"}
    own = [
        path for path in defined if path.startswith("megatron.bridge.recipes.") and path.rpartition(".")[2][0] != "_"
    ]
    assert len(own) == 162  # `get_mixed_precision_config` is offered there too, and is of another package
    container = real.resolve("megatron.bridge.training.config.ConfigContainer")
    assert container is not None
    names = [field["name"] for field in container.entry["fields"]]
    assert {"rng", "train", "model", "optimizer", "dataset", "inprocess_restart"} <= set(names)
