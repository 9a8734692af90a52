"""Every code has a page, and every page's example runs and prints what the page shows.

A page's example is a project in an empty folder: a `recipec.yaml` that says `recipec: 1`, and each
block with `file=NAME`; files below `bin/` are programs. The lines of a `console` block that begin
with `$` (and `>`, their continuation) are one bash session there, and what follows is what it prints;
`…` stands for any text, on a line of its own for any lines. "Instead" begins with the example's
files too; without a console of its own it runs the example's commands again. All of its commands
succeed and print no finding.

`python -m tests.test_explain --refresh` writes the outputs anew; look at the diff.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from recipe_compiler import explain
from recipe_compiler.codes import CODES

PAGES = Path(explain.__path__[0])
HEADINGS = ["## Why it matters", "## Example", "## Instead"]
NO_EXAMPLE = {
    "RCP801": "guards the templates that recipec ships: no recipe and no profile reaches it",
    "RCP802": "guards the templates that recipec ships: no recipe and no profile reaches it",
}
RECIPEC = Path(sys.executable).with_name("recipec")
PROJECT = {"recipec.yaml": "recipec: 1\n"}
WIDTH = 100
_FENCE = re.compile(r"^```(?P<lang>[a-z]+)(?: file=(?P<file>\S+))?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_DIGEST = re.compile(r"\b[0-9a-f]{12,64}\b")
_MARK = "\x1e"


@dataclass
class Command:
    """A command, what the page says it prints, and once it ran, what it printed."""

    text: str
    shown: str
    said: str = ""
    code: int = 0


@dataclass
class Part:
    """One section's files and commands."""

    files: dict[str, str] = field(default_factory=dict)
    commands: list[Command] = field(default_factory=list)

    @property
    def said(self) -> str:
        """All that its commands printed."""
        return "".join(command.said for command in self.commands)


