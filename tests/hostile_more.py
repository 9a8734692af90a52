"""Inputs of our own, beside those of the shared file: where they stand, what they are, and what is found.

The form is that of `tests/hostile.py`; a payload of bytes is a whole file. No finding: the recipe is valid.
`...` at the end of the findings: there are more.
"""

from __future__ import annotations

from typing import Any

HEAD = b"name: good\nfunction: acme.train.main\n"


def many(text: str, times: int, head: str = "", tail: str = "") -> dict[str, Any]:
    """A payload that is one text again and again."""
    return {"repeat": text, "times": times, "head": head, "tail": tail}


MORE: dict[str, tuple[str, Any, list[Any]]] = {
    # size and depth
    "100-kb-of-[": ("recipe.bytes", many("[", 100000), [("RCP103", 1, 65, "[")]),
    "100-kb-of-{": ("recipe.bytes", many("{", 100000), [("RCP207", 1, 2, "{"), ("RCP103", 1, 65, "{")]),
    "100-kb-of-dashes": ("recipe.bytes", many("- ", 50000), [("RCP103", 1, 129, "-")]),
    "100-kb-of-question-marks": ("recipe.bytes", many("? ", 50000), [("RCP207", 1, 3, "?"), ("RCP103", 1, 129, "?")]),
    "100-kb-of-nested-pairs": ("recipe.bytes", many("{a: [", 20000), [("RCP103", 1, 161, "{")]),
    "64-levels": ("recipe.args.x", "[" * 62 + "]" * 62, []),
    "65-levels": ("recipe.args.x", "[" * 63 + "]" * 63, [("RCP103", 4, 68, "[")]),
    "200000-keys": ("recipe.bytes", {"keys": 200000}, [("RCP106", 76486, 7, ":")]),
    "24000-unknown-keys": (
        "recipe.bytes",
        HEAD + b"".join(b"k%d: 1\n" % i for i in range(24000)),
        [("RCP201", 3, 1, "k0"), ("RCP201", 4, 1, "k1"), ...],
    ),
    "24000-bad-environment-names": (
        "recipe.bytes",
        HEAD + b"env:\n" + b"".join(b"  a%d: x\n" % i for i in range(24000)),
        [("RCP708", 4, 3, "a0"), ("RCP708", 5, 3, "a1"), ...],
    ),
    "12000-targets": (
        "recipe.bytes",
        HEAD + b"args:\n" + b"".join(b"  a%d: {_target_: os.system}\n" % i for i in range(12000)),
        [("RCP710", 4, 18, "os.system"), ("RCP710", 5, 18, "os.system"), ...],
    ),
    "49000-secrets": (
        "recipe.bytes",
        HEAD + b"secrets:\n" + b"".join(b"  - %d\n" % i for i in range(49000)),
        [("RCP202", 4, 5, "0"), ("RCP202", 5, 5, "1"), ...],
    ),
    "10-mb-line": ("recipe.args.x", many("x", 10000000), [("RCP106", 4, 1048534, "x")]),
    "1-mb-line": ("recipe.args.x", many("x", 1000000), []),
    "key-of-1-mb": (
        "recipe.args",
        many("k", 1000000, "? ", "\n: 1"),
        [("RCP106", 4, 5, "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk")],
    ),
    "key-of-2000-characters": ("recipe.args", many("k", 2000, "", ": 1"), [("RCP115", 3, 2007, ":")]),
    "function-of-1-mb": (
        "recipe.function",
        many("a.", 500000, "", "!"),
        [("RCP704", 2, 11, "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.")],
    ),
    "target-of-1-mb": (
        "recipe.args.x",
        many("a.", 450000, "{_target_: ", "!}"),
        [("RCP704", 4, 17, "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.")],
    ),
    "partition-of-1-mb": (
        "recipe.resources.partition",
        many("gpu-long", 100000),
        [("RCP404", 4, 14, "gpu-longgpu-longgpu-longgpu-long")],
    ),
    "base-of-1-mb": (
        "recipe.extends",
        many("a/", 400000, "", "b.yaml"),
        [("RCP602", 3, 10, "a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/")],
    ),
    "base-with-a-nul": ("recipe.extends", '"a\\0b"', [("RCP206", 3, 10, '"a\\0b"')]),
    "base-with-an-absolute-path": ("recipe.extends", '"\\x2fetc/passwd"', [("RCP602", 3, 10, '"\\x2fetc/passwd"')]),
    "hidden-characters-by-the-100000": (
        "recipe.args.x",
        many("\u200bx", 100000),
        [("RCP703", 4, 6, "\u200b"), ("RCP703", 4, 8, "\u200b"), ...],
    ),
    "tabs-by-the-100000": (
        "recipe.bytes",
        many("\ta: 1\n", 100000, "x:\n"),
        [("RCP101", 2, 1, "\t"), ("RCP101", 3, 1, "\t"), ...],
    ),
    "duplicates-by-the-10000": (
        "recipe.bytes",
        many("a: 1\n", 10000),
        [("RCP102", 2, 1, "a"), ("RCP102", 3, 1, "a"), ...],
    ),
    "aliases-in-aliases": (
        "recipe.bytes",
        HEAD
        + b"args:\n  a0: &a0 "
        + b"[" * 20
        + b"]" * 20
        + b"\n"
        + b"".join(b"  a%d: &a%d " % (i, i) + b"[" * 20 + b"*a%d" % (i - 1) + b"]" * 20 + b"\n" for i in range(1, 60)),
        [("RCP103", 7, 31, "*a2")],
    ),
    # anchors, tags and merges
    "101-aliases": ("recipe.args.x", "[&a 1, " + "*a, " * 101 + "]", [("RCP104", 4, 413, "*a")]),
    "100-aliases": ("recipe.args.x", "[&a 1, " + "*a, " * 100 + "]", []),
    "alias-of-a-scalar": ("recipe.args", "{a: &x y, b: *x}", []),
    "anchor-never-used": ("recipe.args", "&x {a: &y 1}", []),
    "anchor-on-a-key": ("recipe.args", "{&x a: *x}", []),
    "alias-as-a-key": ("recipe.args", "{a: &x b, *x : 1}", [("RCP207", 3, 17, "*x")]),
    "alias-of-nothing": ("recipe.args.x", "*nothing", [("RCP104", 4, 6, "*nothing")]),
    "alias-in-a-cycle-of-two": (
        "recipe.args",
        "&a {b: &b [*a, *b]}",
        [("RCP104", 3, 18, "*a"), ("RCP104", 3, 22, "*b")],
    ),
    "tag-directive": (
        "recipe.bytes",
        "%TAG ! tag:yaml.org,2002:python/\n---\nx: !name:os.system\n",
        [("RCP107", 1, 1, "%TAG ! tag:yaml.org,2002:python/")],
    ),
    "tag-handle": ("recipe.args.x", "!e!x y", [("RCP107", 4, 6, "!")]),
    "tag-verbatim": (
        "recipe.args.x",
        "!<tag:yaml.org,2002:python/name:os.system> ''",
        [("RCP107", 4, 6, "!<tag:yaml.org,2002:python/name:")],
    ),
    "tag-binary": ("recipe.args.x", "!!binary aGk=", [("RCP107", 4, 6, "!!binary")]),
    "tag-set": ("recipe.args.x", "!!set {a}", [("RCP107", 4, 6, "!!set")]),
    "tag-str": ("recipe.args.x", "!!str 1", [("RCP107", 4, 6, "!!str")]),
    "tag-on-a-key": ("recipe.args", "{!!str a: 1}", [("RCP107", 3, 8, "!!str")]),
    "tag-alone": ("recipe.args.x", "!", [("RCP107", 4, 6, "!")]),
    "merge-of-an-alias": ("recipe.args", "{a: &x {b: 1}, c: {<<: *x}}", [("RCP105", 3, 26, "<<")]),
    "merge-of-null": ("recipe.args", "{<<: }", [("RCP105", 3, 8, "<<")]),
    "merge-key-in-quotes": ("recipe.args", "{'<<': 1}", []),
    # bytes and characters
    "half-a-surrogate-pair": ("recipe.args.x", '"\\ud800"', [("RCP206", 4, 7, "\\ud800")]),
    "a-surrogate-pair-as-in-json": ("recipe.args.x", '"\\ud83d\\ude00"', [("RCP206", 4, 7, "\\ud83d")]),
    "surrogate-bytes": ("recipe.bytes", b"name: \xed\xa0\x80\n", [("RCP100", 1, 7, "\ufffd")]),
    "no-character": ("recipe.args.x", "\ufffe", [("RCP206", 4, 6, "\ufffe")]),
    "past-the-last-character": ("recipe.args.x", '"\\U00110000"', [("RCP206", 4, 7, "\\U00110000")]),
    "byte-order-mark": ("recipe.bytes", b"\xef\xbb\xbf" + HEAD, []),
    "two-byte-order-marks": ("recipe.bytes", b"\xef\xbb\xbf\xef\xbb\xbf" + HEAD, [("RCP703", 1, 1, "\ufeff")]),
    "byte-order-mark-inside": ("recipe.bytes", HEAD + b"args: {\xef\xbb\xbfa: 1}\n", [("RCP703", 3, 8, "\ufeff")]),
    "utf-16-without-a-mark": ("recipe.bytes", "name: a\n".encode("utf-16-le"), [("RCP100", 1, 2, "\x00")]),
    "utf-32": ("recipe.bytes", "name: a\n".encode("utf-32"), [("RCP100", 1, 1, "\ufffd")]),
    "latin-1": ("recipe.bytes", b"name: caf\xe9\n", [("RCP100", 1, 10, "\ufffd")]),
    "escape-in-a-comment": ("recipe.bytes", HEAD + b"# \x1b[2J\n", [("RCP206", 3, 3, "\x1b")]),
    "bell": ("recipe.bytes", HEAD + b"# \x07\n", [("RCP206", 3, 3, "\x07")]),
    "delete": ("recipe.bytes", HEAD + b"# \x7f\n", [("RCP206", 3, 3, "\x7f")]),
    "c1": ("recipe.bytes", HEAD + "# \x9b31m\n".encode(), [("RCP206", 3, 3, "\x9b")]),
    "vertical-tab": ("recipe.bytes", HEAD + b"# \x0b\n", [("RCP206", 3, 3, "\x0b")]),
    "form-feed": ("recipe.bytes", HEAD + b"# \x0c\n", [("RCP206", 3, 3, "\x0c")]),
    "rtl-mark": ("recipe.args.x", "a\u200fb", [("RCP703", 4, 7, "\u200f")]),
    "lrm-in-comment": ("recipe.bytes", HEAD + "# \u200e\n".encode(), [("RCP703", 3, 3, "\u200e")]),
    "arabic-letter-mark": ("recipe.args.x", "\u061c", [("RCP703", 4, 6, "\u061c")]),
    "soft-hyphen-in-a-key": ("recipe.bytes", HEAD + "ar\u00adgs: {}\n".encode(), [("RCP703", 3, 3, "\xad")]),
    "tag-characters": ("recipe.args.x", "\U000e0041", [("RCP703", 4, 6, "\U000e0041")]),
    "joiner-in-a-key": ("recipe.args", "{a\u200db: 1}", [("RCP703", 3, 8, "a\u200db")]),
    "joiner-in-a-value": ("recipe.args.x", "\u0645\u200c\u0646", []),
    "key-not-in-nfc": ("recipe.args", "{cafe\u0301: 1}", [("RCP703", 3, 8, "cafe\u0301")]),
    "keys-that-differ-by-case": ("recipe.args", "{A: 1, a: 2}", []),
    "full-width-key": ("recipe.bytes", HEAD + "\uff41rgs: {}\n".encode(), [("RCP201", 3, 1, "\uff41rgs")]),
    "homoglyph-key": ("recipe.bytes", HEAD + "\u0430rgs: {}\n".encode(), [("RCP201", 3, 1, "\u0430rgs")]),
    "bidi-in-an-escape": ("recipe.resources.partition", '"\\u202egpu"', [("RCP404", 4, 14, '"\\u202egpu"')]),
    "terminal-escape-in-an-escape": ("recipe.resources.partition", '"\\e[2J"', [("RCP206", 4, 14, '"\\e[2J"')]),
    "line-separator-in-an-escape": ("recipe.container", '"a\\Lb"', [("RCP608", 3, 12, '"a\\Lb"')]),
    "crlf": ("recipe.bytes", (HEAD + b"args: {a: 1}\n").replace(b"\n", b"\r\n"), []),
    "crlf-and-lf": ("recipe.bytes", HEAD.replace(b"\n", b"\r\n") + b"args: {a: 1}\n", []),
    "cr-at-the-end": ("recipe.bytes", HEAD + b"args: {a: 1}\r", [("RCP114", 3, 13, "\r")]),
    # keys
    "int-key": ("recipe.args", "{1: x}", [("RCP207", 3, 8, "1")]),
    "bool-key": ("recipe.args", "{true: x}", [("RCP207", 3, 8, "true")]),
    "null-key": ("recipe.args", "{~: x}", [("RCP207", 3, 8, "~")]),
    "float-key": ("recipe.args", "{1.5: x}", [("RCP207", 3, 8, "1.5")]),
    "date-key": ("recipe.args", "{2026-01-01: x}", []),
    "empty-key": ("recipe.args", "{'': x}", []),
    "missing-key": ("recipe.args", "{: x}", [("RCP207", 3, 8, ":")]),
    "list-key": ("recipe.args", "{[a]: x}", [("RCP207", 3, 8, "[")]),
    "mapping-key": ("recipe.args", "? {a: b}\n: x", [("RCP207", 4, 5, "{")]),
    "words-as-keys": ("recipe.args", "{on: 1}", [("RCP110", 3, 8, "on")]),
    "template-braces": ("recipe.args.x", "{{ 7*7 }}", [("RCP207", 4, 7, "{")]),
    # numbers
    "infinity": ("recipe.args.x", "-.inf", [("RCP205", 4, 6, "-.inf")]),
    "float-overflow": ("recipe.args.x", "1e999", [("RCP205", 4, 6, "1e999")]),
    "float-of-1-mb": (
        "recipe.args.x",
        many("9", 900000, "", "e5"),
        [("RCP205", 4, 6, "99999999999999999999999999999999")],
    ),
    "exponent-of-1-mb": (
        "recipe.args.x",
        many("9", 900000, "1e", ""),
        [("RCP205", 4, 6, "1e999999999999999999999999999999")],
    ),
    "zeros-of-1-mb": ("recipe.args.x", many("0", 900000), [("RCP113", 4, 6, "00000000000000000000000000000000")]),
    "float-underflow": ("recipe.args.x", "1.0e-999", []),
    "fraction-of-1-mb": ("recipe.args.x", many("1", 900000, "0.", ""), []),
    "hex": ("recipe.args.x", "0x1F", []),
    "underscores": ("recipe.args.x", "1_000", [("RCP111", 4, 6, "1_000")]),
    "plus": ("recipe.args.x", "+1", []),
    "point-at-the-end": ("recipe.args.x", "1.", []),
    "point-first": ("recipe.args.x", ".5", []),
    "sign-and-point": ("recipe.args.x", "+.5", [("RCP111", 4, 6, "+.5")]),
    "octal": ("recipe.args.x", "0o17", [("RCP111", 4, 6, "0o17")]),
    "old-octal": ("recipe.args.x", "017", [("RCP113", 4, 6, "017")]),
    "binary": ("recipe.args.x", "0b1", [("RCP111", 4, 6, "0b1")]),
    "eight": ("recipe.args.x", "08", [("RCP113", 4, 6, "08")]),
    "64-bit": ("recipe.args.x", "18446744073709551615", []),
    "65-bit": ("recipe.args.x", "18446744073709551616", [("RCP203", 4, 6, "18446744073709551616")]),
    "minus-64-bit": ("recipe.args.x", "-9223372036854775809", [("RCP203", 4, 6, "-9223372036854775809")]),
    # documents
    "empty": ("recipe.bytes", "", [("RCP200", 1, 1, "")]),
    "blank-lines": ("recipe.bytes", "\n\n\n", [("RCP200", 1, 1, "")]),
    "marker-alone": ("recipe.bytes", "---\n", [("RCP200", 2, 1, "")]),
    "end-alone": ("recipe.bytes", "...\n", [("RCP200", 1, 1, ".")]),
    "marker-and-end": ("recipe.bytes", "---\n...\n", [("RCP200", 2, 1, ".")]),
    "null": ("recipe.bytes", "null\n", [("RCP200", 1, 1, "n")]),
    "tilde": ("recipe.bytes", "~", [("RCP200", 1, 1, "~")]),
    "text": ("recipe.bytes", "hello\n", [("RCP200", 1, 1, "h")]),
    "empty-mapping": ("recipe.bytes", "{}", [("RCP200", 1, 1, "{")]),
    "empty-document-first": ("recipe.bytes", b"---\n---\n" + HEAD, [("RCP109", 2, 1, "---")]),
    "end-in-the-middle": ("recipe.bytes", HEAD + b"...\n", []),
    "markers-around": ("recipe.bytes", b"---\n" + HEAD + b"...\n# end\n", []),
    "two-documents-alike": ("recipe.bytes", HEAD + b"---\n" + HEAD, [("RCP109", 3, 1, "---")]),
    # duplicates and broken text
    "duplicate-in-quotes": (
        "recipe.args",
        "{a: 1, 'a': 2, \"\\x61\": 3}",
        [("RCP102", 3, 14, "'a'"), ("RCP102", 3, 22, '"\\x61"')],
    ),
    "duplicate-deep": ("recipe.args", "{x: [{a: 1, a: 2}]}", [("RCP102", 3, 19, "a")]),
    "duplicate-section": ("recipe.bytes", HEAD + b"env: {}\nargs: {}\nenv: {}\n", [("RCP102", 5, 1, "env")]),
    "block-text": ("recipe.args.x", "|\n  a\n  \tb\n", []),
    "block-text-with-tab-indent": ("recipe.args.x", "|\n\ta", [("RCP101", 6, 5, "\t")]),
    "indented-tab": ("recipe.bytes", HEAD + b"args:\n  a: 1\n\tb: 2\n", [("RCP101", 5, 1, "\t")]),
    "open-quote": ("recipe.args.x", "'a", [("RCP115", 4, 6, "'")]),
    "open-bracket": ("recipe.args.x", "[a", [("RCP115", 5, 1, "")]),
    "glob": ("recipe.args.x", "*.txt", [("RCP115", 4, 6, "*")]),
    "at": ("recipe.args.x", "@x", [("RCP115", 4, 6, "@")]),
    "percent": ("recipe.args.x", "%x", [("RCP115", 4, 6, "%")]),
    "backtick": ("recipe.args.x", "`x`", [("RCP115", 4, 6, "`")]),
    "two-colons": ("recipe.args.x", "a: b: c", [("RCP115", 4, 7, ":")]),
    # environment, calls and fields
    "env-number": ("recipe.env", "{A: 1}", [("RCP202", 3, 10, "1")]),
    "env-lower-case": ("recipe.env", "{a: x}", [("RCP708", 3, 7, "a")]),
    "env-name-with-a-line-break": ("recipe.env", '{"A\\nB": x}', [("RCP708", 3, 7, '"A\\nB"')]),
    "env-name-with-equals": ("recipe.env", "{A=B: x}", [("RCP708", 3, 7, "A=B")]),
    "env-empty-name": ("recipe.env", "{'': x}", [("RCP708", 3, 7, "''")]),
    "env-value-with-a-tab": ("recipe.env", '{A: "a\\tb"}', []),
    "env-value-of-1-mb": ("recipe.env.A", many("x", 1000000), []),
    "marker-with-a-typo": ("recipe.args.x", "{_taregt_: acme.f}", [("RCP210", 4, 7, "_taregt_")]),
    "target-number": ("recipe.args.x", "{_target_: 5}", [("RCP202", 4, 17, "5")]),
    "target-dunder": ("recipe.args.x", "{_target_: acme.f.__globals__}", [("RCP704", 4, 17, "acme.f.__globals__")]),
    "target-deep": ("recipe.args.x", "[[{a: {_target_: os.system}}]]", [("RCP710", 4, 23, "os.system")]),
    "target-as-a-list": ("recipe.args.x", "{_target_: [os, system]}", [("RCP202", 4, 17, "[os, system]")]),
    "target-recipec": (
        "recipe.args.x",
        "{_target_: recipe_compiler.cli.main.run}",
        [("RCP710", 4, 17, "recipe_compiler.cli.main.run")],
    ),
    "version-true": ("recipe.recipec", "true", [("RCP202", 3, 10, "true")]),
    "version-2": ("recipe.recipec", "2", [("RCP209", 3, 10, "2")]),
    "nodes-huge": ("recipe.resources.nodes", "18446744073709551615", [("RCP203", 4, 10, "18446744073709551615")]),
    "nodes-minus": ("recipe.resources.nodes", "-1", [("RCP203", 4, 10, "-1")]),
    "nodes-float": ("recipe.resources.nodes", "1.0", [("RCP202", 4, 10, "1.0")]),
    "time-minus": ("recipe.resources.time", "-1:00:00", [("RCP112", 4, 9, "-1:00:00"), ("RCP204", 4, 9, "-1:00:00")]),
    "time-infinite": ("recipe.resources.time", "UNLIMITED", [("RCP204", 4, 9, "UNLIMITED")]),
    "time-unicode-digits": ("recipe.resources.time", "\u0661:00:00", [("RCP204", 4, 9, "\u0661:00:00")]),
    "name-unicode-digits": ("recipe.name", "a\u0661", [("RCP701", 2, 7, "a\u0661")]),
    "memory-zero": ("recipe.resources.mem_per_node", "0", [("RCP204", 4, 17, "0")]),
    # references, sweeps and raw jobs
    "reference-undefined": ("recipe.args.x", "${vars.no}", [("RCP501", 4, 6, "${vars.no}")]),
    "reference-to-itself": ("recipe.args.x", "${args}", [("RCP502", 4, 6, "${args}")]),
    "reference-to-nothing": ("recipe.args.x", "${}", [("RCP501", 4, 6, "${}")]),
    "reference-with-an-index-first": ("recipe.args.x", "${[0]}", [("RCP501", 4, 6, "${[0]}")]),
    "reference-with-a-huge-index": (
        "recipe.args.x",
        "${args[" + "9" * 5000 + "]}",
        [("RCP501", 4, 6, "${args[9999999999999999999999999")],
    ),
    "reference-not-closed-100000-times": (
        "recipe.args.x",
        {"repeat": "${", "times": 100000, "head": "'", "tail": "'"},
        [("RCP501", 4, 7, "${")],
    ),
    "reference-to-the-environment": ("recipe.args.x", "${env:HOME}", [("RCP501", 4, 6, "${env:HOME}")]),
    "references-that-double": (
        "recipe.bytes",
        HEAD
        + b"vars:\n  v0: x\n"
        + b"".join(b"  v%d: '${vars.v%d}${vars.v%d}'\n" % (i, i - 1, i - 1) for i in range(1, 60)),
        [("RCP503", 23, 9, "${vars.v18}${vars.v18}"), ...],
    ),
    "references-that-double-lists": (
        "recipe.bytes",
        HEAD
        + b"vars:\n  v0: [x]\n"
        + b"".join(b"  v%d: ['${vars.v%d}', '${vars.v%d}']\n" % (i, i - 1, i - 1) for i in range(1, 60)),
        [("RCP503", 20, 10, "${vars.v15}"), ...],
    ),
    "name-by-reference": (
        "recipe.bytes",
        b"name: '${vars.x}'\nfunction: acme.f\nvars: {x: ../../y}\n",
        [("RCP701", 1, 7, "'${vars.x}'")],
    ),
    "function-by-reference": (
        "recipe.bytes",
        b"name: a\nfunction: '${vars.x}'\nvars: {x: os.system}\n",
        [("RCP710", 2, 11, "'${vars.x}'")],
    ),
    "target-by-reference": (
        "recipe.bytes",
        HEAD + b"vars: {x: {_target_: os.system}}\nargs: {a: '${vars.x}'}\n",
        [("RCP710", 3, 22, "os.system")],
    ),
    "environment-value-by-reference": (
        "recipe.bytes",
        HEAD + b"vars: {x: \"a\\nb\"}\nenv: {TAG: '${vars.x}'}\n",
        [("RCP707", 4, 12, "'${vars.x}'")],
    ),
    "base-by-reference": ("recipe.extends", "'${vars.x}.yaml'", [("RCP507", 3, 10, "'${vars.x}.yaml'")]),
    "raw-text-with-a-reference": ("recipe.args.x", "{_raw_: true, a: '${x}', _target_: os.system}", []),
    "sweep-of-10-to-the-30": (
        "recipe.bytes",
        HEAD
        + b"args: {"
        + b", ".join(b"a%d: 1" % i for i in range(30))
        + b"}\nsweep: {grid: {"
        + b", ".join(b"a%d: [0,1,2,3,4,5,6,7,8,9]" % i for i in range(30))
        + b"}}\n",
        [("RCP405", 4, 1, "sweep")],
    ),
    "sweep-of-a-million-by-range": (
        "recipe.bytes",
        HEAD + b"args: {a: 1}\nsweep: {grid: {a: {range: [0, 1000000]}}}\n",
        [("RCP405", 4, 1, "sweep")],
    ),
    "sweep-without-points": (
        "recipe.bytes",
        HEAD + b"args: {a: 1}\nsweep: {grid: {a: {range: [0, 5, -1]}}}\n",
        [("RCP531", 4, 1, "sweep")],
    ),
    "sweep-of-the-function": (
        "recipe.bytes",
        HEAD + b"sweep: {grid: {function: [os.system]}}\n",
        [("RCP530", 3, 16, "function")],
    ),
    "sweep-of-targets": (
        "recipe.bytes",
        HEAD + b"args: {a: 1}\nsweep: {grid: {a: [{_target_: os.system}]}}\n",
        [("RCP710", 4, 31, "os.system")],
    ),
    "sweep-by-a-reference": (
        "recipe.bytes",
        HEAD + b"vars: {x: [1, 2]}\nargs: {a: 1}\nsweep: {grid: {a: '${vars.x}'}}\n",
        [],
    ),
    "script-outside": (
        "recipe.bytes",
        b"name: x\nscript: ../../../etc/passwd\n",
        [("RCP602", 2, 9, "../../../etc/passwd")],
    ),
    "script-that-is-a-device": ("recipe.bytes", b"name: x\nscript: /dev/zero\n", [("RCP602", 2, 9, "/dev/zero")]),
    "script-with-a-nul": ("recipe.bytes", b'name: x\nscript: "a\\0b"\n', [("RCP206", 2, 9, '"a\\0b"')]),
    "script-inline": ("recipe.bytes", b"name: x\nscript: {inline: 'touch /tmp/PWNED'}\n", [("RCP714", 2, 1, "script")]),
    "command": ("recipe.bytes", b"name: x\ncommand: [touch, /tmp/PWNED]\n", [("RCP714", 2, 1, "command")]),
    "command-empty": ("recipe.bytes", b"name: x\ncommand: []\n", [("RCP203", 2, 10, "[]")]),
    "command-as-text": (
        "recipe.bytes",
        b"name: x\ncommand: touch /tmp/PWNED\n",
        [("RCP202", 2, 10, "touch /tmp/PWNED")],
    ),
    "module-of-the-standard-library": ("recipe.bytes", b"name: x\nmodule: os\n", [("RCP714", 2, 1, "module")]),
    "module-homoglyph": (
        "recipe.bytes",
        "name: x\nmodule: acme.tr\u0430in\n".encode(),
        [("RCP704", 2, 9, "acme.tr\u0430in")],
    ),
    "two-entries": ("recipe.bytes", HEAD + b"command: [a]\n", [("RCP211", 3, 1, "command")]),
    "nothing-to-run": ("recipe.bytes", b"name: x\n", [("RCP211", 1, 1, "n")]),
    # what once was a crash, a hang or a gigabyte
    "references-in-a-long-chain": (
        "recipe.bytes",
        HEAD + b"vars:\n" + b"".join(b"  v%d: ${vars.v%d}\n" % (i, i + 1) for i in range(3000)) + b"  v3000: 1\n",
        [("RCP503", 131, 9, "${vars.v128}"), ...],
    ),
    "references-that-nest": (
        "recipe.bytes",
        HEAD
        + b"vars:\n  v0: 1\n"
        + b"".join(b"  v%d: %b'${vars.v%d}'%b\n" % (i, b"[" * 50, i - 1, b"]" * 50) for i in range(1, 40)),
        [("RCP503", 6, 58, "${vars.v1}"), ...],
    ),
    "5000-undefined-references-and-5000-names": (
        "recipe.bytes",
        HEAD
        + b"vars: {"
        + b", ".join(b"x%d: 1" % i for i in range(5000))
        + b"}\nargs:\n"
        + b"".join(b"  a%d: ${vars.y%d}\n" % (i, i) for i in range(5000)),
        [("RCP501", 5, 7, "${vars.y0}"), ...],
    ),
    "sweep-of-2-to-the-64": (
        "recipe.bytes",
        HEAD + b"args: {a: 1}\nsweep: {grid: {a: {range: [0, 18446744073709551615]}}}\n",
        [("RCP405", 4, 1, "sweep")],
    ),
    "sweep-in-2-to-the-64-parts": (
        "recipe.bytes",
        HEAD + b"args: {a: 1}\nsweep: {grid: {a: {linspace: [0, 1, 18446744073709551615]}}}\n",
        [("RCP405", 4, 1, "sweep")],
    ),
    "sweep-of-infinitely-many": (
        "recipe.bytes",
        HEAD + b"args: {a: 1}\nsweep: {grid: {a: {range: [0, 1.0e+308, 1.0e-300]}}}\n",
        [("RCP531", 4, 19, "{range: [0, 1.0e+308, 1.0e-300]}")],
    ),
    "sweep-past-the-largest-float": (
        "recipe.bytes",
        HEAD + b"args: {a: 1}\nsweep: {grid: {a: {linspace: [-1.0e+308, 1.0e+308, 3]}}}\n",
        [("RCP531", 4, 19, "{linspace: [-1.0e+308, 1.0e+308,")],
    ),
    "sweep-past-the-smallest-float": (
        "recipe.bytes",
        HEAD + b"args: {a: 1}\nsweep: {grid: {a: {logspace: [1.0e+300, 1.0e-300, 3]}}}\n",
        [("RCP531", 4, 19, "{logspace: [1.0e+300, 1.0e-300, ")],
    ),
    "sweep-with-9000-exclusions": (
        "recipe.bytes",
        HEAD
        + b"args: {a: 1}\nsweep:\n  grid: {a: {range: [0, 1000]}}\n  exclude:\n"
        + b"".join(b"  - {a: %d}\n" % (5000 + i) for i in range(9000)),
        [],
    ),
    "sweep-of-large-values": (
        "recipe.bytes",
        HEAD + b"args: {a: 1, b: 1}\nsweep: {grid: {a: {range: [0, 900]}, b: [[" + b"1, " * 20000 + b"1]]}}\n",
        [("RCP405", 4, 1, "sweep")],
    ),
    "60-warnings-and-then-an-error": (
        "recipe.bytes",
        HEAD + b"args:\n" + b"".join(b"  a%d: 1e5\n" % i for i in range(60)) + b"  z: ${x}\n",
        [*(("RCP111", 4 + i, 7 + (i > 9), "1e5") for i in range(49)), ("RCP501", 64, 6, "${x}"), ("RCP004", None)],
    ),
    "60-warnings-are-no-error": (
        "recipe.bytes",
        HEAD + b"args:\n" + b"".join(b"  a%d: 1e5\n" % i for i in range(60)),
        [*(("RCP111", 4 + i, 7 + (i > 9), "1e5") for i in range(50)), ("RCP004", None)],
    ),
}
