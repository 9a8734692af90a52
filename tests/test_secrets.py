"""Secrets that were written down: each shape is found, what only looks like one is not, and none is printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from recipe_compiler.secret_shapes import masked, secret_in
from tests.project import Project

LETTERS = "aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789" * 3
HEX = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("AKIA" + "QWERTYUIOP234567", "an AWS access key"),
        ("ghp_" + LETTERS[:36], "a GitHub token"),
        ("github_pat_" + LETTERS[:82], "a GitHub token"),
        ("glpat-" + LETTERS[:20], "a GitLab token"),
        ("hf_" + LETTERS[:34], "a Hugging Face token"),
        ("nvapi-" + LETTERS[:64], "an NGC key"),
        ("sk-proj-" + LETTERS[:30] + "T3BlbkFJ" + LETTERS[:30], "an OpenAI key"),
        ("xoxb-" + "123456789012-" + LETTERS[:24], "a Slack token"),
        ("https://hooks.slack.com/services/T0000000/B0000000/" + LETTERS[:24], "a Slack webhook"),
        (f"eyJ{LETTERS[:20]}.eyJ{LETTERS[:20]}.{LETTERS[:43]}", "a JSON Web Token"),
        ("redis://kim:s3cr3t@host:6379/0", "a URL with a password"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\n-----END OPENSSH PRIVATE KEY-----\n", "a private key"),
    ],
)
def test_a_shape(text: str, what: str) -> None:
    shape = secret_in(f"see {text}")
    assert shape is not None
    assert shape.what == what
    assert shape.pattern.search(masked(f"see {text}")) is None


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("WANDB_API_KEY", HEX, True),
        ("token", HEX[:32], True),
        ("aws_secret_access_key", LETTERS[:40], True),
        ("db_password", "hunter2", True),
        ("password", "/run/secrets/db", False),
        ("password", "none", False),
        ("revision", HEX, False),
        ("pad_token", "</s>", False),
        ("tokenizer", "meta-llama/Meta-Llama-3-8B", False),
        ("cache_key", "step-1000", False),
        ("key", "z" * 40, False),
        ("id", "AKIAIOSFODNN7EXAMPLE", False),
        ("url", "https://user:$PASSWORD@host/x", False),
        ("url", "https://host:8080/a@b", False),
        ("image", f"nvcr.io/nvidia/nemo@sha256:{HEX}{HEX[:24]}", False),
    ],
)
def test_a_key_that_is_named_for_a_secret(key: str, value: str, found: bool) -> None:
    assert (secret_in(value, key) is not None) == found


@pytest.mark.parametrize(
    "part",
    [
        "://a:",
        "://" + "a" * 250 + ":",
        "eyJ" + "a" * 50,
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN ",
        "sk-a",
        "key: ",
        "password: a",
        "hf_" + "a" * 33,
    ],
)
def test_no_text_takes_long(part: str) -> None:
    """A mebibyte of what nearly matches: a quadratic pattern would take minutes, and the clock of CI hours."""
    text = part * ((1 << 20) // len(part))
    assert len(masked(text)) == len(text)


TOKEN = "hf_" + LETTERS[:34]


@pytest.mark.parametrize(
    ("more", "secret"),
    [
        pytest.param(f"env: {{A: '{TOKEN}'}}\n", TOKEN, id="env"),
        pytest.param(f"args: {{l: [{{x: {TOKEN}}}]}}\n", TOKEN, id="args"),
        pytest.param(f"args: {{{TOKEN}: 1}}\n", TOKEN, id="a-key"),
        pytest.param(f"args: {{x: {{_raw_: true, t: {TOKEN}}}}}\n", TOKEN, id="raw"),
        pytest.param(f"description: ask kim for {TOKEN}\n", TOKEN, id="description"),
        pytest.param("args: {db: {password: hunter2}}\n", "hunter2", id="password"),
        pytest.param('args: {x: "\\x68f_' + TOKEN[3:] + '"}\n', TOKEN[3:], id="behind-an-escape"),
        pytest.param(f"args: {{x: 1, x: {TOKEN}}}\n", TOKEN, id="beside-another-finding"),
        pytest.param(f"env: {{WANDB_API_KEY: {HEX}}}\nresources: {{nods: 1}}\n", HEX, id="of-a-recipe-that-is-wrong"),
        pytest.param(f"env: {{WANDB_API_KEY: {HEX}, bad-name: x}}\n", HEX, id="on-the-line-of-another"),
    ],
)
def test_no_report_prints_it(tmp_path: Path, more: str, secret: str) -> None:
    project = Project(tmp_path)
    project.write("r.yaml", f"name: r\nfunction: a.b\n{more}")
    for command in (
        ["validate", "r.yaml"],
        ["validate", "r.yaml", "--format", "json"],
        ["compile", "r.yaml", "--out", "b"],
    ):
        said = project.run(*command)
        assert said.code == 1
        assert secret not in said.out + said.err


def test_the_line_is_shown_with_the_secret_masked(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("r.yaml", f"name: r\nfunction: a.b\nenv:\n  WANDB_API_KEY: {HEX}  # mine\n")
    assert project.run("validate", "r.yaml").out == (
        "error[RCP720]: `env.WANDB_API_KEY` holds a secret\n"
        " --> r.yaml:4:18\n"
        "  |\n"
        f"4 |   WANDB_API_KEY: {'*' * 40}  # mine\n"
        f"  |                  {'^' * 40}\n"
        "  |\n"
        "  = note: who reads the file, its history or the bundle has it: revoke it\n"
        "  = note: secrets of cluster `local`: none\n"
        "  = help: write `secrets: [WANDB_API_KEY]`; the cluster profile says where the value lies\n"
        "\n"
        "1 finding (1 error); `recipec explain RCP720` says more\n"
    )


def test_a_script_is_searched(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("go.sh", f"set -e\nexport HF_TOKEN={TOKEN}\n")
    project.write("r.yaml", "name: r\nscript: go.sh\n")
    said = project.run("validate", "r.yaml")
    assert said.code == 1
    assert "`script.path` holds a Hugging Face token" in said.out
    assert "in line 2 of this file" in said.out
    assert TOKEN not in said.out