def sections(page: str) -> dict[str, str]:
    """The text of each section by its heading; the first, without one, is ``."""
    parts = re.split(r"^(## .*)$", page, flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def read(section: str) -> Part:
    """The files and commands of a section."""
    part = Part()
    for match in _FENCE.finditer(section):
        if match["file"]:
            part.files[match["file"]] = match["body"]
        elif match["lang"] == "console":
            part.commands += console(match["body"])
    return part


def console(body: str) -> list[Command]:
    """The commands of a console block."""
    commands: list[Command] = []
    for line in body.splitlines(keepends=True):
        if line.startswith("$ "):
            commands.append(Command(line[2:], ""))
        elif line.startswith("> ") and commands and not commands[-1].shown:
            commands[-1].text += line[2:]
        else:
            commands[-1].shown += line
    return commands


def example(page: str) -> Part:
    return read(sections(page)["## Example"])


def instead(page: str) -> Part:
    """What the page says to write: over the example's files, by its commands unless there are others."""
    before, after = example(page), read(sections(page)["## Instead"])
    again = [Command(command.text, "…\n") for command in before.commands]
    return Part({**before.files, **after.files}, after.commands or again)


def run(part: Part, root: Path) -> None:
    """Write the files below `root`, run the commands there, and keep what each said."""
    project = root / "project"
    for name, text in {**PROJECT, **part.files}.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if name.startswith("bin/"):
            path.chmod(0o755)
    home = root / "home"
    home.mkdir()
    env = {
        "PATH": f"{RECIPEC.parent}{os.pathsep}/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "RECIPEC_STATE_DIR": str(root / "state"),
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "COLUMNS": str(WIDTH),
        "TERM": "dumb",
    }
    script = "".join(f"{command.text}printf '{_MARK}%s{_MARK}' $?\n" for command in part.commands)
    done = subprocess.run(
        ["/bin/bash", "--noprofile", "--norc", "-c", f"set -o pipefail; exec 2>&1\n{script}"],
        cwd=project,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    answers = done.stdout.split(_MARK)
    for command, said, code in zip(part.commands, answers[0::2], answers[1::2], strict=False):
        command.said, command.code = said.replace(str(root), "…"), int(code)


def matches(shown: str, said: str) -> bool:
    """Whether a command said what the page shows."""
    lines = [re.escape(line).replace("…", ".*?") for line in shown.splitlines(keepends=True)]
    pattern = "".join("(?:.*\n)*?" if line == ".*?\\\n" else line for line in lines)
    return re.fullmatch(pattern, said) is not None


def scrubbed(said: str) -> str:
    """What a command said, without what differs from day to day."""
    return _DIGEST.sub("…", said)


CODES_WITH_PAGES = sorted(path.stem for path in PAGES.glob("*.md"))


def page_of(code: str) -> str:
    return (PAGES / f"{code}.md").read_text(encoding="utf-8")


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert sorted(CODES) == CODES_WITH_PAGES


@pytest.mark.parametrize("code", CODES_WITH_PAGES)
def test_a_page_has_its_fixed_shape(code: str) -> None:
    page = page_of(code)
    assert page.startswith(f"# {code} {CODES[code].slug}\n\n")
    assert [line for line in page.splitlines() if line.startswith("## ")] == HEADINGS
    prose = {heading: _FENCE.sub("", text).strip() for heading, text in sections(page).items()}
    assert prose[""].partition("\n\n")[2], "the first paragraph says what the code means"
    assert prose["## Why it matters"]
    for text in prose.values():
        assert "```" not in text, "each block is a `console`, or has `file=NAME`"
        assert max(map(len, text.splitlines()), default=0) <= WIDTH
    for fence in _FENCE.finditer(page):
        assert fence["file"] or fence["lang"] == "console"
    assert page.endswith("\n")


@pytest.mark.parametrize("code", [code for code in CODES_WITH_PAGES if code not in NO_EXAMPLE])
def test_the_example_says_what_the_page_shows(code: str, tmp_path: Path) -> None:
    part = example(page_of(code))
    run(part, tmp_path)
    for command in part.commands:
        assert matches(command.shown, command.said), f"$ {command.text}{command.said}"
    assert set(re.findall(r"\[(RCP\d+)\]", part.said)) == {code}
    assert (part.commands[-1].code != 0) == (CODES[code].severity == "error")


@pytest.mark.parametrize("code", [code for code in CODES_WITH_PAGES if code not in NO_EXAMPLE])
def test_what_to_write_instead_has_no_finding(code: str, tmp_path: Path) -> None:
    part = instead(page_of(code))
    run(part, tmp_path)
    for command in part.commands:
        assert matches(command.shown, command.said), f"$ {command.text}{command.said}"
        assert command.code == 0, f"$ {command.text}{command.said}"
    assert "[RCP" not in part.said


@pytest.mark.parametrize(("code", "why"), NO_EXAMPLE.items())
def test_a_code_without_an_example_says_why(code: str, why: str) -> None:
    assert why
    assert not example(page_of(code)).commands
    assert "no recipe" in sections(page_of(code))["## Example"]


@pytest.mark.parametrize("name", ["RCP201", "unknown-key"])
def test_the_command_prints_the_page(name: str, tmp_path: Path) -> None:
    part = Part(commands=[Command(f"recipec explain {name}\n", "")])
    run(part, tmp_path)
    assert part.said == page_of("RCP201")


def refresh(page: str) -> str:
    """The page with each output that is not what the page shows written anew."""
    text = page
    for heading, part in (("## Example", example(page)), ("## Instead", read(sections(page)["## Instead"]))):
        if not part.commands:
            continue
        both = part if heading == "## Example" else instead(page)
        with tempfile.TemporaryDirectory() as folder:
            run(both, Path(folder))
        before = sections(text)[heading]
        fresh = iter(both.commands)
        after = _FENCE.sub(lambda match: _block(match, fresh), before)  # noqa: B023
        text = text.replace(heading + before, heading + after)
    return text


def _block(match: re.Match[str], commands: object) -> str:
    if match["file"] or match["lang"] != "console":
        return match[0]
    body = ""
    for _ in console(match["body"]):
        command: Command = next(commands)  # type: ignore[call-overload]
        body += "$ " + command.text.rstrip("\n").replace("\n", "\n> ") + "\n"
        body += command.shown if matches(command.shown, command.said) else scrubbed(command.said)
    return f"```console\n{body}```"


if __name__ == "__main__":
    if sys.argv[1:] != ["--refresh"]:
        sys.exit("usage: python -m tests.test_explain --refresh")
    for file in sorted(PAGES.glob("*.md")):
        old = file.read_text(encoding="utf-8")
        new = refresh(old)
        if new != old:
            file.write_text(new, encoding="utf-8")
            print(f"wrote {file.name}")
