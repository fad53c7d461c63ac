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
from pipeline.wording import words

_BAR = 12
_COLOURS: dict[Verdict, str] = {LIKE: "green", SOMEWHAT: "yellow", OTHER: "red"}


def print_drift(name: str, drift: Drift) -> None:
    """Print how the batch of this name differs from what a model was trained on."""
    said, console = words(), results()
    console.print(_bins(name, drift))
    console.print(_verdicts(drift))
    if drift.unknown:
        listed = ", ".join(f"{word} {said.number(postings)}" for word, postings in drift.unknown)
        console.print(Text(printable(said("monitor.unknown_words", words=listed) + "\n")))
    sentence = said(f"monitor.sentence.{drift.verdict}", name=name, model=drift.model)
    console.print(Text(printable(sentence), _COLOURS.get(drift.verdict, "")))


def _bins(name: str, drift: Drift) -> Table:
    said = words()
    title = said("monitor.title", name=name, rows=drift.rows, model=drift.model)
    heads = ("", "", said("monitor.before"), "", said("monitor.now"), "")
    table = plain_table(title, heads, ())
    table.padding = (0, 1, 0, 0)
    for column in (3, 5):
        table.columns[column].justify = "right"
    for aspect, counts in drift.counts.items():
        before, now = (each / max(each.sum(), 1) for each in counts)
        largest = max(before.max(), now.max()) or 1.0
        head = said(f"monitor.aspect.{aspect}")
        for place in np.flatnonzero(before + now):
            cells = [cell for part in (before, now) for cell in _cells(part[place], largest)]
            table.add_row(head, _bin(aspect, ASPECTS[aspect][place]), *cells)
            head = ""
        table.add_section()
    return table


def _cells(share: float, largest: float) -> tuple[str, str]:
    return bar(share / largest, _BAR), words().percent(share, 1)


def _bin(aspect: str, name: str) -> str:
    """Return how people call a bin of `pipeline.drift.ASPECTS`."""
    said = words()
    if aspect == "language":
        return said.of("code", name)
    if aspect == "p_front":
        return "-".join(said.number(float(end), 1) for end in name.split("-"))
    return said(f"monitor.close.{name}") if aspect == "close" else name


def _verdicts(drift: Drift) -> Table:
    said = words()
    table = plain_table("", ("",), (said("monitor.psi"), said("monitor.chance")))
    table.add_column("")
    table.padding = (0, 2, 0, 0)
    for aspect, found in drift.changes.items():
        numbers = ("–" if math.isnan(part) else said.number(part, 2) for part in found[:2])
        verdict = said(f"monitor.verdict.{found.verdict}")
        shown = Text(verdict, _COLOURS.get(found.verdict, ""))
        table.add_row(said(f"monitor.aspect.{aspect}"), *numbers, shown)
    return table
