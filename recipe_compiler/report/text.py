"""The caret form: what is wrong, the line it stands on, and what to write instead.

Columns count terminal cells, so that a caret stands under the right character after CJK text;
a long line is cut around the caret. Meaning is never by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from recipe_compiler.diag import Diagnostic, Label, Source, visible
from recipe_compiler.report.run import Run, count_text, counts
from recipe_compiler.secret_shapes import masked

_STYLES = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "note": "\x1b[1;34m", "bold": "\x1b[1m", "off": "\x1b[0m"}
_WIDTH = 120
_MESSAGE = 4096
_KEEP = 24


class Painter:
    """Text with or without colour."""

    def __init__(self, *, color: bool) -> None:
        """Paint only if `color`."""
        self._color = color

    def __call__(self, style: str, text: str) -> str:
        """`text` in a style."""
        return f"{_STYLES[style]}{text}{_STYLES['off']}" if self._color else text


class Lines:
    """The lines of sources, with every secret masked: a finding beside one must not print it."""

    def __init__(self, found: Sequence[Diagnostic]) -> None:
        """Know the places of the secrets that were found."""
        self._texts: dict[int, Source] = {}
        self._places: dict[int, list[tuple[int, int]]] = {}
        for item in found:
            if item.code == "RCP720" and item.primary is not None and not item.primary.text:
                span = item.primary.span
                self._places.setdefault(id(span.source), []).append((span.start, span.end))

    def line(self, source: Source, number: int) -> str:
        """The text of a line, as long as it is written."""
        if id(source) not in self._texts:
            self._texts[id(source)] = Source(source.file, masked(source.text, self._places.get(id(source), ())))
        return self._texts[id(source)].line(number)


def render(run: Run) -> str:
    """The findings, and that the recipes are valid where they are."""
    text = findings(run.found, color=run.color)
    if run.cluster is None or counts(run.found)[0]:
        return text
    what = "1 recipe is" if len(run.recipes) == 1 else f"{len(run.recipes)} recipes are"
    return f"{text}{what} valid for cluster {run.cluster}\n"


def findings(found: Sequence[Diagnostic], *, color: bool = False) -> str:
    """Every finding, then one line that counts them. Empty when there is none."""
    if not found:
        return ""
    paint = Painter(color=color)
    lines = Lines(found)
    blocks = ["\n".join(_block(item, paint, lines)) for item in found]
    return "\n\n".join(blocks) + "\n\n" + summary(found) + "\n"


def summary(found: Sequence[Diagnostic]) -> str:
    """`3 findings (2 errors, 1 warning); recipec explain RCP201 says more`."""
    levels = zip(counts(found), ("error", "warning"), strict=True)
    split = ", ".join(count_text(number, word) for number, word in levels if number)
    first = next((item for item in found if item.severity == "error"), found[0])
    return f"{count_text(len(found), 'finding')} ({split}); `recipec explain {first.code}` says more"


def _block(item: Diagnostic, paint: Painter, lines: Lines) -> Iterator[str]:
    message = _said(item.message, _MESSAGE)
    yield paint(item.severity, f"{item.severity}[{item.code}]") + paint("bold", f": {message}")
    labels = ([item.primary] if item.primary else []) + list(item.related)
    width = max((len(str(label.span.source.position(label.span.start)[0])) for label in labels), default=1)
    margin = " " * width
    if item.primary is not None:
        yield f"{margin}{paint('note', '-->')} {visible(item.primary.span.place, 300)}"
        yield from _snippets(labels, item.primary, margin, paint, lines)
    elif item.file is not None:
        yield f"{margin}{paint('note', '-->')} {visible(item.file, 300)}"
    bar = paint("note", f"{margin} =")
    for note in item.notes:
        yield f"{bar} note: {_said(note, _MESSAGE)}"
    if item.help:
        yield f"{bar} help: {_said(item.help, _MESSAGE)}"
    if item.fix is not None:
        yield f"{bar} fix ({item.fix.applicability}): replace with `{_said(item.fix.replacement, 200)}`"


def _said(text: str, limit: int) -> str:
    return visible(masked(text), limit)


def _snippets(labels: Iterable[Label], primary: Label, margin: str, paint: Painter, lines: Lines) -> Iterator[str]:
    """Each label's line with its caret; the primary's file first, lines in order."""
    here = primary.span.source
    first = sorted((one for one in labels if one.span.source is here), key=lambda one: one.span.start)
    others = [one for one in labels if one.span.source is not here]
    bar = paint("note", f"{margin} |")
    yield bar
    last = 0
    for label in first:
        line, _ = here.position(label.span.start)
        if last and line > last + 1:
            yield paint("note", "...")
        yield from _snippet(label, margin, paint, lines, mark="^" if label is primary else "-", repeat=line == last)
        last = line
    for label in others:
        yield f"{margin}{paint('note', ':::')} {visible(label.span.place, 300)}"
        yield bar
        yield from _snippet(label, margin, paint, lines, mark="-")
    yield bar


def _snippet(
    label: Label, margin: str, paint: Painter, lines: Lines, *, mark: str, repeat: bool = False
) -> Iterator[str]:
    span = label.span
    number, column = span.source.position(span.start)
    text = lines.line(span.source, number)
    start = column - 1
    end = min(max(start + (span.end - span.start), start + 1), max(len(text), start + 1))
    before, marked, after = text[:start], text[start:end], text[end:]
    if len(text) > _WIDTH:
        before = ("…" + before[-_KEEP:]) if len(before) > _KEEP + 1 else before
        marked = (marked[: _WIDTH // 2] + "…") if len(marked) > _WIDTH // 2 else marked
        after = (after[:_KEEP] + "…") if len(after) > _KEEP + 1 else after
    before, marked, after = (visible(part.replace("\t", "→")) for part in (before, marked, after))
    if not repeat:
        yield f"{paint('note', f'{number:>{len(margin)}} |')} {before}{marked}{after}"
    carets = mark * min(max(_cells(marked), 1), _WIDTH)
    said = f" {_said(label.text, 400)}" if label.text else ""
    style = "error" if mark == "^" else "note"
    yield f"{paint('note', f'{margin} |')} {' ' * min(_cells(before), _WIDTH)}{paint(style, carets + said)}"


def _cells(text: str) -> int:
    """The columns of a terminal that `text` takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # noqa: PLC0415  20 ms, for text that is not ASCII only

    return cell_len(text)
