"""Where recipes and bundles may lie: local paths, `file:` URLs, and what the profile allows.

Our own check stands in front of fsspec: `url_to_fs` alone opens a socket for `ftp://` and a
file for `zip://`, and takes `file://host/etc` for a relative path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from recipe_compiler.bundle import MAX_BYTES, MAX_FILES, Bundle
from recipe_compiler.diag import Diagnostic, Diagnostics, visible
from recipe_compiler.host.files import CannotWrite

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
NEVER = frozenset(
    {
        "reference",
        "zip",
        "tar",
        "libarchive",
        "blockcache",
        "filecache",
        "simplecache",
        "cached",
        "dir",
        "data",
        "generic",
    }
)
"""fsspec's schemes that read other URLs or whole archives on the way."""


def is_url(text: str) -> bool:
    """Whether `text` has a scheme, so that it is no plain path."""
    return bool(_URL.match(text)) and not Path(text).exists()


def split(text: str, schemes: Iterable[str]) -> tuple[Path | str | None, Diagnostics]:
    """The local path of `text`, or the checked URL itself. Emits: RCP603."""
    if not is_url(text):
        return Path(text), ()
    scheme = text.partition(":")[0].lower()
    parts = urlsplit(text)
    path = unquote(parts.path)

    def refused(why: str) -> tuple[None, Diagnostics]:
        shown = visible(re.sub(r"//[^/@]*@", "//***@", text), 120)
        return None, (
            Diagnostic(
                "RCP603",
                f"the URL {shown} is not allowed: {why}",
                file=shown,
                help="use a local path, or ask for the scheme in the cluster profile",
            ),
        )

    if "::" in text or scheme in NEVER:
        return refused("URLs inside URLs are not read")
    if parts.username or parts.password or "@" in parts.netloc:
        return refused("it carries a name or password")
    if any(not char.isprintable() for char in path) or "\\" in path or ".." in path.split("/"):
        return refused("its path has `..`, a backslash or a control character")
    if scheme == "file":
        if parts.netloc or not path.startswith("/"):
            return refused("`file:` takes an absolute path and no host")
        return Path(path), ()
    if scheme not in schemes:
        return refused(f"the scheme `{scheme}` is not in `schemes` of the cluster profile")
    return text, ()


def read_bytes(url: str, limit: int) -> tuple[bytes | None, Diagnostics]:
    """At most `limit` + 1 bytes at a checked URL. Emits: RCP001."""
    import fsspec  # noqa: PLC0415  90 ms, for URLs only

    try:
        with fsspec.open(url, "rb") as stream:
            data: bytes = stream.read(limit + 1)
            return data, ()
    except Exception as error:  # noqa: BLE001  each file system raises its own
        shown = visible(url, 200)
        reason = visible(f"{type(error).__name__}: {error}", 200)
        return None, (Diagnostic("RCP001", f"cannot read {shown}: {reason}", file=shown, help="check the URL"),)


def write_bundle(bundle: Bundle, out: str) -> str:
    """The URL of the bundle's folder below `out`. The manifest is written last: without it there is no bundle.

    Raises: CannotWrite.
    """
    import fsspec  # noqa: PLC0415

    target = f"{out.rstrip('/')}/{bundle.folder}"
    try:
        system, path = fsspec.core.url_to_fs(target)
        system.makedirs(path, exist_ok=True)
        for name, text in bundle.files.items():
            system.pipe_file(f"{path}/{name}", text.encode())
    except Exception as error:
        msg = f"cannot write {visible(target, 200)}: {visible(str(error), 200)}"
        raise CannotWrite(msg) from error
    return target


def read_bundle(url: str) -> tuple[dict[str, bytes] | None, Diagnostics]:
    """Every member of the bundle's folder at a checked URL. Emits: RCP824."""
    import fsspec  # noqa: PLC0415

    shown = visible(url, 200)
    try:
        system, path = fsspec.core.url_to_fs(url)
        entries = system.ls(path, detail=True)
        if len(entries) > MAX_FILES or sum(entry["size"] or 0 for entry in entries) > MAX_BYTES:
            return None, (
                Diagnostic("RCP826", f"{shown} is too large for a bundle", file=shown, help="compile it again"),
            )
        return {entry["name"].rpartition("/")[2]: system.cat_file(entry["name"]) for entry in entries}, ()
    except Exception as error:  # noqa: BLE001
        reason = visible(f"{type(error).__name__}: {error}", 200)
        return None, (
            Diagnostic("RCP824", f"cannot read the bundle {shown}: {reason}", file=shown, help="check the URL"),
        )
