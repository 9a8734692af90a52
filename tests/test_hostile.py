"""Hostile inputs: each entry of `data/hostile_inputs.yaml` ends as it says, and the header's invariants hold.

The entries that today's language can meet are tests; each of the others stands in `LATER` with the reason.
Where the file uses another tool's key names, ours are put in: see `tests/hostile.py`.
"""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import hostile
from tests.hostile import CANARY_VALUE, Seen, Yard, entries, expand, recipe
from tests.hostile_more import MORE
from tests.project import Project

ENTRIES = entries()
RECIPEC = Path(sys.executable).with_name("recipec")
SHOWN = 32
HEAD = b"name: good\nfunction: acme.train.main\n"
Rows = list[tuple[Any, ...]]


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    root = tmp_path / "project"
    root.mkdir()
    return Yard(root)


def short(rows: Rows) -> Rows:
    """The text under each caret, cut."""
    return [(*row[:3], row[3][:SHOWN]) if len(row) > 3 else row for row in rows]


def checked(yard: Yard, data: bytes) -> tuple[int, Rows, list[dict[str, Any]]]:
    """What `recipec validate` says about a recipe, in JSON; the text form runs too, for the invariants."""
    yard.write("r.yaml", data)
    by_json, by_text = yard.watched(["validate", "r.yaml", "--format", "json"], ["validate", "r.yaml"])
    assert by_json.code == by_text.code
    return by_json.code, short(by_json.places(yard.root)), by_json.findings


# ---------------------------------------------------------------- entries that are refused

