"""What a search for parameters came to, in a terminal."""

from __future__ import annotations

import click
from rich.table import Table

from pipeline.cli.console import results
from pipeline.cli.evaluation_tables import plain_table
from pipeline.intervals import Estimate
from pipeline.tuning.results import MEASURES, Tuning

_DIGITS = 2


def print_tuning(tuning: Tuning, train: str) -> None:
    """Print the candidates, the best first, what follows from them, and how to train that."""
    results().print(_table(tuning))
    click.echo(f"{_verdict(tuning)}\n\n{train}")


def _table(tuning: Tuning) -> Table:
    by, everything = tuning.by, tuning.usual.parts["all"]
    languages = [name for name in tuning.usual.parts if name != "all"]
    others = [measure for measure in MEASURES if measure != by]
    title = f"{everything.postings:,} postings left out of training, with 95 % intervals"
    names = (MEASURES[by], "less usual", *(MEASURES[measure] for measure in others), *languages)
    table = plain_table(title, ("",), names)
    for row in tuning.rows:
        whole = row.parts["all"]
        table.add_row(
            row.name + (" (usual)" if row is tuning.usual else ""),
            "\n".join(whole.figures[by].shown(_DIGITS)),
            "" if row is tuning.usual else _difference(whole.differences[by]),
            *(whole.figures[measure].shown(_DIGITS)[0] for measure in others),
            *("\n".join(row.parts[name].figures[by].shown(_DIGITS)) for name in languages),
        )
    return table


def _difference(figure: Estimate) -> str:
    if figure.value is None:
        return "–"
    return f"{figure.value:+.3f}\n{_signed(figure.low)}…{_signed(figure.high)}"


def _signed(bound: float | None) -> str:
    return "–" if bound is None else f"{bound:+.3f}".replace("0.", ".", 1)


def _verdict(tuning: Tuning) -> str:
    best, by = tuning.rows[0], MEASURES[tuning.by]
    value, low, high = tuning.difference
    if best is tuning.usual:
        return f"The usual parameters do best by {by}: train with them."
    found = f"{value:+.3f}, from {low:+.3f} to {high:+.3f}"
    if not tuning.is_better:
        return (
            f"{best.name} does best by {by} ({found}), but no better than the usual parameters"
            f" beyond chance: the best of {len(tuning.rows)} would have to be"
            f" {tuning.needed:.3f} better. Train with the usual ones."
        )
    return (
        f"{best.name} does better than the usual parameters by {by} ({found}), and beyond chance:"
        f" the best of {len(tuning.rows)} had to be {tuning.needed:.3f} better. Expect a little"
        " less on other postings: it was chosen for these."
    )
