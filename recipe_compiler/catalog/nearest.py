"""The path that a person most likely meant, among tens of thousands.

Names of recipes are made of words (`llama32_1b_sft_config`), so they are compared word by word: a word
that few names have says more than one that all have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import log

from recipe_compiler.catalog.registry import Catalogs

CUTOFF = 0.7
_SAME = ({"finetune", "sft", "peft", "lora", "ft"}, {"pretrain", "pt"}, {"num", "n"}, {"size", "sizes"})
"""Words that mean nearly the same in the names of recipes."""
_SAME_WORD = 0.85
_MODES = {"pretrain", "pt", "finetune", "sft", "peft", "lora", "ft"}
"""What a recipe does with its model: the model counts for more."""
_OTHER_MODE = 0.5
_OTHER_STYLE = 0.93
_EXTRA_WORD = 0.04
_BELOW = 0.99
"""A name in a package's own module is as good as one of the package, nearly."""
_CLOSE = 0.93
_LONG = 8
_TELLING = 5
"""A name as short as `main` or `run` says little of where it was meant to be."""
_STEM = 3


def nearest(path: str, catalogs: Catalogs, limit: int = 3) -> list[str]:
    """The paths that are most like `path`, best first; none when nothing is near."""
    parts = path.replace(":", ".").split(".")
    known = next((end for end in range(len(parts) - 1, 0, -1) if catalogs.resolve(".".join(parts[:end]))), 0)
    if known < len(parts) - 1:
        return _repaired(parts, known, catalogs, limit)
    above = catalogs.resolve(".".join(parts[:-1]))
    homes = {".".join(parts[:-1]), above.path if above else ""} - {""}
    options = _options(parts, homes, catalogs)
    weights = Counter(word for name in options for word in _folded(name).split("_"))
    direct = {name for name, other in options.items() if other.rpartition(".")[0] == ".".join(parts[:-1])}
    scored = sorted(
        (-likeness(parts[-1], name, weights) * (1 if name in direct else _BELOW), len(name), other)
        for name, other in options.items()
    )
    if scored and scored[0][2].rpartition(".")[2] == parts[-1]:
        return [_public(scored[0][2], catalogs)]
    if scored and is_slip(parts[-1], scored[0][2].rpartition(".")[2]):
        return [scored[0][2]]
    if elsewhere := _same_name(parts, catalogs):
        return elsewhere[:1]
    return [other for score, _, other in scored[:limit] if -score >= CUTOFF and score <= scored[0][0] * _CLOSE]


def _options(parts: list[str], homes: set[str], catalogs: Catalogs) -> dict[str, str]:
    """The names in and below the module that was named, each with its path."""
    options: dict[str, str] = {}
    for home in homes:
        found = catalogs.resolve(home)
        for name in found.entry.get("values", ()) if found else ():
            options[name] = ".".join([*parts[:-1], name])
    below = tuple(f"{home}." for home in homes)
    for other in catalogs.paths():
        if not other.startswith(below):
            continue
        package, _, name = other.rpartition(".")
        if package in homes:
            options[name] = ".".join([*parts[:-1], name])
        else:
            options[name] = min(options.get(name, other), other, key=len)
    return options


def of_module(module: str, catalogs: Catalogs, limit: int = 3) -> list[str]:
    """What to call of a module that was named itself: the function of its own name, else those that it defines."""
    found = catalogs.resolve(module)
    inside = [other for other in catalogs.paths() if found and other.rpartition(".")[0] in {found.path, module}]
    near = best_of(module.rpartition(".")[2], [other.rpartition(".")[2] for other in inside])
    if near:
        return [f"{module}.{near}"]
    listed = [other for other in inside if (one := catalogs.resolve(other)) and one.path == other]
    listed = [other for other in listed if catalogs.entry(other)["kind"] in {"class", "function"}]
    return [other for other in listed if other.rpartition(".")[2][0] != "_"][:limit]


def _public(path: str, catalogs: Catalogs) -> str:
    """The shortest path that leads to the same definition: where its package offers it."""
    found = catalogs.resolve(path)
    if found is None:
        return path
    name = f".{path.rpartition('.')[2]}"
    same = [other for other in catalogs.paths() if other.endswith(name)]
    return min((other for other in same if (one := catalogs.resolve(other)) and one.path == found.path), key=len)


def _same_name(parts: list[str], catalogs: Catalogs, limit: int = 2) -> list[str]:
    """The same name elsewhere, in the nearest packages first, each by its shortest path."""
    if len(parts[-1]) < _TELLING:
        return []
    same: dict[str, str] = {}
    for other in catalogs.paths():
        if other.rpartition(".")[2] == parts[-1] and (found := catalogs.resolve(other)) is not None:
            same[found.path] = min(same.get(found.path, other), other, key=len)
    wanted = set(parts)
    return sorted(same.values(), key=lambda other: (-len(wanted & set(other.split("."))), len(other)))[:limit]


