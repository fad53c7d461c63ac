"""What people see: colours, bars and lines; plain text where nobody watches."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

import click

from pipeline.wording import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from pipeline.explain import Weight
    from pipeline.posting import Tag

COLOURS = {"front": "green", "back": "blue", "review": "yellow"}
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
    said = words()
    width = max(len(said.of("office", office)) for office in COLOURS)
    office = said.of("office", tag.office)
    head = click.style(f"{office:<{width}}", fg=COLOURS[tag.office], bold=True)
    if tag.p_front is not None:
        shown = said("answer.p_front", p_front=said.number(tag.p_front, 2))
        head += f"  {bar(tag.p_front)}  {shown}"
    if tag.share is not None:
        head += f"  {said('answer.share', share=tag.share)}"
    head += f"  {said.of('language', tag.language)}"
    return head + (f"  ({said.of('reason', tag.reason)})" if tag.reason else "")


def pushing(office: str, weights: Sequence[Weight]) -> str:
    """Return a line with the words that push to an office, and what each adds."""
    said = words()
    head = click.style(f"{said.of('office', office):<5}", fg=COLOURS[office])
    shown = (f"{printable(each.word)} {said.signed(each.weight, 1)}" for each in weights)
    return f"{head} {said('answer.between').join(shown)}"
