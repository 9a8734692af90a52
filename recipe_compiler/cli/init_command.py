"""`recipec init`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from recipe_compiler.cli.options import EXIT_CANNOT_WRITE, format_option, print_json

FILES = {
    "recipec.yaml": """\
# The project: where things are, and which cluster is meant without `--cluster`.
recipec: 1
default_cluster: local
recipes: recipes
clusters: clusters
""",
    "recipes/hello.yaml": """\
# A function and its arguments. `recipec validate recipes` checks it,
# `recipec submit recipes/hello.yaml --wait` runs it on this machine.
name: hello
function: hello.main
args:
  name: world
  repeat: 2
resources:
  time: "0:10:00"
""",
    "hello.py": '''\
"""The function that recipes/hello.yaml names."""


def main(name: str, repeat: int = 1) -> None:
    """Greet `name`, `repeat` times."""
    for _ in range(repeat):
        print(f"hello, {name}")
''',
    "clusters/example.yaml": """\
# A Slurm cluster: what it has, its defaults and what it permits. Owned by the people who run it.
# `recipec compile recipes --out bundles --cluster example` compiles for it.
cluster: 1
name: example
target: slurm
runs_dir: /shared/runs               # seen by all nodes and by the login node
partitions:
  gpu: {max_time: 2-00:00:00, max_nodes: 16, gpus_per_node: 8}
defaults: {partition: gpu, time: "1:00:00", launcher: python}
functions: ["hello.*"]               # what recipes may name: exact paths, or a package
env_allow: ["NCCL_*"]
""",
}


@click.command(name="init")
@click.argument("folder", default=".", metavar="[DIR]")
@format_option
def command(folder: str, format_: str) -> None:
    """Start a project: a project file, a recipe that runs here, and a cluster profile.

    Files that exist are left as they are.

    \b
    Examples:
      recipec init
      recipec init my-project
    """
    root = Path(folder)
    written, kept = [], []
    for name, text in FILES.items():
        path = root / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as stream:
                stream.write(text)
            written.append(name)
        except FileExistsError:
            kept.append(name)
        except OSError as error:
            click.echo(f"recipec: cannot write {path}: {(error.strerror or str(error)).lower()}", err=True)
            sys.exit(EXIT_CANNOT_WRITE)
    if format_ == "json":
        print_json({"format_version": "1.0", "written": written, "kept": kept})
    else:
        for name in written:
            click.echo(f"wrote {root / name}")
        for name in kept:
            click.echo(f"kept  {root / name}")
        click.echo(f"next: {'' if folder == '.' else f'cd {folder} && '}recipec submit recipes/hello.yaml --wait")