REFUSED: dict[str, Rows] = {
    "Y001": [("RCP104", 6, 20, "*x4")],
    "Y002": [("RCP105", 2, 10, "<<")],
    "Y009": [("RCP106", 1, (1 << 20) + 1, "#")],
    "Y012": [("RCP104", 3, 11, "*a")],
    "Y013": [("RCP203", 4, 10, "9" * SHOWN)],
    "Y014": [("RCP203", 4, 9, "0x" + "f" * (SHOWN - 2))],
    "Y020": [("RCP102", 3, 1, "name")],
    "Y023": [("RCP112", 4, 9, "1:30"), ("RCP204", 4, 9, "1:30")],
    "Y024": [("RCP204", 4, 9, "60")],
    "Y027": [("RCP113", 4, 6, "010")],
    "Y029": [("RCP205", 4, 7, ".nan")],
    "Y030": [("RCP202", 4, 10, "true")],
    "Y031": [("RCP202", 4, 10, "'3_0'")],
    "Y034": [("RCP107", 4, 6, "!!python/object/apply:os.system")],
    "Y035": [("RCP107", 4, 6, "!!python/name:os.system")],
    "Y036": [
        ("RCP107", 4, 6, "!!python/object/new:type"),
        ("RCP107", 4, 42, "!!python/tuple"),
        ("RCP107", 4, 70, "!!python/name:exec"),
    ],
    "Y037": [("RCP107", 4, 6, "!include")],
    "Y039": [("RCP107", 1, 1, "%YAML 1.1")],
    "Y040": [("RCP109", 2, 1, "---")],
    "Y041": [("RCP109", 3, 1, "n")],
    "Y042": [("RCP114", 1, 16, "\u2028")],
    "Y043": [("RCP114", 1, 16, "\r")],
    "Y044": [("RCP114", 1, 16, "\x85")],
    "Y045": [("RCP206", 2, 7, '"a\\0b"')],
    "Y047": [("RCP100", 1, 8, "\0")],
    "Y048": [("RCP100", 1, 1, "\ufffd")],
    "Y049": [("RCP100", 1, 7, "\ufffd")],
    "Y050": [("RCP101", 2, 1, "\t")],
    "Y052": [("RCP207", 4, 3, "?")],
    "Y054": [("RCP200", 1, 1, "#")],
    "Y055": [("RCP200", 1, 1, "-")],
    "U001": [("RCP701", 2, 7, '"train\\n#SBATCH --account=other"')],
    "U002": [("RCP701", 2, 7, "train --time=1")],
    "U003": [("RCP701", 2, 7, "a#b")],
    "U005": [("RCP701", 2, 7, "../../x")],
    "U006": [("RCP701", 2, 7, "/etc/cron.d/x")],
    "U008": [("RCP701", 2, 7, "..")],
    "U010": [("RCP703", 1, 11, "\u202e"), ("RCP703", 1, 15, "\u2066"), ("RCP703", 1, 22, "\u2069")],
    "U011": [("RCP404", 4, 14, "gpu-l\u043eng")],
    "U012": [("RCP704", 2, 11, "acme.tr\u0430in:main")],
    "U013": [("RCP703", 2, 5, "\u200b")],
    "U015": [("RCP701", 2, 7, "a" * SHOWN)],
    "S010": [("RCP707", 4, 8, '"a\\nexport LD_PRELOAD=/tmp/e.so"')],
    "S011": [("RCP708", 3, 7, '"A=1; touch /tmp/PWNED;#"')],
    "S013": [("RCP709", 4, 3, "BASH_ENV")],
    "S014": [("RCP708", 3, 7, '"BASH_FUNC_srun%%"')],
    "S016": [("RCP709", 4, 3, "SLURM_CONF")],
    "S020": [("RCP709", 4, 3, "MASTER_ADDR")],
    "S023": [("RCP206", 4, 6, '"\\0"')],
    "S024": [("RCP201", 4, 3, "extra")],
    "J008": [("RCP201", 3, 1, "template")],
    "T002": [("RCP710", 2, 11, "builtins:eval")],
    "T003": [("RCP710", 2, 11, "subprocess:Popen")],
    "T009": [("RCP710", 2, 11, "recipe_compiler.policy:DENY.disc")],
    "T010": [("RCP704", 2, 11, "..train:main")],
    "T012": [("RCP704", 2, 11, "acme.train:main.__globals__")],
    "I002": [("RCP502", 3, 12, "${args.b}")],
    "I004": [("RCP504", 4, 8, "${args.${args.k}}")],
    "I005": [("RCP505", 3, 10, "./r.yaml")],
    "I006": [("RCP602", 3, 10, "../../../../etc/passwd")],
    "I007": [("RCP603", 3, 10, "http://169.254.169.254/latest/me")],
    "I009": [("RCP201", 3, 9, "a"), ("RCP201", 3, 36, "b")],
    "P002": [("RCP201", 3, 1, "outputs")],
    "P003": [("RCP201", 3, 1, "outputs")],
    "P005": [("RCP201", 3, 1, "mounts")],
    "P008": [("RCP608", 3, 12, "docker://evil/image:latest")],
    "P009": [("RCP608", 3, 12, "--fakeroot")],
    "P013": [("RCP201", 3, 1, "data")],
    "P014": [("RCP201", 3, 1, "data")],
    "P015": [("RCP201", 3, 1, "data")],
    "P016": [("RCP201", 3, 1, "data")],
    "P017": [("RCP201", 3, 1, "data")],
    "P019": [("RCP201", 3, 1, "outputs")],
    "R003": [("RCP202", 4, 10, "1-1000")],
    "R005": [("RCP403", 3, 20, "512"), ("RCP406", 3, 20, "512"), ("RCP401", 3, 49, "'7-00:00:00'")],
    "R007": [("RCP201", 4, 3, "dependency")],
    "R009": [("RCP201", 3, 1, "notify")],
    "K002": [("RCP709", 4, 3, "WANDB_API_KEY"), ("RCP720", 4, 18, "0123456789abcdef0123456789abcdef")],
    "K003": [("RCP720", 4, 8, "-----BEGIN OPENSSH PRIVATE KEY--")],
}
"""`(code, line, column, text under the caret)` of each finding."""

_NO_KEY = "the language has no such key, so it is refused as unknown"
OTHER_CODE = {
    "I009": "axes stand below `grid`; RCP405 is shown by tests/test_sweep.py",
    "P002": _NO_KEY,
    "P003": _NO_KEY,
    "P005": _NO_KEY,
    "P013": _NO_KEY,
    "P014": _NO_KEY,
    "P015": _NO_KEY,
    "P016": _NO_KEY,
    "P017": _NO_KEY,
    "P019": _NO_KEY,
    "R009": _NO_KEY,
}
"""Entries that end with another code than the file's, and why."""


