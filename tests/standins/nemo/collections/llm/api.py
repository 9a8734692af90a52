"""A stand-in for `nemo.collections.llm.api`, which needs CUDA.

The signatures are those of nemo_toolkit 2.5.3, where the functions are decorated with
`@run.cli.entrypoint(...)`, which returns them unchanged.
"""
# ruff: noqa: UP007, UP045  the annotations are the real ones, and Python 3.8 reads them

from pathlib import Path
from typing import Any, Optional, Union

from standin import receive

from nemo.collections.llm.gpt.model.llama import LlamaModel
from nemo.lightning import AutoResume, MegatronOptimizerModule, NeMoLogger, Trainer

AnyPath = Union[Path, str]


def import_ckpt(
    model: LlamaModel,
    source: str,
    output_path: Optional[AnyPath] = None,
    overwrite: bool = False,
    **kwargs: Any,
) -> Path:
    """The path where the checkpoint would be: a stand-in that imports nothing, since NeMo needs CUDA."""
    receive({"model": model, "source": source, "output_path": output_path, "overwrite": overwrite, **kwargs})
    output = Path(output_path) if output_path else Path("models") / source.rpartition("://")[2]
    print(f"stand-in for import_ckpt: {source} -> {output}")
    return output


def pretrain(
    model: Union[LlamaModel, AnyPath],
    data: Any,
    trainer: Trainer,
    log: Optional[NeMoLogger] = None,
    resume: Optional[AutoResume] = None,
    optim: Optional[MegatronOptimizerModule] = None,
) -> Path:
    """The folder where the run would be: a stand-in that trains nothing, since NeMo needs CUDA."""
    receive({"model": model, "data": data, "trainer": trainer, "log": log, "resume": resume, "optim": optim})
    output = Path((log and log.log_dir) or "nemo_experiments") / (log.name if log else "default")
    print(f"stand-in for pretrain: {type(model).__name__} -> {output}")
    return output
