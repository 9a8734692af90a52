"""The recipes of a project with one catalog, and with another in its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from recipe_compiler import driver, upgrade
from recipe_compiler.catalog import Catalog, Catalogs
from recipe_compiler.cli.session import inputs, read
from recipe_compiler.diag import Diagnostic, Diagnostics
from recipe_compiler.syntax import Node
from recipe_compiler.upgrade import Edit
from recipe_compiler.workspace import Input, Workspace

_MAX_ROUNDS = 8
"""A layer below is seen once the one above is mended."""


@dataclass(slots=True)
class Migration:
    """What happens to recipes when `old` becomes `new` in the profile's catalogs, under the name `slot`."""

    space: Workspace
    slot: str
    old: Catalog
    new: Catalog
    moved: Mapping[str, str]
    texts: dict[str, str] = field(default_factory=dict)
    """Files as they are after the edits, by the name that messages have."""

    def checked(self, item: Input, catalog: Catalog) -> driver.Checked:
        """A recipe, as edited so far, with one of the catalogs."""
        space = replace(self.space, catalogs={**self.space.catalogs, self.slot: catalog}, layers={}, registries={})
        if item.file in self.texts:
            item = item._replace(data=self.texts[item.file].encode())
        return driver.check_recipe(item, (), space, self._read)

    def _read(self, path: PurePath, root: PurePath, file: str) -> tuple[bytes | None, Diagnostics]:
        return (self.texts[file].encode(), ()) if file in self.texts else read(path, root, file)

    def breaks(self, item: Input, before: Diagnostics) -> tuple[Diagnostics, Diagnostics, int]:
        """What is found with the new catalog and not before, defaults that changed in silence, and errors with both."""
        known = {(one.code, one.route, one.message) for one in before}
        after = self.checked(item, self.new)
        found = tuple(one for one in after.found if (one.code, one.route, one.message) not in known)
        catalogs = self._after(after)
        settled = self.checked(item, self.old).settled if catalogs is not None else None
        silent = tuple(upgrade.silent(settled, catalogs)) if settled and catalogs else ()
        return found, silent, sum(one.severity == "error" and one not in found for one in after.found)

    def _after(self, after: driver.Checked) -> Catalogs | None:
        return after.settled.catalogs if after.settled is not None else None

    def fix(self, wanted: Sequence[Input], all_: Sequence[Input]) -> tuple[list[Edit], list[Edit]]:
        """The edits that were made, and those that a shared file forbids. `all_`: every recipe of the project."""
        made: list[Edit] = []
        for _ in range(_MAX_ROUNDS):
            asked = {item.file: self._edits(item) for item in all_}
            first = {edit for item in wanted for edit in asked[item.file][1]}
            right = [
                one for one in sorted(first) if self._is_file(one.file, all_) and self._allowed(one, asked.values())
            ]
            if not right:
                return made, sorted(first)
            for file in sorted({edit.file for edit in right}):
                self.texts[file] = upgrade.edited(self.text_of(file, all_), [one for one in right if one.file == file])
            made += right
        return made, []

    def _edits(self, item: Input) -> tuple[driver.Checked, frozenset[Edit]]:
        checked = self.checked(item, self.old)
        after = self.checked(item, self.new).settled
        if checked.settled is None or after is None or after.catalogs is None:
            return checked, frozenset()
        return checked, frozenset(upgrade.edits(checked.settled, after.catalogs, self.moved))

    def _allowed(self, edit: Edit, asked: Iterable[tuple[driver.Checked, frozenset[Edit]]]) -> bool:
        sharing: list[tuple[Node | None, frozenset[Edit]]] = [
            (checked.composed.tree, edits) for checked, edits in asked if edit.file in checked.composed.digests
        ]
        return bool(sharing) and upgrade.right_for_all(edit, sharing)

    def _is_file(self, file: str, items: Iterable[Input]) -> bool:
        """Whether there is a file to edit: standard input and URLs have none."""
        return file != "<stdin>" and "://" not in file and self.path_of(file, items).is_file()

    def text_of(self, file: str, items: Iterable[Input]) -> str:
        """A file as edited so far."""
        if file not in self.texts:
            data = self.path_of(file, items).read_bytes()
            self.texts[file] = data.decode("utf-8").removeprefix("\ufeff")
        return self.texts[file]

    def path_of(self, file: str, items: Iterable[Input]) -> Path:
        """Where a file of messages lies; a link leads to it."""
        path = next((item.path for item in items if item.file == file), self.space.root / file)
        return Path(path).resolve()


def project_recipes(space: Workspace) -> Iterator[Input]:
    """The recipes of the project's folder that can be read."""
    folder = Path(space.root / space.project.recipes)
    if folder.is_dir():
        for item, _ in inputs([str(folder)], space):
            if item is not None:
                yield item


def slot_of(space: Workspace, old: Catalog, new: Catalog) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """The profile's name of the catalog that is compared. Emits: RCP313."""
    for name in (old.name, new.name):
        if name in space.catalogs:
            return name, ()
    cluster = space.profile.cluster.name
    names = f"`{old.name}`" if old.name == new.name else f"`{old.name}` nor `{new.name}`"
    message = f"cluster `{cluster}` uses {'no catalog' if old.name == new.name else 'neither'} {names}"
    help_ = "name the cluster whose images have it with `--cluster`; no recipe was checked"
    return None, (Diagnostic("RCP313", message, file=space.profile.tree.source.file, help=help_),)
