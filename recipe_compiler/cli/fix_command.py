"""`recipec fix`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import click

from recipe_compiler.cli.complete import recipes
from recipe_compiler.cli.options import EXIT_FINDINGS, cluster_option, exit_code, format_option, print_json, say

if TYPE_CHECKING:
    from recipe_compiler.diag import Diagnostic, Diagnostics
    from recipe_compiler.workspace import Workspace

_ROUNDS = 3
"""A mended tab shows what stands behind it, a mended key what is wrong with its value; then all is said."""
_BOM = b"\xef\xbb\xbf"


@click.command(name="fix")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", shell_complete=recipes)
@click.option("--unsafe", is_flag=True, help="Make guesses too, such as the nearest name of an unknown key.")
@click.option("--diff", is_flag=True, help="Print what would change, and write nothing.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if there is something to fix.")
@cluster_option
@format_option
def command(
    paths: tuple[str, ...], *, unsafe: bool, diff: bool, check: bool, cluster: str | None, format_: str
) -> None:
    """Mend what is surely wrong in recipes, and say what is left.

    A fix changes the few characters it is about: comments and layout stay, and a fix that would
    change what another key means is left out. The recipes and the bases they extend are written,
    below the project only; cluster profiles are not.

    \b
    Examples:
      recipec fix recipes
      recipec fix recipes --diff
      recipec fix recipes/hello.yaml --unsafe --check
    """
    from recipe_compiler.cli.session import open_workspace
    from recipe_compiler.diag import arrange

    space, wrong = open_workspace(paths, cluster)
    found: list[Diagnostic] = list(wrong)
    work = None
    if space is not None:
        work = _Work(paths, space, unsafe=unsafe)
        found += work.run()
        if not (diff or check):
            found += work.write()
    arranged = arrange(found)
    made = work.made if work else Counter()
    if format_ == "json":
        from recipe_compiler.report.json_v1 import document

        rows = [{"file": file, "fixes": count} for file, count in sorted(made.items())]
        print_json(document(arranged, fixed=rows, written=not (diff or check)))
    else:
        if diff and work:
            click.echo("".join(work.diff()), nl=False)
        for file, count in sorted(made.items()):
            click.echo(f"{file}: {count} {'fix' if count == 1 else 'fixes'}", err=diff)
        for file, count in sorted(work.left_out.items() if work else ()):
            click.echo(
                f"{file}: {count} left out: what another key means would change, or cannot be read yet", err=True
            )
        say(arranged)
    sys.exit(exit_code(arranged) or (EXIT_FINDINGS if check and made else 0))


class _Work:
    """The texts of one run of `fix`: as they are on disk, and as they will be."""

    def __init__(self, paths: tuple[str, ...], space: Workspace, *, unsafe: bool) -> None:
        self._paths = paths
        self._space = space
        self._unsafe = unsafe
        self._disk: dict[str, tuple[Path, bytes]] = {}
        self._new: dict[str, bytes] = {}
        self.made: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()

    def run(self) -> list[Diagnostic]:
        """Mend until nothing changes; what is found then."""
        for _ in range(_ROUNDS):
            found = list(self._found())
            if not self._round(found):
                return found
        return list(self._found())

    def _found(self) -> Iterator[Diagnostic]:
        """Every finding of the recipes as they would be."""
        from recipe_compiler import driver, syntax
        from recipe_compiler.cli.session import inputs

        space = replace(self._space, layers={})
        for item, wrong in inputs(self._paths, space):
            if item is None:
                yield from wrong
                continue
            if item.path.is_relative_to(space.root) and PurePath(space.root, item.file) == item.path:
                item = item._replace(data=self._current(item.file, item.path, item.data))  # noqa: PLW2901
            found = driver.compile_recipe(item, (), space, self._read).found
            yield from found
            for file in {one.fix.span.source.file for one in found if one.fix} & self._disk.keys():
                # A report stops at fifty findings of a file; a hundred tabs are mended at once.
                yield from (one for one in syntax.parse_bytes(file, self._data(file))[1] if one.fix)

    def _read(self, path: PurePath, root: PurePath, file: str) -> tuple[bytes | None, Diagnostics]:
        from recipe_compiler.cli.session import read

        data, wrong = read(path, root, file)
        return (None if data is None else self._current(file, path, data)), wrong

    def _current(self, file: str, path: PurePath, data: bytes) -> bytes:
        self._disk.setdefault(file, (Path(path), data))
        return self._data(file)

    def _data(self, file: str) -> bytes:
        return self._new.get(file, self._disk[file][1])

    def _round(self, found: list[Diagnostic]) -> bool:
        """Whether any text was mended."""
        from recipe_compiler.mend import mend
        from recipe_compiler.syntax.text import decode

        profile = self._space.profile.tree.source.file
        changed = False
        self.left_out.clear()
        for file in sorted({item.fix.span.source.file for item in found if item.fix}):
            if file not in self._disk or file == profile:
                continue
            data = self._data(file)
            source, _ = decode(file, data)
            if source is None:
                continue
            done = mend(source, found, unsafe=self._unsafe)
            self.left_out[file] += done.left_out
            if done.made:
                self.made[file] += done.made
                self._new[file] = (_BOM if data.startswith(_BOM) else b"") + done.text.encode()
                changed = True
        self.left_out += Counter()  # without those that are zero
        return changed

    def diff(self) -> Iterator[str]:
        """The change of each file, as `diff -u` has it; of what cannot be seen, tabs alone are themselves."""
        from difflib import unified_diff

        from recipe_compiler.diag import visible

        for file, data in sorted(self._new.items()):
            old, new = (text.decode().splitlines(keepends=True) for text in (self._disk[file][1], data))
            for line in unified_diff(old, new, f"a/{file}", f"b/{file}"):
                yield "\t".join(map(visible, line.rstrip("\r\n").split("\t"))) + "\n"

    def write(self) -> Iterator[Diagnostic]:
        """Put the new texts in place. Emits: RCP001, RCP913."""
        from recipe_compiler.diag import Diagnostic
        from recipe_compiler.host.edits import replace as put
        from recipe_compiler.host.files import CannotWrite

        for file, data in sorted(self._new.items()):
            path, before = self._disk[file]
            try:
                if put(path, before, data, Path(self._space.root)):
                    continue
                message = f"{file} was changed while it was being fixed"
                yield Diagnostic("RCP001", message, file=file, help="run it again")
            except CannotWrite as error:
                yield Diagnostic("RCP913", str(error), file=file, help="free space, or allow writing there")