@pytest.mark.parametrize("name", REFUSED)
def test_refused(yard: Yard, name: str) -> None:
    entry = ENTRIES[name]
    code, rows, findings = checked(yard, recipe(entry["where"], entry["payload"]))
    assert rows == REFUSED[name]
    assert code == (
        4 if {row[0] for row in rows} <= {"RCP709", "RCP710", "RCP714"} else 1
    )  # what the policy says no to
    assert all(item["help"] for item in findings)
    said = re.match(r"reject (RCP\d{3})", entry["expected"])
    assert (said is not None and said[1] in {row[0] for row in rows}) == (name not in OTHER_CODE)


def test_the_worst_case_is_said_in_gpu_hours(yard: Yard) -> None:
    """R005."""
    entry = ENTRIES["R005"]
    _, _, findings = checked(yard, recipe(entry["where"], entry["payload"]))
    assert findings[1]["summary"] == "688128 GPU h are over the limit, 100000 GPU h"
    assert findings[1]["notes"] == ["512 nodes x 8 GPUs x 168 h = 688128 GPU h at most"]


def test_a_duplicate_shows_both_places(yard: Yard) -> None:
    """Y020."""
    _, _, findings = checked(yard, recipe("recipe.bytes", ENTRIES["Y020"]["payload"]))
    assert [item["range"]["start"]["line"] for item in findings[0]["related"]] == [2]


def test_a_homoglyph_is_named(yard: Yard) -> None:
    """U011."""
    entry = ENTRIES["U011"]
    _, _, findings = checked(yard, recipe(entry["where"], entry["payload"]))
    assert findings[0]["notes"] == ["`\u043e` at character 6 is cyrillic small letter o"]
    assert findings[0]["help"] == "did you mean `gpu-long`? partitions: gpu-long"


def test_a_long_name_is_cut_in_the_message(yard: Yard) -> None:
    """U015."""
    entry = ENTRIES["U015"]
    _, _, findings = checked(yard, recipe(entry["where"], entry["payload"]))
    assert findings[0]["summary"] == f"`name`: `{'a' * 80}…` cannot be a name"


def test_a_clear_duration_is_said(yard: Yard) -> None:
    """Y023."""
    entry = ENTRIES["Y023"]
    _, _, findings = checked(yard, recipe(entry["where"], entry["payload"]))
    assert findings[1]["help"] == "write H:MM:SS, D-HH:MM:SS, or a unit such as `90m`"


def test_an_error_behind_a_tab_is_found_too(yard: Yard) -> None:
    """Y050: later errors of the file are still reported, once the tab no longer hides them."""
    _, rows, findings = checked(yard, HEAD + b"resources:\n\tnodes: 010\n")
    assert rows == [("RCP101", 4, 1, "\t"), ("RCP113", 4, 9, "010")]
    assert findings[0]["fix"]["applicability"] == "safe"


def test_the_caret_stands_below_wide_characters(yard: Yard) -> None:
    """U017: in cells for people, in code points for programs."""
    text = 'name: good\nfunction: acme.train.main\nargs: {note: "漢字", lr: .nan}\n'
    yard.write("r.yaml", text.encode())
    by_json, by_text = yard.watched(["validate", "r.yaml", "--format", "json"], ["validate", "r.yaml"])
    assert by_json.places(yard.root) == [("RCP205", 3, 24, ".nan")]
    assert by_json.findings[0]["range"]["start"]["byte"] == text.encode().index(b".nan")
    lines = by_text.out.splitlines()
    assert lines[4] == "  |                          ^^^^"
    assert lines[3] == '3 | args: {note: "漢字", lr: .nan}'


# ---------------------------------------------------------------- entries that are accepted


def compiled(yard: Yard, data: bytes) -> tuple[Rows, dict[str, str]]:
    """The warnings about a recipe, and the files of its bundle."""
    yard.write("r.yaml", data)
    (seen,) = yard.watched(["compile", "r.yaml", "--out", "out", "--format", "json"])
    assert seen.code == 0, seen.out
    (folder,) = (yard.root / "out").iterdir()
    return short(seen.places(yard.root)), {path.name: path.read_bytes().decode() for path in folder.iterdir()}


def args_are(expected: dict[str, Any]) -> Callable[[dict[str, str]], None]:
    def check(files: dict[str, str]) -> None:
        args = json.loads(files["call.json"])["args"]
        assert args == expected
        assert [type(value) for value in args.values()] == [type(value) for value in expected.values()]

    return check


