"""Finds the commands, one module each, and turns errors into messages without a traceback."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
import traceback
from pathlib import Path

import click

import streams
import streams.cli
from streams.errors import DetenteError

NOT_COMMANDS = {"main"}


class CommandFolder(click.Group):
    """A group whose commands are the modules of this package, loaded when they are called.

    A module ``dead_letters`` holds a click command named ``command`` and is called as ``dead-letters``;
    modules whose name begins with an underscore are helpers.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the command names in order."""
        names = [module.name for module in pkgutil.iter_modules(streams.cli.__path__)]
        return sorted(name.replace("_", "-") for name in names if name not in NOT_COMMANDS and not name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of ``cmd_name`` and return its command; None where there is none."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"streams.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command


@click.group(cls=CommandFolder, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(streams.__version__, prog_name="detente")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.option("--config", type=click.Path(path_type=Path), help="Settings file (TOML).")
@click.option("--set", "assignments", multiple=True, metavar="NAME=VALUE", help="Set one setting; may be repeated.")
@click.pass_context
def cli(ctx: click.Context, debug: bool, config: Path | None, assignments: tuple[str, ...]) -> None:
    """Watch the news for states that mend, or refuse to mend, their relations."""
    ctx.obj = {"debug": debug, "config": config, "set": assignments}


def main() -> None:
    """Run the command line; errors go to stderr with their exit code."""
    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except click.exceptions.Abort:
        click.echo("detente: interrupted", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output has gone (`detente alerts | head`); nothing is left to tell it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except DetenteError as error:
        _report(error)
        sys.exit(error.exit_code)


def _report(error: DetenteError) -> None:
    if "--debug" in sys.argv:
        traceback.print_exc()
    click.echo(f"detente: {error}", err=True)
