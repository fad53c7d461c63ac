"""What people see of long work and of its end: a bar on a terminal, and tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from pipeline.cli.console import COLOURS, bar

if TYPE_CHECKING:
    from pipeline.batch import Summary

messages = Console(stderr=True, highlight=False)


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
