"""A bundle is what was compiled, to the last bit, or it is refused by name."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from recipe_compiler.bundle import Bundle, open_bundle
from recipe_compiler.host import files
from tests.golden_bundles import CASES, compile_case
from tests.project import Project

RECIPE = "name: hello\nfunction: hello.main\nargs: {name: world}\n"


@pytest.fixture
def bundle() -> Bundle:
    return compile_case(CASES / "local_python")


@pytest.fixture
def members(bundle: Bundle) -> dict[str, bytes]:
    return {name: text.encode() for name, text in bundle.files.items()}


def test_a_whole_bundle_opens(bundle: Bundle, members: dict[str, bytes]) -> None:
    opened, found = open_bundle(bundle.folder, members)
    assert found == ()
    assert opened == bundle


def test_each_flipped_bit_is_found_and_its_file_named(bundle: Bundle, members: dict[str, bytes]) -> None:
    for name, data in members.items():
        # Every byte of the small files; of the runner, enough places to meet each block of the hash.
        for at in range(0, len(data), 1 if len(data) < 4000 else 61):
            flipped = bytearray(data)
            flipped[at] ^= 1 << (at % 8)
            opened, found = open_bundle(bundle.folder, {**members, name: bytes(flipped)})
            assert opened is None
            assert [(item.code, item.file) for item in found] == [("RCP823", f"{bundle.folder}/{name}")]


def test_each_truncation_is_found(bundle: Bundle, members: dict[str, bytes]) -> None:
    for name, data in members.items():
        for length in range(0, len(data), 1 if len(data) < 4000 else 211):
            opened, found = open_bundle(bundle.folder, {**members, name: data[:length]})
            assert opened is None
            assert {item.code for item in found} == {"RCP823"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            {"extra.sh": b"touch x"},
            "RCP821 `extra.sh` is not a file that the manifest names",
            id="member-that-is-not-named",
        ),
        pytest.param(
            {"Run.sh": b""}, "RCP821 `Run.sh` is not a file that the manifest names", id="other-case-of-a-name"
        ),
        pytest.param(
            {"partial.pkl": b"\x80\x04"}, "RCP821 `partial.pkl` is not a file that the manifest names", id="pickle"
        ),
        pytest.param({"step.sh": None}, "RCP821 `step.sh` is missing", id="member-missing"),
        pytest.param(
            {"manifest.json": None}, "RCP824 `hello` has no manifest.json, so it is not a bundle", id="manifest-missing"
        ),
    ],
)
def test_wrong_members(
    bundle: Bundle, members: dict[str, bytes], change: dict[str, bytes | None], message: str
) -> None:
    changed = {name: data for name, data in {**members, **change}.items() if data is not None}
    opened, found = open_bundle(bundle.folder, changed)
    assert opened is None
    assert [f"{item.code} {item.message}".replace(bundle.folder, "hello") for item in found] == [message]


def test_the_digest_is_computed_and_never_read(bundle: Bundle, members: dict[str, bytes]) -> None:
    other = members["manifest.json"].replace(b'"name": "hello"', b'"name": "other"')
    opened, found = open_bundle(bundle.folder, {**members, "manifest.json": other})
    assert opened is None
    assert found[0].code == "RCP823"
    assert "manifest.json was changed" in found[0].message


def test_a_bundle_under_another_name_is_refused(members: dict[str, bytes]) -> None:
    opened, found = open_bundle("renamed", members)
    assert opened is None
    assert found[0].code == "RCP823"


def test_submit_refuses_a_changed_bundle_and_says_which_file(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("r.yaml", RECIPE)
    folder = project.compile("r.yaml")
    step = folder / "step.sh"
    step.write_bytes(step.read_bytes()[:-1] + b"!")
    said = project.run("submit", str(folder))
    assert said.code == 5
    assert said.out == ""
    assert f"error[RCP823]: `step.sh` was changed since it was compiled\n --> {folder.name}/step.sh" in said.err


def test_submit_refuses_a_link_in_a_bundle(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("r.yaml", RECIPE)
    folder = project.compile("r.yaml")
    text = (folder / "step.sh").read_text()
    (folder / "step.sh").unlink()
    (tmp_path / "outside.sh").write_text(text)
    (folder / "step.sh").symlink_to(tmp_path / "outside.sh")
    said = project.run("submit", str(folder), "--format", "json")
    assert (said.code, said.codes) == (5, ["RCP825"])


def test_compile_again_changes_nothing(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("r.yaml", RECIPE)
    folder = project.compile("r.yaml")
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert project.compile("r.yaml") == folder
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_compile_mends_a_changed_bundle(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("r.yaml", RECIPE)
    folder = project.compile("r.yaml")
    good = (folder / "step.sh").read_text()
    (folder / "step.sh").write_text("touch /tmp/x")
    (folder / "extra").write_text("")
    assert project.compile("r.yaml") == folder
    assert (folder / "step.sh").read_text() == good
    assert not (folder / "extra").exists()
    assert sorted(path.name for path in folder.parent.iterdir()) == [folder.name]


def test_no_file_of_a_bundle_is_writable_by_others(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("r.yaml", RECIPE)
    old = os.umask(0)
    try:
        folder = project.compile("r.yaml")
    finally:
        os.umask(old)
    assert {oct(path.stat().st_mode & 0o777) for path in folder.iterdir()} == {"0o644"}
    assert oct(folder.stat().st_mode & 0o777) == "0o755"


def test_a_compile_killed_at_any_time_leaves_whole_bundles_only(tmp_path: Path) -> None:
    """SIGKILL after the first bundle, the fifth, and so on: each bundle there is opens, or is a hidden temporary."""
    project = Project(tmp_path)
    for number in range(150):
        project.write(f"recipes/r{number}.yaml", RECIPE.replace("name: hello", f"name: r{number}", 1))
    whole = 0
    for wanted in (1, 5, 20, 40, 80, 149):
        out = tmp_path / f"out{wanted}"
        process = subprocess.Popen(
            [sys.executable, "-m", "recipe_compiler", "compile", "recipes", "--out", str(out)],
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while process.poll() is None and len(list(out.glob("r*"))) < wanted:
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        process.wait()
        for folder in sorted(out.glob("*")):
            if folder.name.startswith("."):
                shutil.rmtree(folder)
                continue
            members, found = files.read_bundle(folder)
            assert members is not None, found
            assert open_bundle(folder.name, members)[1] == ()
            whole += 1
    assert whole > 250


def test_a_full_disk_is_exit_code_73_and_keeps_what_was_there(tmp_path: Path) -> None:
    """RLIMIT_FSIZE plays the full disk: writes beyond it fail."""
    project = Project(tmp_path)
    project.write("r.yaml", RECIPE)
    folder = project.compile("r.yaml")
    before = sorted(path.read_bytes() for path in folder.iterdir())
    program = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096));"
        "from recipe_compiler.cli.main import run; sys.argv = ['recipec', 'compile', 'r.yaml', '--out', 'bundles', '--set', 'args.name=x']; run()"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 73
    assert "error[RCP913]: cannot write" in done.stderr
    assert "file too large" in done.stderr
    assert [path.name for path in (tmp_path / "bundles").iterdir()] == [folder.name]
    assert sorted(path.read_bytes() for path in folder.iterdir()) == before


def test_out_that_is_a_file_is_exit_code_73(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("r.yaml", RECIPE)
    project.write("taken", "")
    said = project.run("compile", "r.yaml", "--out", "taken")
    assert said.code == 73
    assert "error[RCP913]: cannot write taken/hello-" in said.err