def has(file: str, text: str) -> Callable[[dict[str, str]], None]:
    def check(files: dict[str, str]) -> None:
        assert text in files[file]

    return check


def nowhere(text: str) -> Callable[[dict[str, str]], None]:
    def check(files: dict[str, str]) -> None:
        assert [name for name, content in files.items() if text in content] == []

    return check


ACCEPTED: dict[str, tuple[Rows, Callable[[dict[str, str]], None]]] = {
    "Y015": ([], args_are({"seed": "1" + ":59" * 100_000})),
    "Y022": ([("RCP112", 4, 9, "24:00:00")], has("job.sbatch", "#SBATCH --time=1-00:00:00\n")),
    "Y025": ([("RCP111", 4, 7, "1e-4")], args_are({"lr": 0.0001})),
    "Y026": ([("RCP110", 4, 14, "no")], args_are({"use_flash": "no"})),
    "Y032": ([], args_are({"date": "2026-99-99"})),
    "U016": ([], nowhere("\u0301" * 201)),
    "J004": ([], nowhere("popen")),
    "T008": ([], args_are({"model": {"target": "subprocess.Popen", "params": {"args": "id"}}})),
}
"""The warnings, and what must be true of the bundle."""
QUOTED = {"J004"}
"""Entries whose payload is a text and not YAML of its own."""


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(yard: Yard, name: str) -> None:
    entry = ENTRIES[name]
    payload = json.dumps(entry["payload"]) if name in QUOTED else entry["payload"]
    rows, files = compiled(yard, recipe(entry["where"], payload))
    assert rows == ACCEPTED[name][0]
    ACCEPTED[name][1](files)


def test_windows_line_breaks_do_not_reach_the_script(yard: Yard) -> None:
    """S022, with our name of the key."""
    data = expand(ENTRIES["S022"]["payload"]).replace(b"entrypoint", b"function")
    rows, files = compiled(yard, data)
    assert rows == []
    assert [name for name, text in files.items() if "\r" in text] == []


def test_a_container_gets_environment_values_unread(yard: Yard) -> None:
    """S018: Apptainer would evaluate them but for `--no-eval`."""
    value = ENTRIES["S018"]["payload"]
    _, files = compiled(yard, HEAD + b"container: train\nenv: {TAG: %s}\n" % json.dumps(value).encode())
    assert "\nexport APPTAINERENV_TAG='`touch /tmp/PWNED`'\n" in files["step.sh"]
    assert "--cleanenv" in files["step.sh"]
    assert "--no-eval" in files["step.sh"]


def test_the_script_starts_without_the_shell_of_the_submitter(yard: Yard) -> None:
    """S013."""
    from recipe_compiler.slurm_queue import sbatch_argv

    _, files = compiled(yard, HEAD)
    assert files["job.sbatch"].startswith("#!/bin/bash -p\n")
    assert "--export=NONE" in sbatch_argv("/b", "t")


# ---------------------------------------------------------------- text that reaches the function as it is

RECEIVED = """\
import json, os
def main(**args):
    path = os.path.join(os.environ["RECIPEC_RUN_DIR"], "got.json")
    with open(path, "w") as file:
        json.dump({"args": args, "env": dict(os.environ)}, file)
"""
EXACT = {
    "S001": ("args", "tag"),
    "S002": ("args", "tag"),
    "S003": ("args", "tag"),
    "S004": ("args", "tag"),
    "S005": ("args", "tag"),
    "S006": ("args", "tag"),
    "S007": ("args", "path"),
    "S009": ("env", "TAG"),
    "J001": ("args", "tag"),
    "J006": ("args", "tag"),
}


