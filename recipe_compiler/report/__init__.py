"""One run to text, one format a file. Nothing else in the project formats a message."""

FORMATS: dict[str, str] = {
    "text": "text",
    "json": "json_v1",
    "github": "github",
    "sarif": "sarif",
    "junit": "junit",
    "gitlab": "gitlab",
    "rdjson": "rdjson",
    "markdown": "markdown",
}
"""Each format and its module here, which satisfies `run.Format` and is loaded when it is asked for."""
