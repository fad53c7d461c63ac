"""What people see of long work and of its end: a bar on a terminal, lines elsewhere, tables."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from pipeline.cli.console import COLOURS, bar, printable, say
from pipeline.wording import words

if TYPE_CHECKING:
    from pipeline.batch import Summary

messages = Console(stderr=True, highlight=False)

#: Between two lines, where there is no terminal for a bar.
_LINE_SECONDS = 10.0


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{words().number(task.speed)}/s" if task.speed else "", style="dim")


@contextmanager
def progress(
    total: int, what: str, quiet: bool = False, unit: str = "rows"
) -> Iterator[Callable[[int], None]]:
    """Show how much is done: a bar on a terminal, elsewhere a line every ten seconds."""
    if quiet:
        yield lambda rows: None
        return
    if not messages.is_terminal:
        yield _lines(total, words().of("doing", what), unit)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        *((_Rate(),) if unit == "rows" else ()),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=messages, transient=True) as shown:
        task = shown.add_task(words().of("doing", what), total=total)
        yield lambda rows: shown.advance(task, rows)


def _lines(total: int, what: str, unit: str) -> Callable[[int], None]:
    begun = told = time.monotonic()
    done = 0

    def advance(rows: int) -> None:
        nonlocal told, done
        done += rows
        now = time.monotonic()
        if now - told >= _LINE_SECONDS and done < total:
            told = now
            rate = done / (now - begun)
            left = (total - done) / rate
            said = words()
            values = {"done": done, "total": total, "left": said.number(left)}
            values |= {"what": what, "unit": said.of("unit", unit)}
            if unit == "rows":
                say(said("work.progress_paced", pace=said.number(rate), **values))
            else:
                say(said("work.progress", **values))

    return advance


def summary_table(summary: Summary) -> Table:
    """Return how often each office, language and reason was given, with bars."""
    said = words()
    title = said(
        "work.summary.recalled" if summary.recalled else "work.summary.title",
        rows=summary.rows,
        seconds=said.number(summary.seconds, 1),
        recalled=summary.recalled,
    )
    table = Table(title=title, title_justify="left")
    table.add_column("")
    table.add_column("")
    table.add_column(said("work.summary.rows"), justify="right")
    table.add_column(said("work.summary.share"), justify="right")
    table.add_column("")
    for column, counts in summary.counts.items():
        counts = Counter({value: n for value, n in counts.items() if value})
        for place, (value, n) in enumerate(counts.most_common()):
            share = n / max(summary.rows, 1)
            colour = COLOURS.get(value, "white")
            head = said(f"work.summary.{column}") if place == 0 else ""
            # A reason may name what stands in a file.
            shown = Text(printable(said.of("code" if column == "language" else column, value)))
            figures = said.number(n), said.percent(share)
            table.add_row(head, shown, *figures, f"[{colour}]{bar(share)}[/]")
        if counts:
            table.add_section()
    return table
