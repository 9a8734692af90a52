"""Making a catalog, and checking and compiling against it, runs nothing of what is read.

Every module of the project leaves a file behind when it is imported; `tests/hostile.py` watches the real command for
processes, sockets, imports, and files read or written. The same under strace, over this repository, is in
tests/test_rig_catalog.py.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.hostile import CLUSTER, MODULE, Yard, entries, recipe
from tests.project import REPO

ENTRIES = entries()
SOURCES = {
    "acme/train.py": "import os\ndef main(a=1, **more): ...\n",
    "acme/utils.py": "from os import system\ndef help(): ...\n",
    "acme/hub.py": "import torch\ndef load_any(name='x'): return torch.hub.load(name)\n",
    "acme/broken.py": "x = " + "(" * 5000,
    "acme/json.py": "def dumps(*args): ...\n",
    "yaml.py": "raise SystemExit(99)\n",
    "sitecustomize.py": "open('/tmp/PWNED', 'w')\n",
}


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    root = tmp_path / "project"
    root.mkdir()
    made = Yard(root)
    made.write("clusters/hpc.yaml", f"{CLUSTER}catalogs: [acme]\n".encode())
    for name, text in SOURCES.items():
        made.write(name, (MODULE if name.startswith("acme") else "").encode() + text.encode())
    return made


def test_a_catalog_runs_nothing_and_what_it_lacks_is_refused(yard: Yard) -> None:
    """T004, T005, T006, T015."""
    (made,) = yard.watched(["catalog", ".", "--package", "acme", "--name", "acme", "--out", "out", "--format", "json"])
    assert [item["code"] for item in made.findings] == ["RCP305"]
    assert made.findings[0]["file"] == "acme/broken.py"
    (yard.root / "out").rename(yard.root / "catalogs")
    for number, name in enumerate(("T004", "T005", "T006")):
        yard.write(f"recipes/{number}.yaml", recipe("recipe.entrypoint", ENTRIES[name]["payload"]))
    yard.write("recipes/good.yaml", b"name: good\nfunction: acme.train.main\nargs: {a: 1}\n")
    refused, _, good = yard.watched(
        ["validate", "recipes", "--format", "json"],
        ["validate", "recipes"],
        ["compile", "recipes/good.yaml", "--out", "out"],
    )
    said = {item["file"]: item["code"] for item in refused.findings}
    assert said == {"recipes/0.yaml": "RCP711", "recipes/1.yaml": "RCP711", "recipes/2.yaml": "RCP712"}
    assert (good.code, good.err) == (0, "")


@pytest.mark.parametrize("name", ["T004", "T005", "T006", "T015"])
def test_the_entries_are_the_ones_that_are_meant(name: str) -> None:
    expected = {"T004": "RCP711", "T005": "RCP711", "T006": "RCP712", "T015": "RCP305"}
    assert expected[name] in ENTRIES[name]["expected"]


def test_this_repository_is_checked_without_a_process_a_socket_or_an_import(yard: Yard) -> None:
    """With the real catalogs, in a copy: `watched` compares the folder before and after."""
    for name in ("recipes", "bases", "clusters", "catalogs"):
        shutil.copytree(REPO / name, yard.root / name, dirs_exist_ok=True)
    shutil.copy(REPO / "recipec.yaml", yard.root)
    seen = yard.watched(["validate", "recipes", "--format", "json"], ["compile", "recipes", "--out", "out"])
    assert [one.code for one in seen] == [0, 0], seen[0].out
    assert len(json.loads(seen[0].out)["recipes"]) >= 8
    assert not [name for name in seen[0].imports if name.split(".")[0] in {"torch", "nemo", "megatron"}]
