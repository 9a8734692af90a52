"""What a job runs: a function with its arguments, or a command, a module or a script of the authors.

All four are data in `call.json`, which `runtime.py` reads: nothing of them is ever in a shell's text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from recipe_compiler.diag import Diagnostic, Diagnostics, Label, Span, did_you_mean
from recipe_compiler.schema import Recipe
from recipe_compiler.syntax import Node, label

KINDS = ("function", "command", "module", "script")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `shown` names it in a line; `call` is its part of `call.json`; `files` go with it."""

    shown: str
    call: dict[str, Any]
    files: dict[str, str] = field(default_factory=dict)


def one_of(recipe: Recipe, tree: Node) -> Diagnostics:
    """A recipe says exactly one thing to run. Emits: RCP211."""
    said = [kind for kind in KINDS if getattr(recipe, kind) is not None]
    if not said:
        near = next((key for key in tree.value if did_you_mean(key, KINDS)), None)
        where = label(tree, (near,), key=True) if near else Label(Span(tree.source, tree.start, tree.start + 1))
        message = "the recipe does not say what to run"
        return (Diagnostic("RCP211", message, where, help="write `function:`, `command:`, `module:` or `script:`"),)
    if len(said) > 1:
        first, second = (label(tree, (kind,), key=True) for kind in said[:2])
        message = f"the recipe says `{said[0]}` and `{said[1]}`; a job runs one of them"
        return (Diagnostic("RCP211", message, second, (first,), help="remove one of the two", route=(said[1],)),)
    if said != ["function"] and recipe.args:
        where = label(tree, ("args",), key=True)
        message = f"`args` are arguments of a function, and this job runs a {said[0]}"
        help_ = "write its words in `argv`" if said != ["command"] else "write its words in `command`"
        return (Diagnostic("RCP211", message, where, help=help_, route=("args",)),)
    script = recipe.script
    if script is not None and (script.path is None) == (script.inline is None):
        where = label(tree, ("script",), key=True)
        return (Diagnostic("RCP211", "`script` needs `path` or `inline`", where, help="write one of the two"),)
    return ()


def raw(recipe: Recipe, text: str | None) -> Entry | None:
    """The entry of a recipe without a function. `text` is the content of the script's file."""
    if recipe.command is not None:
        return Entry(f"command {recipe.command[0]}", {"command": list(recipe.command)})
    if recipe.module is not None:
        name = recipe.module.name.replace(":", ".")
        return Entry(f"module {name}", {"module": name, "argv": list(recipe.module.argv)})
    script = recipe.script
    if script is None:
        return None
    is_python = script.interpreter == "python" or (
        script.interpreter is None and script.path is not None and script.path.endswith(".py")
    )
    file = "script.py" if is_python else "script.sh"
    content = script.inline if script.inline is not None else text or ""
    content = content if content.endswith("\n") else f"{content}\n"
    shown = f"script {script.path}" if script.path else "script"
    return Entry(shown, {"script": file, "argv": list(script.argv)}, {file: content})
