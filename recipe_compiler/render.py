"""Templates to text, through a gate: no value reaches a script unquoted.

`finalize` refuses every output that is not a number or has not gone through a filter for its
place: `|sh` for a word of a shell, `|argv` for a command, `|sbatch` for a directive,
`|comment` for a comment. A forgotten filter is an error here and not an injection in the job.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from recipe_compiler.compiled_templates import SHA256, TEMPLATES
from recipe_compiler.plan import Argv, RuntimeVar, Word

if TYPE_CHECKING:
    import jinja2

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+\Z")
"""What a shell takes as it is: what `shlex.quote` leaves alone."""
_TOKEN = re.compile(r"[A-Za-z0-9._-]+\Z")
_DIRECTIVE = re.compile(r"[A-Za-z0-9._:/@%+=,-]+\Z")


class RenderError(Exception):
    """A template printed what it must not: a defect of the template, or of a check before it."""


class Safe(str):
    """Text that a filter made fit for its place."""

    __slots__ = ()


@lru_cache(maxsize=1024)  # most words are those of the last job
def sh(value: str | Word) -> Safe:
    """One word of a shell: text is quoted, a hole becomes its variable in double quotes."""
    if not isinstance(value, str) and len(value) == 1 and isinstance(value[0], str):
        value = value[0]  # most words have no hole
    if isinstance(value, str):
        return Safe(value if _PLAIN.match(value) else shlex.quote(value))
    spelled, text = [], ""
    for part in value:  # texts that follow one another are quoted as one
        if isinstance(part, str):
            text += part
            continue
        if text:
            spelled.append(shlex.quote(text))
            text = ""
        spelled.append(f'"${{{_variable(part)}}}"')
    if text:
        spelled.append(shlex.quote(text))
    return Safe("".join(spelled) or "''")


def _variable(hole: RuntimeVar) -> str:
    return f"RECIPEC_{hole.value}"


def argv(value: Argv) -> Safe:
    """A command, one word a line."""
    return Safe(" \\\n  ".join(sh(word) for word in value))


def sbatch(value: str | int) -> Safe:
    """The value of a directive. Slurm's tokenizer is no shell: nothing is quoted, odd text is refused."""
    text = str(value)
    if not _DIRECTIVE.match(text):
        msg = f"`{text[:80]!r}` cannot stand in an #SBATCH line"
        raise RenderError(msg)
    return Safe(text)


def comment(value: str) -> Safe:
    """Text for a comment: one line, without what ends a line."""
    if not value.isprintable():
        value = "".join(char if char.isprintable() else "?" for char in value)
    return Safe(value[:200])


def variable(value: str) -> Safe:
    """A name of a shell variable."""
    if not _VARIABLE.match(value):
        msg = f"`{value[:80]!r}` cannot be a variable name"
        raise RenderError(msg)
    return Safe(value)


def prefix(value: str) -> Safe:
    """The first part of a variable's name, which may be empty."""
    return variable(value) if value else Safe("")


def token(value: str) -> Safe:
    """A word of letters, digits, dots and dashes, as it is: a digest, a file name of ours."""
    if not _TOKEN.match(value):
        msg = f"`{value[:80]!r}` is not a plain word"
        raise RenderError(msg)
    return Safe(value)


def _gate(value: Any) -> Any:  # noqa: ANN401  a template prints anything
    if isinstance(value, Safe) or type(value) is int:
        return value
    msg = f"a template prints {type(value).__name__} without a filter"
    raise RenderError(msg)


def _show(value: Any) -> str:  # noqa: ANN401
    return str(_gate(value))


FILTERS: dict[str, Callable[..., Safe]] = {
    "argv": argv,
    "comment": comment,
    "prefix": prefix,
    "sbatch": sbatch,
    "sh": sh,
    "token": token,
    "variable": variable,
}


def environment(texts: Mapping[str, str]) -> jinja2.Environment:
    """Jinja as our templates use it."""
    import jinja2  # noqa: PLC0415  30 ms, for templates that a site has changed

    made = jinja2.Environment(  # noqa: S701  shell, not HTML: `finalize` is the gate
        loader=jinja2.DictLoader(texts),
        undefined=jinja2.StrictUndefined,
        finalize=_gate,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        comment_start_string="<#",  # `{#` is bash: ${#array[@]}
        comment_end_string="#>",
        auto_reload=False,
    )
    made.filters.update(FILTERS)
    return made


def sha256_of(texts: Mapping[str, str]) -> str:
    """The digest of all templates among `texts`."""
    every = "\0".join(f"{name}\0{texts[name]}" for name in sorted(texts) if name.endswith(".j2"))
    return hashlib.sha256(every.encode()).hexdigest()


class Templates:
    """The templates of one run. `texts` maps names to what the host has read.

    Templates as shipped are Python already; as soon as one of them differs, Jinja compiles them.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        """Prepare to render; Jinja compiles a template when it is first used."""
        self.texts = texts
        self._environment = None if sha256_of(texts) == SHA256 else environment(texts)

    def render(self, name: str, **values: object) -> str:
        """The text of the template `name`. Raises: RenderError."""
        if self._environment is not None:
            return self._environment.get_template(name).render(**values)
        parts: list[str] = []
        TEMPLATES[name](parts.extend, _show, FILTERS, values)
        return "".join(parts)
