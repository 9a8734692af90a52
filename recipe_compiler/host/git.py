"""Files as a git revision has them. The only place that starts git, and it asks for objects alone.

The repository may be hostile: nothing is checked out and no filter, hook, pager, text conversion,
replacement or transport of its configuration runs. Source: git-ls-tree(1), git-cat-file(1), git-config(1).
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path, PurePath
from typing import NamedTuple

from recipe_compiler.diag import Diagnostic, Diagnostics, visible
from recipe_compiler.host import process
from recipe_compiler.syntax.text import MAX_BYTES

_SAFE = (
    *("git", "--no-pager", "--no-replace-objects", "--literal-pathspecs", "--no-optional-locks"),
    *("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "safe.bareRepository=explicit"),
    *("-c", "protocol.allow=never", "-c", "core.sshCommand=false", "-c", "credential.helper="),
)
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",  # a missing object of a partial clone is not fetched
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C.UTF-8",
}
_ENTRY = re.compile(rb"(\d{6}) (\w+) ([0-9a-f]{40,64}) +(\d+|-)\t", re.DOTALL)
_LINK, _FILES = b"120000", frozenset({b"100644", b"100755"})
_MAX_REF = 256


class Tree:
    """The files of a commit, below a folder of the working tree."""

    def __init__(self, root: Path, prefix: str, ref: str, commit: str) -> None:
        """Below `root`, which is the folder `prefix` of the repository, at `ref`."""
        self.root = root
        self.ref = ref
        self.commit = commit
        self._prefix = prefix

    def read(self, path: PurePath, root: PurePath, file: str | None = None) -> tuple[bytes | None, Diagnostics]:
        """A file at the commit, as `layering.Read` asks for it. Emits: RCP001, RCP106, RCP108, RCP611."""
        shown = visible(file or str(path), 200)
        inside = path.is_relative_to(self.root) and path.is_relative_to(root) and ".." not in path.parts
        if not inside or "\0" in str(path):
            return None, (_finding("RCP001", f"cannot read {shown}: it is outside the project", shown),)
        name = self._prefix + path.relative_to(self.root).as_posix()
        code, out, err = _git(self.root, "ls-tree", "-z", "-l", "--full-tree", self.commit, "--", name)
        entry = _ENTRY.match(out)
        if code != 0:
            return None, (_finding("RCP001", f"cannot read {shown} at {self.ref}: {_reason(err)}", shown),)
        if entry is None:
            return None, (_finding("RCP001", f"cannot read {shown} at {self.ref}: no such file or directory", shown),)
        mode, _, object_id, size = entry.groups()
        if mode == _LINK:
            message = f"{shown} is a link at {self.ref}; links are not followed there"
            return None, (_finding("RCP611", message, shown, "put the file itself there"),)
        if mode not in _FILES:
            return None, (_finding("RCP108", f"{shown} is not a regular file at {self.ref}", shown, "name a file"),)
        return self._blob(object_id.decode(), int(size), shown)

    def _blob(self, object_id: str, size: int, shown: str) -> tuple[bytes | None, Diagnostics]:
        if size > MAX_BYTES:
            message = f"{shown} is larger than {MAX_BYTES >> 10} KiB at {self.ref}"
            return None, (_finding("RCP106", message, shown, "split it"),)
        code, out, err = _git(self.root, "cat-file", "blob", object_id)
        if code != 0:
            return None, (_finding("RCP001", f"cannot read {shown} at {self.ref}: {_reason(err)}", shown),)
        return out, ()


def open_tree(root: Path, ref: str) -> tuple[Tree | None, Diagnostics]:
    """The files below `root` as they are at `ref`: a branch, a tag or a commit. Emits: RCP006."""
    shown = visible(ref, 80)
    if not ref or ref.startswith("-") or len(ref) > _MAX_REF or not ref.isprintable() or " " in ref:
        message = f"`{shown}` is not the name of a revision"
        return None, (Diagnostic("RCP006", message, help="name a branch, a tag or a commit"),)
    try:
        code, out, _ = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        if code != 0:
            inside, _, why = _git(root, "rev-parse", "--git-dir")
            message = f"there is no revision `{shown}`" if inside == 0 else f"no git repository: {_reason(why)}"
            help_ = "name a branch, a tag or a commit; a shallow clone holds few: `git fetch --unshallow`"
            return None, (Diagnostic("RCP006", message, help=help_),)
        _, prefix, _ = _git(root, "rev-parse", "--show-prefix")
    except process.Missing as error:
        return None, (Diagnostic("RCP006", str(error), help="install git"),)
    return Tree(root, prefix.decode("utf-8", "replace").rstrip("\n"), shown, out.decode().strip()), ()


class Changes(NamedTuple):
    """What differs from a commit in the working tree: absolute paths."""

    changed: frozenset[Path]
    new: frozenset[Path]
    yaml: frozenset[Path]
    """Every YAML file that git knows or does not ignore."""


def changes(root: Path, ref: str) -> tuple[Changes | None, Diagnostics]:
    """The files that this branch changed since it left `ref`. Emits: RCP006, RCP007.

    Compared by content with the commit that both have in common; a file that is gone is changed too.
    """
    tree, wrong = open_tree(root, ref)
    if tree is None:
        return None, wrong
    code, out, _ = _git(root, "merge-base", tree.commit, "HEAD")
    if code != 0:
        message = f"HEAD and `{tree.ref}` have no commit in common here"
        help_ = "fetch more of the history: `git fetch --unshallow`, or `fetch-depth: 0` of actions/checkout"
        return None, (Diagnostic("RCP007", message, help=help_),)
    base = out.decode().strip()
    top = Path(_git(root, "rev-parse", "--show-toplevel")[1].decode("utf-8", "surrogateescape").rstrip("\n"))
    code, raw, err = _git(root, "diff-index", "-z", "--no-renames", "--ignore-submodules=all", base, "--")
    if code != 0:
        return None, (Diagnostic("RCP007", f"git cannot compare with `{tree.ref}`: {_reason(err)}", help="check all"),)
    changed, new = set(), set()
    fields = raw.split(b"\0")
    for facts, name in zip(fields[0::2], fields[1::2], strict=False):
        _, _, old, _, status = facts.split(b" ")
        path = _path(top, name)
        if status != b"M" or _blob_id(path, len(old)) != old.decode():
            changed.add(path)
        if status == b"A":
            new.add(path)
    untracked = {_path(top, name) for name in _names(top, "--others", "--exclude-standard")}
    known = {_path(top, name) for name in _names(top, "--cached")}
    yaml = frozenset(path for path in known | untracked if path.suffix in {".yaml", ".yml"})
    return Changes(frozenset(changed | untracked), frozenset(new | untracked), yaml), ()


def _names(top: Path, *which: str) -> list[bytes]:
    return [name for name in _git(top, "ls-files", "-z", *which)[1].split(b"\0") if name]


def _path(top: Path, name: bytes) -> Path:
    return top / os.fsdecode(name)


def _blob_id(path: Path, digits: int) -> str:
    """The id that git would give the file's bytes; empty where there is no regular file."""
    try:
        data = path.read_bytes() if path.is_file() and not path.is_symlink() else None
    except OSError:
        data = None
    if data is None:
        return ""
    new = hashlib.sha1 if digits == 40 else hashlib.sha256
    return new(b"blob %d\0" % len(data) + data).hexdigest()


def _git(root: Path, *words: str) -> tuple[int | None, bytes, bytes]:
    env = {**process.clean_environment(), **_ENVIRONMENT}
    return process.run_bytes((*_SAFE, "-C", str(root), *words), env=env)


def _reason(err: bytes) -> str:
    """The first line of what git said."""
    text = err.decode("utf-8", "replace").strip().split("\n")[0]
    return visible(text.removeprefix("fatal: "), 200) or "git did not answer"


def _finding(code: str, message: str, file: str, help_: str = "check the path") -> Diagnostic:
    return Diagnostic(code, message, file=file, help=help_)
