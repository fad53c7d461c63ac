"""The command line: a door, with no logic of its own. One command, one module."""

from __future__ import annotations

import importlib
import io
import os
import sys
from contextlib import suppress

import click

from pipeline import __version__
from pipeline.cli import options
from pipeline.cli.console import printable
from pipeline.cli.interruption import Interruption
from pipeline.posting import FrontbackError, WorseError
from pipeline.wording import choose, words

_COMMANDS = (
    "batch", "compare", "corpus", "detect", "evaluate", "explain", "models", "monitor",
    "report", "review", "serve", "tag", "train", "tune", "watch",
)  # fmt: skip

EXIT_FAILURE = 1
EXIT_WORSE = 3


class _Commands(click.Group):
    """Imports a command when it is called, so that help and one tag come at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"pipeline.cli.{name}").command
        return command


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@options.ui_language
@click.version_option(__version__, prog_name="frontback")
def frontback() -> None:
    """Tag job postings in Spanish, Norwegian and English: front office or back office.

    \b
    One posting:    frontback tag "We are looking for a waiter …"
    A spreadsheet:  frontback batch postings.xlsx -o tagged.xlsx
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code: 0, or see docs/commands.md."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a bar must not stop a cp1252 terminal
    interruption = Interruption()
    interruption.watch()
    try:
        code = _run(arguments)
    except (Exception, KeyboardInterrupt):
        if interruption.code is None:
            raise
        code = EXIT_FAILURE
    if interruption.code is not None:
        click.echo(f"frontback: {words()('work.interrupted')}", err=True)
        code = interruption.code
    choose("")  # of whoever calls this again, or another part of the package
    if code:
        # The message has been said; what libraries say of half-closed files at exit adds nothing.
        sys.unraisablehook = lambda unraisable: None
    sys.exit(code)


def _run(arguments: list[str] | None) -> int:
    # https://no-color.org: any value but the empty one.
    colour = False if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" else None
    try:
        frontback.main(arguments, "frontback", standalone_mode=False, color=colour)
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.ClickException as wrong:
        wrong.show()
        return wrong.exit_code
    except WorseError as verdict:
        _say(str(verdict), colour)
        return EXIT_WORSE
    except FrontbackError as failure:
        _say(str(failure), colour)
    except BrokenPipeError:
        # Whoever read has read enough (| head); click leaves in silence too.
        _discard_stdout()
    except OSError as failure:
        from pipeline.output import cause

        _discard_stdout()
        _say(f"{failure.filename or 'standard output'}: {cause(failure)}.", colour)
    else:
        return 0
    return EXIT_FAILURE


def _say(sentence: str, colour: bool | None) -> None:
    message = f"frontback: {printable(sentence)}"
    click.echo(click.style(message, fg="red"), err=True, color=colour)


def _discard_stdout() -> None:
    """Drop what could not be written; Python would complain about it once more at its exit."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
