"""Scorecards and comparisons as tables in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from pipeline.cli.console import COLOURS, printable, results
from pipeline.scorecard import NAMES, PRECISION

if TYPE_CHECKING:
    from pipeline.comparison import Comparison
    from pipeline.learning_curve import LearningCurve
    from pipeline.scorecard import Scorecard

_MISTAKES = 5
_CHANGES = 10
_TITLE = 60
_LEAST = 13
_DIGITS = 2  # seven intervals have to fit into 80 characters
_COLUMNS = [key for key in NAMES if key != "precision_at"]
_SMALLEST = 0.001


def plain_table(title: str, left: tuple[str, ...], right: tuple[str, ...]) -> Table:
    """Return a table with columns for words, then columns for numbers; the title as it stands."""
    table = Table(
        title=Text(printable(title)), title_justify="left", box=box.SIMPLE_HEAD, padding=0
    )
    for name in left:
        table.add_column(name, overflow="fold", min_width=_LEAST if right else None)
    for name in right:
        table.add_column(name.replace(" ", "\n"), justify="right", no_wrap=True)
    return table


def print_scorecard(name: str, scorecard: Scorecard) -> None:
    """Print what is known of a model on the data of this name."""
    console = results()
    console.print(_figures(name, scorecard))
    right, interval = scorecard.parts["all"].figures["precision_at"].shown(_DIGITS)
    if interval:
        console.print(f"right of those that could be decided: {right} ({interval})\n")
    console.print(_labels(scorecard))
    if scorecard.reasons:
        told = ", ".join(f"{reason} {n:,}" for reason, n in scorecard.reasons.items())
        console.print(f"review because: {told}\n")
    if scorecard.mistakes:
        console.print(_mistakes(scorecard))


def _figures(name: str, scorecard: Scorecard) -> Table:
    names = [NAMES[key].format(scorecard.precision) for key in _COLUMNS]
    title = f"{scorecard.model} on {name}, with 95 % intervals"
    table = plain_table(title, ("",), ("postings", *names))
    for part, (postings, figures) in scorecard.parts.items():
        cells = ["\n".join(figures[key].shown(_DIGITS)) for key in _COLUMNS]
        table.add_row(part, f"{postings:,}", *cells)
    return table


def _labels(scorecard: Scorecard) -> Table:
    names = ("recall", "precision", "F1")
    offices = tuple(f"said {office}" for office in ("front", "back", "review"))
    table = plain_table("answers by label; figures at 0.5, review or not", ("",), offices + names)
    for label, answers in scorecard.confusion.items():
        figures = [scorecard.labels[f"{label} {name.lower()}"] for name in names]
        counts = [f"{n:,}" for n in answers.values()]
        table.add_row(
            Text(label, COLOURS[label]), *counts, *("\n".join(f.shown(_DIGITS)) for f in figures)
        )
    return table


def _mistakes(scorecard: Scorecard) -> Table:
    table = plain_table(
        "surest mistakes, and the words that pushed to the wrong side",
        ("row", "label", "said", "title", "words"),
        (),
    )
    table.padding = (0, 1, 0, 0)
    for each in scorecard.mistakes[:_MISTAKES]:
        table.add_row(
            f"{each.row:,}",
            Text(each.label, COLOURS[each.label]),
            _answer(each.office, each.p_front, each.reason),
            *_posting(each.title, each.words),
        )
    return table


def print_learning_curve(name: str, curve: LearningCurve) -> None:
    """Print what models trained on growing parts of a corpus do on the data of this name."""
    measures = list(curve.points[0].parts["all"].figures)
    table = plain_table(f"what the size of the corpus is worth, on {name}", (), ())
    table.padding = (0, 1, 0, 0)
    table.add_column("trained on", justify="right")
    table.add_column("")
    for measure in measures:
        table.add_column(NAMES[measure], no_wrap=True)
    for point in curve.points:
        for part, (_, figures) in point.parts.items():
            size = f"{point.trained_on:,}" if part == "all" else ""
            cells = [" ".join(figures[measure].shown(_DIGITS)) for measure in measures]
            table.add_row(size, part, *cells)
    console = results()
    console.print(table)
    console.print(f"{printable(curve.told)}\n", markup=False)


def print_comparison(name: str, comparison: Comparison) -> None:
    """Print two models beside each other on the data of this name."""
    console = results()
    console.print(f"A {comparison.first}\nB {comparison.second}\n", markup=False)
    console.print(_pairs(name, comparison))
    console.print(_differences(comparison))
    console.print(f"postings that get another answer: {len(comparison.changed):,}\n")
    if comparison.changes:
        console.print(_changes(comparison))


def _pairs(name: str, comparison: Comparison) -> Table:
    names = ("postings", "A", "B", "only A right", "only B right", "McNemar's p")
    table = plain_table(f"accuracy on {name}", ("",), names)
    for part, pair in comparison.parts.items():
        table.add_row(
            part,
            f"{pair.postings:,}",
            f"{pair.first:.3f}",
            f"{pair.second:.3f}",
            f"{pair.only_first:,}",
            f"{pair.only_second:,}",
            f"{pair.p_value:.3f}" if pair.p_value >= _SMALLEST else f"<{_SMALLEST}",
        )
    return table


def _differences(comparison: Comparison) -> Table:
    table = plain_table("B less A, with 95 % intervals", ("",), ("difference", "from", "to"))
    for key, name in NAMES.items():
        figure = comparison.parts["all"].differences[key]
        shown = ["–" if bound is None else f"{bound:+.3f}" for bound in figure]
        table.add_row(name.format(PRECISION), *shown)
    return table


def _changes(comparison: Comparison) -> Table:
    title = "those that moved most, and the words that moved them"
    table = plain_table(title, ("row", "label", "A", "B", "title", "words"), ())
    table.padding = (0, 1, 0, 0)
    for each in comparison.changes[:_CHANGES]:
        table.add_row(
            f"{each.row:,}",
            Text(each.label, COLOURS[each.label]),
            _answer(each.first, each.p_first, each.why_first),
            _answer(each.second, each.p_second, each.why_second),
            *_posting(each.title, each.words),
        )
    return table


def _posting(title: str, words: list[tuple[str, float]]) -> tuple[Text, Text]:
    """Return what is shown of a posting: its title, and the words that decided."""
    told = ", ".join(f"{word} {weight:+.1f}" for word, weight in words)
    return Text(printable(title)[:_TITLE]), Text(printable(told))


def _answer(office: str, p_front: float, reason: str) -> Text:
    why = f"\n{reason}" if reason else ""
    return Text(f"{office} {p_front:.2f}{why}", COLOURS[office])
