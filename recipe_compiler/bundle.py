"""A bundle: rendered files, a manifest that says what went in, and the digest of it all.

The digest is the sha256 of `manifest.json`, which holds the sha256 of every other file. It is
computed, never read: a bundle's folder is named for it and nothing inside claims it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from recipe_compiler.diag import Diagnostic, Diagnostics

MANIFEST = "manifest.json"
VERSION = 1
DIGEST_CHARS = 12
MAX_BYTES = 16 << 20
MAX_FILES = 64


class Bundle(NamedTuple):
    """What is reviewed and submitted: file texts by name, the manifest included."""

    name: str
    digest: str
    files: Mapping[str, str]
    manifest: Mapping[str, Any]

    @property
    def folder(self) -> str:
        """`<name>-<digest12>`, the folder it lies in."""
        return f"{self.name}-{self.digest[:DIGEST_CHARS]}"


@lru_cache(maxsize=16)  # a job checks its files by the digests of the manifest, and most are those of the last job
def sha256(text: str) -> str:
    """The hex digest of a text's UTF-8 bytes."""
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(data: Mapping[str, Any]) -> str:
    """The one way a manifest is written: sorted keys, two spaces, UTF-8, a final newline."""
    return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def seal(name: str, files: Mapping[str, str], facts: Mapping[str, Any]) -> Bundle:
    """The bundle of `files` and what is known of them: `facts` is the manifest less its files."""
    manifest = {
        **facts,
        "manifest": VERSION,
        "name": name,
        "files": {file: sha256(text) for file, text in files.items()},
    }
    text = canonical(manifest)
    return Bundle(name, sha256(text), {**files, MANIFEST: text}, manifest)


def open_bundle(folder: str, members: Mapping[str, bytes]) -> tuple[Bundle | None, Diagnostics]:
    """The bundle read from a folder named `folder`, or each way in which it is not what it was.

    `members` are all files found there. Emits: RCP821, RCP823, RCP824, RCP835.
    """

    def finding(
        code: str, message: str, file: str = MANIFEST, help_: str = "compile it again, or fetch it again"
    ) -> Diagnostic:
        return Diagnostic(code, message, file=f"{folder}/{file}", help=help_)

    raw = members.get(MANIFEST)
    if raw is None:
        return None, (
            finding(
                "RCP824",
                f"`{folder}` has no {MANIFEST}, so it is not a bundle",
                help_="name a folder that `recipec compile` wrote",
            ),
        )
    name, _, digest12 = folder.rpartition("-")
    digest = hashlib.sha256(raw).hexdigest()
    if len(digest12) != DIGEST_CHARS or not digest.startswith(digest12):
        return None, (
            finding(
                "RCP823",
                f"{MANIFEST} was changed: its digest is {digest[:DIGEST_CHARS]}, the folder says {digest12 or '?'}",
            ),
        )
    try:
        manifest = json.loads(raw)
    except ValueError:
        return None, (finding("RCP824", f"{MANIFEST} cannot be read"),)
    if not isinstance(manifest, dict) or manifest.get("manifest") != VERSION:
        version = manifest.get("manifest") if isinstance(manifest, dict) else None
        message = f"manifest version {version!r} is not known; this recipec reads version {VERSION}"
        return None, (finding("RCP835", message, help_="use the release of recipec that wrote it, or compile again"),)
    named = manifest.get("files")
    if not isinstance(named, dict) or manifest.get("name") != name:
        return None, (finding("RCP824", f"{MANIFEST} is not the manifest of `{name}`"),)
    found = [
        finding("RCP821", f"`{file}` is not a file that the manifest names", file, "remove it")
        for file in sorted(members.keys() - named.keys() - {MANIFEST})
    ]
    found += [finding("RCP821", f"`{file}` is missing", file) for file in sorted(named.keys() - members.keys())]
    for file in sorted(named.keys() & members.keys()):
        if hashlib.sha256(members[file]).hexdigest() != named[file]:
            found.append(finding("RCP823", f"`{file}` was changed since it was compiled", file))
    if found:
        return None, tuple(found)
    return Bundle(name, digest, {file: data.decode() for file, data in members.items()}, manifest), ()