def ran(project: Project, text: str) -> dict[str, Any]:
    """What the function got: the bundle is compiled and its own script is run by a real bash."""
    project.write("received.py", RECEIVED)
    project.write("r.yaml", text)
    bundle = project.compile("r.yaml", "--cluster", "local", RECIPEC_STATE_DIR=str(project.root / "state"))
    done = subprocess.run(
        ["/bin/bash", str(bundle / "run.sh"), str(project.root / "run")],
        cwd=project.root,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    got: dict[str, Any] = json.loads((project.root / "run" / "got.json").read_text(encoding="utf-8"))
    return got


@pytest.mark.parametrize("name", EXACT)
def test_exact_text(tmp_path: Path, name: str) -> None:
    payload = ENTRIES[name]["payload"]
    section, key = EXACT[name]
    written = payload if name == "S005" else json.dumps(payload)  # S005 is YAML: its escapes are line breaks
    got = ran(Project(tmp_path), f"name: exact\nfunction: received.main\n{section}: {{{key}: {written}}}\n")
    assert got[section][key] == json.loads(written)
    assert not hostile.CANARY_FILE.exists()


# ---------------------------------------------------------------- files, names, arguments


def test_a_device_is_no_recipe(yard: Yard) -> None:
    """Y010."""
    (seen,) = yard.watched(["validate", str(ENTRIES["Y010"]["payload"]), "--format", "json"], allow=("/dev/zero",))
    assert (seen.code, [(item["code"], item["summary"]) for item in seen.findings]) == (
        1,
        [("RCP108", "/dev/zero is not a regular file")],
    )


def test_a_fifo_is_no_recipe_and_does_not_hang(yard: Yard) -> None:
    """Y011."""
    os.mkfifo(yard.root / "r.yaml")
    (seen,) = yard.watched(["validate", "r.yaml", "--format", "json"])
    assert (seen.code, [item["code"] for item in seen.findings]) == (1, ["RCP108"])


def test_names_collide(yard: Yard) -> None:
    """U014: capitals are no names, and one name is one recipe's."""
    for name, text in ENTRIES["U014"]["payload"]["files"].items():
        yard.write(f"recipes/{name}", f"{text}\nfunction: acme.train.main\n".encode())
    yard.write("recipes/c/again.yaml", b"name: train\nfunction: acme.train.main\n")
    (seen,) = yard.watched(["validate", "recipes", "--format", "json"])
    assert seen.code == 1
    assert sorted((item["code"], item["summary"]) for item in seen.findings) == [
        ("RCP701", "`name`: `TRAIN` cannot be a name"),
        ("RCP705", "recipes/a/Train.yaml and recipes/c/again.yaml have the same name `train`"),
    ]


def test_a_file_name_with_a_line_break_is_refused_and_shown_escaped(yard: Yard) -> None:
    """U018."""
    yard.write(f"recipes/{ENTRIES['U018']['payload']}", HEAD)
    by_json, by_text = yard.watched(["validate", "recipes", "--format", "json"], ["validate", "recipes"])
    assert [(item["code"], item["file"]) for item in by_json.findings] == [
        ("RCP706", "recipes/a\\n::stop-commands::x\\n.yaml")
    ]
    assert [line for line in by_text.out.splitlines() if line.startswith("::")] == []


def test_a_file_name_with_a_dash_is_no_option(yard: Yard) -> None:
    """U019."""
    name = ENTRIES["U019"]["payload"]
    yard.write(name, HEAD)
    first, second = yard.watched(
        ["validate", f"./{name}", "--format", "json"], ["validate", "--format", "json", "--", name]
    )
    assert [(seen.code, json.loads(seen.out)["recipes"]) for seen in (first, second)] == [(0, [name])] * 2


def test_a_tag_on_the_command_line(yard: Yard) -> None:
    """I010."""
    yard.write("r.yaml", HEAD + b"args: {x: 1}\n")
    (seen,) = yard.watched(["validate", "r.yaml", ENTRIES["I010"]["payload"], "--format", "json"])
    assert (seen.code, [(item["code"], item["range"]["start"]["column"]) for item in seen.findings]) == (
        1,
        [("RCP107", 8)],
    )


def test_a_thousand_bases(yard: Yard) -> None:
    """I008: the chain ends at 64 layers, RCP505."""
    count = ENTRIES["I008"]["payload"]["keys"]
    for number in range(count):
        yard.write(f"b{number}.yaml", b"extends: b%d.yaml\n" % (number + 1))
    yard.write(f"b{count}.yaml", b"args: {a: 1}\n")
    code, rows, findings = checked(yard, HEAD + b"extends: b0.yaml\n")
    assert (code, [item["summary"] for item in findings]) == (1, ["more than 64 layers"])
    assert [row[0] for row in rows] == ["RCP505"]


@pytest.mark.parametrize("distinct", [True, False])
def test_large_bases(yard: Yard, distinct: bool) -> None:
    """64 files of a MiB would be six seconds and a gigabyte."""
    text = b"args:\n" + b"".join(b"  k%d: v\n" % number for number in range(24_000))
    names = [f"b{number}.yaml" if distinct else "b.yaml" for number in range(60)]
    for name in set(names):
        yard.write(name, text)
    code, rows, findings = checked(yard, HEAD + f"extends: [{', '.join(names)}]\n".encode())
    assert (code, [row[0] for row in rows]) == (1, ["RCP106"])
    assert findings[0]["summary"] == "the bases of this recipe are larger than 4 MiB together"


def test_a_link_to_a_secret(yard: Yard, tmp_path: Path) -> None:
    """P022."""
    secret = tmp_path / "id_rsa"
    secret.write_text(f"-----BEGIN KEY-----\n{CANARY_VALUE}: 1\n", encoding="utf-8")
    (yard.root / "recipes").mkdir()
    (yard.root / "recipes" / "x.yaml").symlink_to(secret)
    (seen,) = yard.watched(["validate", "recipes/x.yaml", "--format", "json"])
    assert (seen.code, [item["code"] for item in seen.findings]) == (1, ["RCP611"])


def test_a_folder_that_contains_itself(yard: Yard) -> None:
    """P023."""
    yard.write("recipes/a.yaml", HEAD)
    (yard.root / "recipes" / "loop").symlink_to(".")
    (seen,) = yard.watched(["validate", "recipes", "--format", "json"])
    assert (seen.code, json.loads(seen.out)["recipes"]) == (0, ["recipes/a.yaml"])


@pytest.mark.parametrize("name", ["P013", "P014", "P015", "P016", "P017"])
def test_a_url_as_a_recipe(yard: Yard, name: str) -> None:
    """The URLs of these entries, where recipec would read one: refused before fsspec sees the text."""
    (seen,) = yard.watched(["validate", ENTRIES[name]["payload"], "--format", "json"])
    assert (seen.code, [item["code"] for item in seen.findings]) == (1, ["RCP603"])
    assert "secret" not in seen.out


def test_modules_of_the_project_shadow_nothing(tmp_path: Path) -> None:
    """T014: the installed command, in the folder of a pull request."""
    project = Project(tmp_path)
    for name, text in ENTRIES["T014"]["payload"]["files"].items():
        project.write(name, text)
    project.write("click.py", "raise SystemExit(98)\n")
    project.write("r.yaml", HEAD.decode())
    done = subprocess.run(
        [RECIPEC, "validate", "r.yaml"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, "1 recipe is valid for cluster local\n")
    assert not hostile.CANARY_FILE.exists()


# ---------------------------------------------------------------- secrets


def test_the_environment_of_the_compiler_goes_nowhere(yard: Yard) -> None:
    """K004: `watched` looks at what is said; here, at what is written."""
    yard.write("r.yaml", HEAD)
    yard.watched(["compile", "r.yaml", "--out", "out"], ["compile", "r.yaml", "--out", "out", "--cluster", "hpc"])
    written = hostile.snapshot(yard.root)
    assert len(written) > 8
    assert [name for name, data in written.items() if CANARY_VALUE.encode() in data] == []


def test_a_crash_report_has_no_values(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """K005."""
    from recipe_compiler.cli import crash

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    secret = "zz9" * 2  # not to be found in the source line either
    try:
        int(secret[:0] or "x")
    except ValueError as error:
        crash.report(error)
    (report,) = tmp_path.glob("recipec-crash-*")
    assert "Traceback" in report.read_text(encoding="utf-8")
    assert secret not in report.read_text(encoding="utf-8")
    assert "Traceback" not in capsys.readouterr().err


def test_a_bundle_is_not_for_others_to_write(tmp_path: Path) -> None:
    """K006."""
    project = Project(tmp_path)
    project.write("r.yaml", HEAD.decode())
    before = os.umask(0)
    try:
        bundle = project.compile("r.yaml")
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in bundle.iterdir()}
    assert set(modes.values()) == {0o644}
    assert stat.S_IMODE(bundle.stat().st_mode) == 0o755


# ---------------------------------------------------------------- inputs of our own


@pytest.fixture(scope="module")
def more(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Seen, Rows]]:
    """What is said about each input of `hostile_more`: all in one process, which must survive them."""
    yard = Yard(tmp_path_factory.mktemp("more") / "project")
    files = {name: f"r{number}.yaml" for number, name in enumerate(MORE)}
    for name, (where, payload, _) in MORE.items():
        yard.write(files[name], payload if isinstance(payload, bytes) else recipe(where, payload))
    by_json = [["validate", file, "--format", "json"] for file in files.values()]
    by_text = [["validate", file] for file in files.values()]
    seen = yard.watched(*by_json, *by_text)[: len(files)]
    return {name: (one, short(one.places(yard.root))) for name, one in zip(files, seen, strict=True)}


@pytest.mark.parametrize("name", MORE)
def test_more(more: dict[str, tuple[Seen, Rows]], name: str) -> None:
    seen, rows = more[name]
    expected = MORE[name][2]
    if expected[-1:] == [...]:
        rows, expected = rows[: len(expected) - 1], expected[:-1]
    assert rows == expected
    errors = {item["code"] for item in seen.findings if item["severity"] == "error"}
    assert seen.code == (0 if not errors else 4 if errors <= {"RCP709", "RCP710", "RCP714"} else 1)


# ---------------------------------------------------------------- every entry is somewhere

BY_NAME = {
    "U017", "S018", "S022", "Y010", "Y011", "U014", "U018", "U019", "I010", "I008", "P022", "P023", "T004", "T005", "T006", "T014", "T015", "T018", "R010", "K004", "K005", "K006",
}  # fmt: skip
"""Entries that have a test function of their own; T004 to T006 and T015 in tests/test_nothing_runs.py,
T018 in tests/test_bundle.py, R010 in tests/test_affected.py."""
_TEMPLATES = "templates come with recipec; a site's own are not read yet"
_BUNDLE = "a bundle's own: tests/test_bundle.py has what exists; signatures, approvals and archives do not"
_SUBMITTER = "the submitting side's environment: tests/test_cli.py and the rig"
_CI = "there is no CI integration yet"
_SLURM = "Slurm's answers: tests/rig and tests/test_rig_jobs.py, with a real Slurm"
_LEDGER = "the ledger's own tests; group D is written when the ledger is"
LATER: dict[str, str] = {
    "S025": _TEMPLATES,
    "S026": _TEMPLATES,
    "J007": _TEMPLATES,
    "J010": _TEMPLATES,
    "J013": _TEMPLATES,
    "J014": _TEMPLATES,
    "P007": "compares a bind's real path on the submitting machine: binds are the profile's today, not the recipe's",
    "P010": "the job itself checks the image's digest when it starts: tests/test_golden.py",
    "P021": "a race of a thousand rounds: a nightly test",
    "P024": "a check of owners in a shared state folder",
    **dict.fromkeys(("B001", "B002", "B003", "B004", "B006", "B007", "B008", "B009", "B012", "B014", "B016", "B018", "B020"), _BUNDLE),
    **dict.fromkeys(("E001", "E004", "E005", "E006", "E007", "E009"), _SUBMITTER),
    **dict.fromkeys(("C001", "C002", "C004", "C005", "C006", "C008", "C009", "C010", "C011", "C012", "C013"), _CI),
    **dict.fromkeys(("L001", "L002", "L004", "L006", "L010", "L011", "L012", "L013"), _SLURM),
    **dict.fromkeys(("D001", "D002", "D004", "D005", "D008", "D010", "D012"), _LEDGER),
}  # fmt: skip
"""Entries without a test, and why."""


def test_every_entry_is_tested_or_has_a_reason() -> None:
    tables = [set(REFUSED), set(ACCEPTED), set(EXACT), BY_NAME, set(LATER)]
    assert set().union(*tables) == set(ENTRIES)
    assert sum(map(len, tables)) == len(ENTRIES)


def test_the_copy_of_the_input_file_is_not_stale() -> None:
    """Beside the repository lies the file that all share; a clone alone has the copy."""
    if hostile.SHARED.exists():
        assert hostile.DATA.read_bytes() == hostile.SHARED.read_bytes()
    assert len(ENTRIES) == 174
