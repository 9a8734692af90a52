"""The command `recipec`: arguments in, an exit code out. Each command is loaded when it is called."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module

import click

from recipe_compiler.version import VERSION

COMMANDS = {
    "init": "Start a project: a project file, a recipe and a cluster profile.",
    "new": "Write a recipe for a function, with every parameter of it.",
    "validate": "Check recipes and say everything that is wrong with them.",
    "fix": "Mend what is surely wrong in recipes.",
    "check": "Import what recipes name, inside their images, and bind every call for real.",
    "compile": "Compile recipes into bundles that can be reviewed and submitted later.",
    "comment": "Print the findings of another run as a comment for a pull request.",
    "params": "List every parameter of a recipe: its value, who set it, how to override it.",
    "points": "Show the points of a sweep: what each sets, and its digest.",
    "diff": "Say what differs between two jobs: what it means, then the scripts.",
    "report": "Write one HTML page about a recipe, a bundle, or a change.",
    "graph": "Draw what a job comes from: layers, calls and inputs.",
    "catalog": "Write down what the packages of an image define: functions, arguments, types.",
    "submit": "Submit bundles, or recipes compiled on the way, as jobs.",
    "status": "Show what became of submitted jobs.",
    "logs": "Print the log of a job.",
    "cancel": "End jobs.",
    "explain": "Say what a diagnostic code means, or where a value comes from.",
    "schema": "Print the JSON Schema of recipes, for editors.",
    "completion": "Print the script that makes a shell complete recipec's words.",
}
"""Every command and what it does: `--help` needs no command's module."""
EXIT_INTERRUPTED = 130
EXIT_CLOSED_PIPE = 141


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """In the order people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        command: click.Command = import_module(f"recipe_compiler.cli.{cmd_name}_command").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of commands, without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="recipec")
def main() -> None:
    """Compile YAML recipes into reviewed, reproducible Slurm + Apptainer jobs.

    \b
    Examples:
      recipec init
      recipec validate recipes
      recipec compile recipes --out bundles
      recipec submit bundles/hello-*
    """


def run() -> None:
    """The console script: runs a command and ends the process with its exit code."""
    gc.set_threshold(10_000)  # loading makes much that stays; looking through it 200 times is 4 ms
    try:
        code = main(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        code = EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader has what it wanted. Python would complain again when it flushes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = EXIT_CLOSED_PIPE
    except Exception as error:  # noqa: BLE001  said without a traceback
        from recipe_compiler.cli import crash

        code = crash.damaged(error) or crash.report(error)
    sys.exit(code if isinstance(code, int) else 0)
