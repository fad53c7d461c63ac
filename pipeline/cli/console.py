"""What people see: colours, bars, tables and progress; plain text where nobody watches."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    from pipeline.batch import Summary

COLOURS = {"front": "green", "back": "blue", "review": "yellow"}
_BAR = 20
# Terminal escapes and other control characters must not reach the terminal from a posting.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")

messages = Console(stderr=True, highlight=False)


def say(message: str) -> None:
    """Print a line of progress to stderr."""
    click.secho(printable(message), err=True, dim=True)


def printable(text: str) -> str:
    """Return the text without control characters."""
    return _CONTROL.sub(" ", text)


def bar(share: float) -> str:
    """Return a bar of 20 characters for a share from 0 to 1."""
    full = round(share * _BAR)
    return "█" * full + "░" * (_BAR - full)


@contextmanager
def progress(total: int, what: str) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal while rows are done; elsewhere nothing."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    shown = Progress(*columns, console=messages, transient=True, disable=not messages.is_terminal)
    with shown:
        task = shown.add_task(what, total=total)
        yield lambda rows: shown.advance(task, rows)


def summary_table(summary: Summary) -> Table:
    """Return how often each office, language and reason was given, with bars."""
    table = Table(title=f"{summary.rows:,} rows in {summary.seconds:.1f} s", title_justify="left")
    table.add_column("")
    table.add_column("")
    table.add_column("rows", justify="right")
    table.add_column("share", justify="right")
    table.add_column("")
    names = {"office": "office", "language": "language", "reason": "review because"}
    for column, counts in summary.counts.items():
        counts = Counter({value: n for value, n in counts.items() if value})
        for place, (value, n) in enumerate(counts.most_common()):
            share = n / max(summary.rows, 1)
            colour = COLOURS.get(value, "white")
            head = names[column] if place == 0 else ""
            table.add_row(head, value, f"{n:,}", f"{share:.0%}", f"[{colour}]{bar(share)}[/]")
        if counts:
            table.add_section()
    return table
