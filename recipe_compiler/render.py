"""Templates to text, through a gate: no value reaches a script unquoted.

`finalize` refuses every output that is not a number or has not gone through a filter for its
place: `|sh` for a word of a shell, `|argv` for a command, `|sbatch` for a directive,
`|comment` for a comment. A forgotten filter is an error here and not an injection in the job.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from itertools import groupby
from typing import Any

import jinja2

from recipe_compiler.plan import Argv, RuntimeVar, Word

_DIRECTIVE = re.compile(r"[A-Za-z0-9._:/@%+=,-]+\Z")


class RenderError(Exception):
    """A template printed what it must not: a defect of the template, or of a check before it."""


class Safe(str):
    """Text that a filter made fit for its place."""

    __slots__ = ()


def sh(value: str | Word) -> Safe:
    """One word of a shell: text is quoted, a hole becomes its variable in double quotes."""
    if isinstance(value, str):
        return Safe(shlex.quote(value))
    spelled: list[str] = []
    for is_text, parts in groupby(value, key=lambda part: isinstance(part, str)):
        if is_text:
            text = "".join(str(part) for part in parts)
            spelled += [shlex.quote(text)] if text else []
        else:
            spelled += [f'"${{{_variable(hole)}}}"' for hole in parts if isinstance(hole, RuntimeVar)]
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
    return Safe("".join(char if char.isprintable() else "?" for char in value)[:200])


def variable(value: str) -> Safe:
    """A name of a shell variable."""
    if not re.match(r"[A-Za-z_][A-Za-z0-9_]*\Z", value):
        msg = f"`{value[:80]!r}` cannot be a variable name"
        raise RenderError(msg)
    return Safe(value)


def prefix(value: str) -> Safe:
    """The first part of a variable's name, which may be empty."""
    return variable(value) if value else Safe("")


def token(value: str) -> Safe:
    """A word of letters, digits, dots and dashes, as it is: a digest, a file name of ours."""
    if not re.match(r"[A-Za-z0-9._-]+\Z", value):
        msg = f"`{value[:80]!r}` is not a plain word"
        raise RenderError(msg)
    return Safe(value)


def _gate(value: Any) -> Any:  # noqa: ANN401  a template prints anything
    if isinstance(value, Safe) or type(value) is int:
        return value
    msg = f"a template prints {type(value).__name__} without a filter"
    raise RenderError(msg)


class Templates:
    """The compiled templates of one run. `texts` maps names to what the host has read."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """Prepare to render; each template is compiled when it is first used."""
        self.texts = texts
        self._environment = jinja2.Environment(  # noqa: S701  shell, not HTML: `finalize` is the gate
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
        self._environment.filters.update(
            sh=sh, argv=argv, sbatch=sbatch, comment=comment, variable=variable, prefix=prefix, token=token
        )

    def render(self, name: str, **values: object) -> str:
        """The text of the template `name`. Raises: RenderError."""
        return self._environment.get_template(name).render(**values)
