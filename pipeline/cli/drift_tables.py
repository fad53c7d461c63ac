"""A batch beside what a model was trained on, as tables in a terminal."""

from __future__ import annotations

import math

import numpy as np
from rich.table import Table
from rich.text import Text

from pipeline.cli.console import bar, printable, results
from pipeline.cli.evaluation_tables import plain_table
from pipeline.drift import ASPECTS
from pipeline.monitoring import Drift
from pipeline.psi import LIKE, OTHER, SOMEWHAT, Verdict

_BAR = 12
_NAMES = {
    "language": "language",
    "words": "length in words",
    "unknown": "unknown words",
    "p_front": "p(front)",
    "close": "close calls",
}
_COLOURS: dict[Verdict, str] = {LIKE: "green", SOMEWHAT: "yellow", OTHER: "red"}
_SENTENCES: dict[Verdict, str] = {
    LIKE: "like what {} was trained on",
    SOMEWHAT: "somewhat other than what {} was trained on",
    OTHER: "other than what {} was trained on",
}
_TOO_FEW = "too few rows to tell whether this is like what {} was trained on"


def print_drift(name: str, drift: Drift) -> None:
    """Print how the batch of this name differs from what a model was trained on."""
    console = results()
    console.print(_bins(name, drift))
    console.print(_verdicts(drift))
    if drift.unknown:
        words = ", ".join(f"{word} {postings:,}" for word, postings in drift.unknown)
        console.print(Text(printable(f"unknown words in most postings: {words}\n")))
    sentence = _SENTENCES.get(drift.verdict, _TOO_FEW).format(drift.model)
    console.print(Text(printable(f"{name}: {sentence}"), _COLOURS.get(drift.verdict, "")))


def _bins(name: str, drift: Drift) -> Table:
    title = f"{name} ({drift.rows:,} rows) beside what {drift.model} was trained on"
    table = plain_table(title, ("", "", "trained on", "", "this batch", ""), ())
    table.padding = (0, 1, 0, 0)
    for column in (3, 5):
        table.columns[column].justify = "right"
    for aspect, counts in drift.counts.items():
        before, now = (each / max(each.sum(), 1) for each in counts)
        largest = max(before.max(), now.max()) or 1.0
        head = _NAMES[aspect]
        for place in np.flatnonzero(before + now):
            cells = [cell for part in (before, now) for cell in _cells(part[place], largest)]
            table.add_row(head, ASPECTS[aspect][place], *cells)
            head = ""
        table.add_section()
    return table


def _cells(share: float, largest: float) -> tuple[str, str]:
    return bar(share / largest, _BAR), f"{share:.1%}"


def _verdicts(drift: Drift) -> Table:
    table = plain_table("", ("",), ("PSI", "by chance"))
    table.add_column("")
    table.padding = (0, 2, 0, 0)
    for aspect, found in drift.changes.items():
        numbers = ("–" if math.isnan(part) else f"{part:.2f}" for part in found[:2])
        verdict = Text(found.verdict, _COLOURS.get(found.verdict, ""))
        table.add_row(_NAMES[aspect], *numbers, verdict)
    return table
