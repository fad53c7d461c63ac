"""What people see: colours, bars and lines; plain text where nobody watches."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.posting import Tag

COLOURS = {"front": "green", "back": "blue", "review": "yellow"}
_NAMES = {"es": "Spanish", "no": "Norwegian", "en": "English"}
_BAR = 20
#: Of a file or a pipe that tables are printed to: none of ours is wider.
_WIDTH = 140
# Neither a posting nor a file name or cell in a message may steer the terminal: control characters,
# line and paragraph separators, and those that turn the direction of what follows.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def say(message: str) -> None:
    """Print a line of progress to stderr."""
    click.secho(printable(message), err=True, dim=True)


def results() -> Console:
    """Return what prints tables to stdout: all columns of them where that is no terminal."""
    from rich.console import Console  # nothing that `frontback tag` needs

    said = "COLUMNS" in os.environ or (sys.stdout is not None and sys.stdout.isatty())
    return Console(highlight=False, width=None if said else _WIDTH)


def printable(text: str) -> str:
    """Return the text without control characters."""
    return _CONTROL.sub(" ", text)


def bar(share: float, length: int = _BAR) -> str:
    """Return a bar of 20 characters, or so many, for a share from 0 to 1."""
    full = round(share * length)
    return "█" * full + "░" * (length - full)


def answer(tag: Tag) -> str:
    """Return a line that says the answer to a posting."""
    head = click.style(f"{tag.office:<6}", fg=COLOURS[tag.office], bold=True)
    if tag.p_front is not None:
        head += f"  {bar(tag.p_front)}  p(front) {tag.p_front:.2f}"
    if tag.share is not None:
        head += f"  contact {tag.share} %"
    language = _NAMES.get(tag.language, f"{tag.language} language")
    return f"{head}  {language}" + (f"  ({tag.reason})" if tag.reason else "")
