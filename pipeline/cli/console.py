"""What people see: colours, bars and lines; plain text where nobody watches."""

from __future__ import annotations

import re

import click

COLOURS = {"front": "green", "back": "blue", "review": "yellow"}
_BAR = 20
# Neither a posting nor a file name or cell in a message may steer the terminal: control characters,
# line and paragraph separators, and those that turn the direction of what follows.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def say(message: str) -> None:
    """Print a line of progress to stderr."""
    click.secho(printable(message), err=True, dim=True)


def printable(text: str) -> str:
    """Return the text without control characters."""
    return _CONTROL.sub(" ", text)


def bar(share: float, length: int = _BAR) -> str:
    """Return a bar of 20 characters, or so many, for a share from 0 to 1."""
    full = round(share * length)
    return "█" * full + "░" * (length - full)
