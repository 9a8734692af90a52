"""What a secret looks like, in text: to find one that was written down, and to never print it.

A few exact shapes of tokens that people do paste, and values of keys that are named for a secret.
Source: the rules of gitleaks 8 and detect-secrets 1.5; ADR-0012.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

MASK = "*"


class Shape(NamedTuple):
    """What it is, the name that a profile may give it, and how it looks; a group is the secret part."""

    what: str
    name: str
    pattern: re.Pattern[str]


SHAPES = (
    Shape("an AWS access key", "AWS_ACCESS_KEY_ID", re.compile(r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b")),
    Shape("a GitHub token", "GITHUB_TOKEN", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_\w{82})\b")),
    Shape("a GitLab token", "GITLAB_TOKEN", re.compile(r"\bglpat-[A-Za-z0-9_-]{20,64}")),
    Shape("a Hugging Face token", "HF_TOKEN", re.compile(r"\b(?:hf_|api_org_)[A-Za-z0-9]{34}\b")),
    Shape("an NGC key", "NGC_API_KEY", re.compile(r"\bnvapi-[A-Za-z0-9_-]{60,70}")),
    Shape("an OpenAI key", "OPENAI_API_KEY", re.compile(r"\bsk-[A-Za-z0-9_-]{20,100}T3BlbkFJ[A-Za-z0-9_-]{20,100}")),
    Shape("a Slack token", "SLACK_TOKEN", re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,250}")),
    Shape(
        "a Slack webhook", "SLACK_WEBHOOK", re.compile(r"hooks\.slack\.com/services/(T\w{6,20}/B\w{6,20}/\w{20,40})")
    ),
    Shape("a JSON Web Token", "TOKEN", re.compile(r"\beyJ[\w-]{10,4000}\.eyJ[\w-]{10,8000}\.[\w-]{10,2000}")),
    Shape("a URL with a password", "PASSWORD", re.compile(r"://[^\s/:@\"']{1,256}:([^\s/@\"'$<{*][^\s/@\"']{0,255})@")),
    Shape(
        "a private key",
        "PRIVATE_KEY",
        re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[^-]|-(?!----))*(?:-----END[^-]*-----)?"),
    ),
)
_MAYBE = re.compile(
    r"A[KS]IA|gh[pousr]_|github_pat_|glpat-|hf_|api_org_|nvapi-|sk-|xox|hooks\.slack|eyJ|://|-----BEGIN"
)
"""One look at a text tells that it holds none of the shapes, as nearly every text does."""
_SECRET_KEY = re.compile(r"(?:key|token|secret|passwd|password)\Z", re.IGNORECASE)
_HEX = r"[0-9a-fA-F]{64}|[0-9a-fA-F]{40}|[0-9a-fA-F]{32}"
_BASE64 = r"(?=[^\s]{0,39}[a-z])(?=[^\s]{0,39}[A-Z])(?=[^\s]{0,39}[0-9])[A-Za-z0-9/+]{40}"
_OPAQUE = re.compile(rf"(?:{_HEX}|{_BASE64})\Z")
_PASSWORD = re.compile(r"(?!(?:none|null|false|true|no)\Z)[^\s$<{*/][^\s]*\Z", re.IGNORECASE)
_KEYED = re.compile(
    r"(?:key|token|secret|passwd|password)[\"']?[ \t]{0,8}[:=][ \t]{0,8}[\"']?"
    rf"({_HEX}|{_BASE64})(?![0-9A-Za-z/+])"
    r"|(?:passwd|password)[\"']?[ \t]{0,8}[:=][ \t]{0,8}[\"']?((?![$<{*/\[])[^\s\"',}\]]+)",
    re.IGNORECASE,
)


def secret_in(text: str, key: str = "") -> Shape | None:
    """The shape of a secret that `text`, the value of `key`, holds."""
    for shape in SHAPES if _MAYBE.search(text) else ():
        match = shape.pattern.search(text)
        if match is not None and not match.group().endswith("EXAMPLE"):  # AWS's own documentation
            return shape
    if _SECRET_KEY.search(key) and (
        _OPAQUE.match(text) or (key.lower().endswith(("password", "passwd")) and _PASSWORD.match(text))
    ):
        return Shape("a secret", key, _OPAQUE)
    return None


def _spans(text: str) -> Iterator[tuple[int, int]]:
    shapes = tuple(shape.pattern for shape in SHAPES) if _MAYBE.search(text) else ()
    for pattern in (*shapes, _KEYED):
        for match in pattern.finditer(text):
            yield match.span(match.lastindex or 0)


def masked(text: str, also: Iterable[tuple[int, int]] = ()) -> str:
    """`text` of the same length with each secret, and what is between `also`, as asterisks; line breaks stay."""
    parts = sorted({*_spans(text), *also})
    if not parts:
        return text
    done: list[str] = []
    at = 0
    for start, end in parts:
        if end > at:
            done += (text[at : max(start, at)], re.sub(r"[^\r\n]", MASK, text[max(start, at) : end]))
            at = end
    return "".join(done) + text[at:]
