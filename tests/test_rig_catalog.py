"""Catalogs of real images, and what the kernel sees of a check: no second process, no socket."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

from tests.hostile import MODULE
from tests.mistakes import corpus
from tests.mistakes.rows import correct, mistakes
from tests.project import REPO, Project
from tests.rig import Rig
from tests.test_explain import RECIPEC


def test_a_catalog_of_a_sif_image_and_of_its_folder_are_one(rig: Rig, tmp_path: Path) -> None:
    """Torch's optimizers, read by the image's own Python; a recipe is checked against them."""
    project = Project(tmp_path)
    image = str(rig.images["training"].path)
    said = project.run(
        "catalog", image, "--package", "torch.optim", "--package", "torch.nn", "--name", "torch", timeout_s=300
    )
    assert (said.code, said.err) == (0, "")
    data = json.loads((tmp_path / "catalogs/torch.json").read_text(encoding="utf-8"))
    adam = data["entries"]["torch.optim.adamw.AdamW"]
    assert [param["name"] for param in adam["__init__"]][:2] == ["params", "lr"]
    assert data["entries"]["torch.optim.AdamW"] == "torch.optim.adamw.AdamW"
    project.write("recipec.yaml", "default_cluster: c\n")
    project.write(
        "clusters/c.yaml", "name: c\ntarget: local\nfunctions: [torch.optim.*]\ncatalogs: [torch]\nraw_jobs: true\n"
    )
    project.write("r.yaml", "name: r\nfunction: torch.optim.AdamW\nargs: {params: [], lr: 1.0e-3, weigth_decay: 0.1}\n")
    (finding,) = project.run("validate", "r.yaml", "--format", "json").json["diagnostics"]
    assert (finding["code"], finding["fix"]["replacement"]) == ("RCP303", "weight_decay")


def test_the_corpus_of_mistakes_is_checked_without_a_socket(rig: Rig, tmp_path: Path) -> None:  # noqa: ARG001
    """Right recipes and wrong ones, against the real catalogs."""
    root = corpus.project(tmp_path / "corpus")
    texts = {**correct(), **{one.name: one.text for one in mistakes()}}
    for name, text in texts.items():
        (root / f"{name}.yaml").write_text(text, encoding="utf-8")
    log = tmp_path / "strace"
    words = ["strace", "-f", "-qq", "-e", "trace=execve,fork,vfork,clone,clone3,socket,connect", "-o", str(log)]
    done = subprocess.run([*words, RECIPEC, "validate", "."], cwd=root, capture_output=True, check=False, timeout=300)
    assert done.returncode == 1
    calls = log.read_text(encoding="utf-8").splitlines()
    assert [line for line in calls if re.search(r"\b(socket|connect|fork|vfork|clone3?)\(", line)] == []
    assert len([line for line in calls if "execve(" in line]) == 1


def test_the_kernel_sees_one_process_and_no_socket(rig: Rig, tmp_path: Path) -> None:  # noqa: ARG001  it installs strace
    log = tmp_path / "strace"
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil" / "__init__.py").write_text(MODULE + "def f(): ...\n", encoding="utf-8")
    for argv in (
        [RECIPEC, "validate", "recipes"],
        [RECIPEC, "compile", "recipes", "--out", str(tmp_path / "out")],
        [RECIPEC, "catalog", str(tmp_path), "--package", "evil", "--name", "evil", "--out", str(tmp_path)],
    ):
        words = [
            "strace",
            "-f",
            "-qq",
            "-e",
            "trace=execve,fork,vfork,clone,clone3,socket,connect,openat",
            "-o",
            str(log),
            *argv,
        ]
        env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        done = subprocess.run(words, cwd=REPO, capture_output=True, encoding="utf-8", check=False, env=env)
        assert (done.returncode, done.stderr) == (0, "")
        calls = log.read_text(encoding="utf-8").splitlines()
        assert [line for line in calls if re.search(r"\b(socket|connect|fork|vfork|clone3?)\(", line)] == []
        assert len([line for line in calls if "execve(" in line]) == 1
        opened = [line for line in calls if "openat(" in line and str(REPO / "recipes/functions") in line]
        assert opened == []
    assert json.loads((tmp_path / "evil.json").read_text(encoding="utf-8"))["entries"]["evil.f"]["kind"] == "function"