def _repaired(parts: list[str], known: int, catalogs: Catalogs, limit: int) -> list[str]:
    """A path whose module is wrong: the part that is, mended; else the same last name anywhere."""
    head, wrong, rest = parts[:known], parts[known], parts[known + 1 :]
    if head:
        for fixed in nearest(".".join([*head, wrong]), catalogs):
            if catalogs.resolve(".".join([fixed, *rest])):
                return [".".join([fixed, *rest])]
    tops = {name.partition(".")[0] for name in catalogs.paths()} if not head else set()
    top = best_of(wrong, tops)
    if top and top != wrong and catalogs.resolve(".".join([top, *rest])):
        return [".".join([top, *rest])]
    return _same_name(parts, catalogs)[:limit]


def likeness(one: str, two: str, weights: Mapping[str, int] | None = None) -> float:
    """0 to 1. `weights`: how many names have each word."""
    if one.lower() == two.lower():
        return 1.0
    score = _likeness(_folded(one), _folded(two), weights)
    return score if one[:1].isupper() == two[:1].isupper() else score * _OTHER_STYLE


def _folded(name: str) -> str:
    """`cross_entropy_loss` of `CrossEntropyLoss`."""
    import re  # noqa: PLC0415  only needed when something is wrong

    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _likeness(left: str, right: str, weights: Mapping[str, int] | None) -> float:
    if left == right:
        return 1.0
    if left == _initials(right) or right == _initials(left) or sorted(left) == sorted(right):
        return _SAME_WORD
    from difflib import SequenceMatcher  # noqa: PLC0415  only needed when something is wrong

    whole = SequenceMatcher(None, left, right, autojunk=False)
    if whole.real_quick_ratio() < CUTOFF / 2:
        return 0.0
    words = _words(left.split("_"), right.split("_"), weights or {})
    return max(words, whole.ratio()) if "_" not in left or "_" not in right else max(words, whole.ratio() * 0.9)


def _initials(name: str) -> str:
    """`lr` of `learning_rate`; empty for a single word."""
    words = name.split("_")
    return "".join(word[:1] for word in words) if len(words) > 1 else ""


def _words(left: list[str], right: list[str], counts: Mapping[str, int]) -> float:
    total = matched = 0.0
    rest = list(right)
    for word in left:
        weight = 1 / (1 + log(1 + counts.get(word, 0)))
        best = max(rest, key=lambda other: _word(word, other), default=None)
        score = 0.0 if best is None else _word(word, best)
        if best is not None and score:
            rest.remove(best)
        total += weight
        matched += weight * score
    return max(0.0, matched / total - _EXTRA_WORD * len(rest))


@lru_cache(maxsize=1 << 16)
def _word(one: str, two: str) -> float:
    if one == two:
        return 1.0
    if any(one in group and two in group for group in _SAME):
        return _SAME_WORD
    if one in _MODES and two in _MODES:
        return _OTHER_MODE
    if _digits(one) != _digits(two):  # `qwen25` and `qwen3` are two models, however alike
        return 0.0
    if min(len(one), len(two)) >= _STEM and (one.startswith(two) or two.startswith(one)):
        return _SAME_WORD
    from difflib import SequenceMatcher  # noqa: PLC0415

    ratio = SequenceMatcher(None, one, two, autojunk=False).ratio()
    return ratio if ratio >= CUTOFF else 0.0


def _digits(word: str) -> str:
    return "".join(char for char in word if char.isdigit())


def best_of(name: str, options: Iterable[str]) -> str | None:
    """The option most like `name`, or None when none is near.

    Where none is, the one that is a part of the name, or the name of it: `dir` for `ckpt_dir`.
    """
    listed = sorted(options)
    slips = [option for option in listed if is_slip(name, option)]
    score, best = max(((likeness(name, option), option) for option in slips or listed), default=(0.0, None))
    if score >= CUTOFF:
        return best
    parts = [option for option in listed if _is_part(name, option) or _is_part(option, name)]
    return parts[0] if len(parts) == 1 else None


def _is_part(whole: str, part: str) -> bool:
    """Whether every word of `part` is one of `whole`, or begins one."""
    words, some = whole.lower().split("_"), part.lower().split("_")
    return all(len(one) >= _STEM and any(word.startswith(one) for word in words) for one in some)


def is_slip(one: str, two: str) -> bool:
    """Whether two names differ by a slip of the fingers: a letter or two, `_` or the case, and no more."""
    left, right = one.lower().replace("_", ""), two.lower().replace("_", "")
    return left == right or _edits(left, right) <= (1 if len(right) < _LONG else 2)


def _edits(one: str, two: str) -> int:
    """How many letters to add, drop, change or swap with the next make `two` of `one`."""
    before: list[int] = []
    row = list(range(len(two) + 1))
    for i, left in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, right in enumerate(two, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == two[j - 2] and one[i - 2] == right:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
