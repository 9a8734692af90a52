"""The few classes of Lightning that NeMo's signatures are about, for images whose catalogs have no Lightning.

Only what they derive from is said, never their parameters or fields: a data module where a trainer is
expected is then found, and nothing else is claimed. Source: Lightning 2, `lightning.pytorch`.
"""

from __future__ import annotations

from typing import Any

_BASES = {"Callback": [], "LightningDataModule": [], "LightningModule": ["torch.nn.Module"], "Trainer": []}
_MODULES = {
    "Callback": ("callbacks", "callbacks.callback"),
    "LightningDataModule": ("core", "core.datamodule"),
    "LightningModule": ("core", "core.module"),
    "Trainer": ("trainer", "trainer.trainer"),
}
_HOME = "lightning.pytorch"


def entry(path: str) -> Any:  # noqa: ANN401  JSON
    """The entry of such a class, or where another name of it leads; None for every other path."""
    top, _, rest = path.partition(".")
    module, _, name = rest.rpartition(".")
    if top not in {"lightning", "pytorch_lightning"} or name not in _BASES:
        return None
    if path == f"{_HOME}.{name}":
        return {"kind": "class", "at": path, "bases": _BASES[name], "varies": True, "opaque": True}
    prefix = "pytorch." if top == "lightning" else ""
    same = {prefix[:-1], *(f"{prefix}{one}" for one in _MODULES[name]), *([""] if top == "lightning" else [])}
    return f"{_HOME}.{name}" if module in same else None
