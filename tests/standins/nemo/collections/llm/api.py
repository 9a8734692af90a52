"""A stand-in for `nemo.collections.llm.api`, which needs CUDA.

The signature is that of nemo_toolkit 2.5.3, where the function is decorated with
`@run.cli.entrypoint(name="import", namespace="llm")`, which returns it unchanged.
"""
# ruff: noqa: UP007, UP045  the annotations are the real ones, and Python 3.8 reads them

import json
import os
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any, Optional, Union

from nemo.collections.llm.gpt.model.llama import LlamaModel

AnyPath = Union[Path, str]


def import_ckpt(
    model: LlamaModel,
    source: str,
    output_path: Optional[AnyPath] = None,
    overwrite: bool = False,
    **kwargs: Any,
) -> Path:
    """The path where the checkpoint would be: a stand-in that imports nothing, since NeMo needs CUDA.

    It leaves the arguments it got, with their types, in `$RECIPEC_RUN_DIR/received.json`.
    """
    given = {"model": model, "source": source, "output_path": output_path, "overwrite": overwrite, **kwargs}
    path = Path(os.environ["RECIPEC_RUN_DIR"]) / "received.json"
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps({name: describe(value) for name, value in given.items()}, indent=2) + "\n")
    temporary.replace(path)
    output = Path(output_path) if output_path else Path("models") / source.rpartition("://")[2]
    print(f"stand-in for import_ckpt: {source} -> {output}")
    return output


def describe(value: Any) -> Any:
    """`{"type": ..., "value": ...}`, all the way down."""
    kind = type(value).__name__
    if isinstance(value, LlamaModel):
        return {"type": kind, "config": describe(value.config)}
    if is_dataclass(value) and not isinstance(value, type):
        return {"type": kind, "value": asdict(value)}
    if isinstance(value, dict):
        return {"type": kind, "value": {str(key): describe(item) for key, item in value.items()}}
    if isinstance(value, (list, tuple)):
        return {"type": kind, "value": [describe(item) for item in value]}
    if value is None or isinstance(value, (bool, int, float, str)):
        return {"type": kind, "value": value}
    return {"type": kind, "value": repr(value)}
