"""Types of single fields: names, function paths, durations, memory sizes.

Each says in its own words what is wrong: a validator raises `wrong(CODE, …)`, which
`schema.validate` turns into a diagnostic at the field's place.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, PlainValidator
from pydantic_core import PydanticCustomError

from recipe_compiler.diag import visible

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}\Z")
ENV_NAME = re.compile(r"[A-Z_][A-Z0-9_]{0,127}\Z")
_IDENTIFIER = r"(?!__)[A-Za-z_][A-Za-z0-9_]*"
FUNCTION = re.compile(rf"{_IDENTIFIER}(?:\.{_IDENTIFIER})*(?:[.:]{_IDENTIFIER})(?:\.{_IDENTIFIER})*\Z")
_MAX_PATH = 255
_MEMORY = re.compile(r"([1-9][0-9]{0,6})([KMGT])(?:iB|B)?\Z")
_UNIT_MIB = {"K": 1 / 1024, "M": 1, "G": 1024, "T": 1024 * 1024}
_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_HMS = re.compile(r"(?:([0-9]{1,3})-)?([0-9]{1,4}):([0-5][0-9]):([0-5][0-9])\Z")
_WITH_UNIT = re.compile(r"(?=[0-9])(?:([0-9]{1,4})d)?(?:([0-9]{1,5})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,7})s)?\Z")


_PATH_FORMS = "write `package.module.function` or `package.module:function`"
_DURATION_FORMS = "write H:MM:SS, D-HH:MM:SS, or a unit such as `90m`"
_MEMORY_FORMS = "write a number and a unit such as `64G`"


def wrong(code: str, message: str, help_: str) -> PydanticCustomError:
    """The error a validator raises: a code, the message, and what to write."""
    return PydanticCustomError(code, "{message}", {"message": message, "help": help_})


def expected(what: str, help_: str = "") -> PydanticCustomError:
    """The error for a value of the wrong type, and what to write if `write {what}` does not say it."""
    return PydanticCustomError("expected", "{what}", {"what": what, "help": help_})


def kind(value: object) -> str:
    """The type of a value in the words of YAML."""
    names = {
        bool: "true or false",
        int: "an integer",
        float: "a number",
        str: "text",
        list: "a list",
        dict: "a mapping",
    }
    return "nothing" if value is None else names.get(type(value), type(value).__name__)


def _name(value: object) -> str:
    if not isinstance(value, str):
        raise expected("text")
    if value.endswith(".lock"):
        raise wrong("RCP701", f"{_quoted(value)} cannot be a name", "`.lock` at the end is kept for lock files")
    if not NAME.match(value):
        raise wrong(
            "RCP701",
            f"{_quoted(value)} cannot be a name",
            "use lower-case letters, digits, `.`, `_` and `-`, first a letter or digit, at most 63 characters",
        )
    return value


def _quoted(value: str) -> str:
    return f"`{visible(value, 80)}`" if value else "an empty text"


def function_trouble(path: str) -> str | None:
    """Why `path` cannot name a function, or None."""
    if len(path) > _MAX_PATH:  # first: the pattern takes time that grows with the square of the length
        return f"it is longer than {_MAX_PATH} characters"
    if FUNCTION.match(path):
        return None
    odd = next((char for char in path if not char.isascii()), None)
    if odd is not None:
        import unicodedata  # noqa: PLC0415  only for the message

        return f"identifiers are ASCII, `{visible(odd)}` is {unicodedata.name(odd, 'not').lower()}"
    if "__" in path:
        return "names with two leading underscores are not allowed"
    return "it is not a dotted path of identifiers"


def _function(value: object) -> str:
    if not isinstance(value, str):
        raise expected("a function path", _PATH_FORMS)
    if (trouble := function_trouble(value)) is not None:
        raise wrong("RCP704", f"{_quoted(value)} cannot be a function path: {trouble}", _PATH_FORMS)
    return value


def _module(value: object) -> str:
    if not isinstance(value, str):
        raise expected("a module's name", "write `package.module`")
    if ":" in value or function_trouble(f"{value}.x") is not None:
        raise wrong("RCP704", f"{_quoted(value)} cannot be a module's name", "write `package.module`")
    return value


def seconds(text: str) -> int | None:
    """The seconds that a duration stands for, or None when it is ambiguous.

    `H:MM:SS`, `D-HH:MM:SS`, or numbers with units: `90m`, `1d12h`. Two-part and bare numbers mean
    minutes to Slurm and something else to YAML 1.1, so they are refused.
    """
    if match := _HMS.match(text):
        days, hours, minutes, rest = (int(part or 0) for part in match.groups())
        return ((days * 24 + hours) * 60 + minutes) * 60 + rest
    if match := _WITH_UNIT.match(text):
        return sum(int(part or 0) * unit for part, unit in zip(match.groups(), (86400, 3600, 60, 1), strict=True))
    return None


def _duration(value: object) -> int:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise wrong("RCP204", f"`{value}` has no unit", _DURATION_FORMS)
    if not isinstance(value, str):
        raise expected("a duration", _DURATION_FORMS)
    total = seconds(value)
    if total is None:
        raise wrong("RCP204", f"`{visible(value, 40)}` is not a clear duration", _DURATION_FORMS)
    if total == 0:
        raise wrong("RCP203", "a duration of 0", "write how long the job may run")
    return total


def _memory(value: object) -> int:
    match = _MEMORY.match(value) if isinstance(value, str) else None
    if match is None:
        if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
            raise wrong("RCP204", f"`{visible(str(value), 40)}` is not a memory size", _MEMORY_FORMS)
        raise expected("a memory size", _MEMORY_FORMS)
    mib = int(match.group(1)) * _UNIT_MIB[match.group(2)]
    if mib < 1:
        raise wrong("RCP203", "less than 1M of memory", "write at least `1M`")
    return int(mib)


def _absolute(value: object) -> str:
    if not isinstance(value, str):
        raise expected("an absolute path")
    parts = value.split("/")
    if not value.startswith("/") or value == "/" or ".." in parts or "." in parts or "//" in value:
        raise wrong(
            "RCP602",
            f"`{visible(value, 80)}` is not a plain absolute path",
            "write `/folder/name`, without `.` and `..`",
        )
    if any(not char.isprintable() for char in value):
        raise wrong("RCP206", f"control character in the path `{visible(value, 80)}`", "remove it")
    return value


_DIRECTIVE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}\Z")
_PLAIN_PATH = re.compile(r"[A-Za-z0-9._@+/=,-]+\Z")


def _directive(value: object) -> str:
    if not isinstance(value, str):
        raise expected("text")
    if not _DIRECTIVE.match(value):
        message = f"`{visible(value, 80)}` cannot stand in an #SBATCH line"
        raise wrong("RCP803", message, "use letters, digits and `._@+-`, first a letter or digit")
    return value


def _plain_path(value: object) -> str:
    path = _absolute(value)
    if not _PLAIN_PATH.match(path):
        message = f"`{visible(path, 80)}` cannot stand in an #SBATCH line"
        raise wrong("RCP803", message, "use letters, digits and `._@+/=,-`")
    return path.rstrip("/")


def duration_text(total_s: int) -> str:
    """`D-HH:MM:SS`, the form that Slurm reads only one way."""
    days, rest = divmod(total_s, 86400)
    clock = f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    return f"{days}-{clock}"


def _text(value: Any) -> Any:  # noqa: ANN401  a validator takes anything
    if isinstance(value, str) and not value:
        raise wrong("RCP202", "the text is empty", "write a value, or remove the key")
    return value


def _version(value: object) -> object:
    if type(value) is not int:  # `true` and `1.0` are equal to 1
        raise expected("an integer")
    return value


Version = Annotated[Literal[1], BeforeValidator(_version)]
Name = Annotated[str, PlainValidator(_name)]
FunctionPath = Annotated[str, PlainValidator(_function)]
ModulePath = Annotated[str, PlainValidator(_module)]
Duration = Annotated[int, PlainValidator(_duration)]
Memory = Annotated[int, PlainValidator(_memory)]
AbsolutePath = Annotated[str, PlainValidator(_absolute)]
Text = Annotated[str, BeforeValidator(_text)]
DirectiveWord = Annotated[str, PlainValidator(_directive)]
"""A value that is written into an #SBATCH line, which no quoting makes safe."""
PlainPath = Annotated[str, PlainValidator(_plain_path)]
"""An absolute path that is written into an #SBATCH line."""
