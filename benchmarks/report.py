"""Figures of answers against what is known of the postings, as the benchmarks print them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from pipeline.evaluation import LONG, by_language, is_clear, measure_by, measure_share

_OF_TAGS = ("postings", "accuracy", "AUC", "calibration error", "decided", "right of these")
_OF_SHARES = ("postings", "rank correlation", "mean error")
_SHARES = ((0, 10), (10, 33), (33, 60), (60, 101))


class Answers(NamedTuple):
    """Answers for n postings, and what is known of these; arrays of shape (n,).

    Attributes:
        p_front: 0.5 where there is none, as the tagger would have to toss a coin.
        decided: whether the answer is not review.
        share: predicted, 0 to 100; NaN where there is none.
        language: codes.
        front: the labels.
        annotated: shares that a reader noted, 0 to 100; -1 where none did.
        words: of the text.
        kind: what sort of posting, or "".
    """

    p_front: np.ndarray
    decided: np.ndarray
    share: np.ndarray
    language: np.ndarray
    front: np.ndarray
    annotated: np.ndarray
    words: np.ndarray
    kind: np.ndarray


def print_figures(console: Console, title: str, answers: Answers) -> None:
    """Print tables of all postings and by language, and a line for each part that is worth one."""
    figures = measure_by(answers.language, answers.p_front, answers.front, answers.decided)
    console.print(_table(title, figures, _OF_TAGS))
    if (answers.annotated >= 0).any():
        shares = by_language(answers.language, measure_share, answers.share, answers.annotated)
        console.print(_table("share of contact duties, predicted", shares, _OF_SHARES))
    right = (answers.p_front >= 0.5) == answers.front
    for name, at in _parts(answers).items():
        if at.any():
            console.print(f"{name}: {right[at].mean():.3f} of {at.sum()}")


def _parts(answers: Answers) -> dict[str, np.ndarray]:
    """Return which postings are in each part whose accuracy is of interest."""
    share, long = answers.annotated, answers.words > LONG
    parts = {
        f"share of contact {low}-{high - 1} %": (share >= low) & (share < high)
        for low, high in _SHARES
    }
    parts["clear, share under 10 or 60 and more"] = is_clear(share)
    if 0 < long.sum() < len(long):
        parts |= {f"over {LONG} words": long, f"up to {LONG} words": ~long}
    kinds = sorted(set(answers.kind))
    return parts | ({kind: answers.kind == kind for kind in kinds} if len(kinds) > 1 else {})


def _table(title: str, figures: dict[str, dict[str, Any]], names: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in ("", *names):
        table.add_column(name, justify="right" if name else "left")
    for code, values in figures.items():
        shown = [_shown(value) for value in values.values()]
        table.add_row(code, *shown)
    return table


def _shown(value: float | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.3f}" if value <= 1 else f"{value:.1f}"
