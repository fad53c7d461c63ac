"""The precision-coverage curve: how many can be decided, and how many of these are right."""

from __future__ import annotations

from typing import IO

import numpy as np

from pipeline.answers import Answers
from pipeline.checking.finding import library
from pipeline.corpus_plots import COLOURS
from pipeline.intervals import drawn
from pipeline.weighted import Weighted

_GRID = np.linspace(0.02, 1, 99)
_LEVEL = (0.025, 0.975)


def draw_precision(file: IO[bytes], answers: Answers, precision: float) -> None:
    """Draw the curve for all postings, with its interval, and for each language, as a PNG.

    Args:
        file: to write to.
        answers: of n postings.
        precision: share of right answers that a line is drawn at.

    Raises:
        CorpusError: matplotlib is not installed.
    """
    figure = library("matplotlib.figure").Figure(figsize=(7.2, 4.8), layout="constrained")
    axes = figure.subplots()
    low, high = _interval(answers, precision)
    axes.fill_between(_GRID, low, high, color="#dddddd", lw=0, label="all, 95 % interval")
    lowest = [0.9, np.nanmin(np.append(low, 1))]
    for code, colour in COLOURS.items():
        at = np.full(len(answers.front), True) if code == "all" else answers.language == code
        own = answers.at(at)
        if not own.decidable.any():
            continue
        coverage, right = Weighted(own, precision).curve(np.ones((1, len(own.front))))
        axes.plot(coverage[0], right[0], color=colour, lw=2 if code == "all" else 1.2, label=code)
        shown = right[0][coverage[0] >= _GRID[0]]
        lowest.append(shown.min(initial=1))
        if own.decided.any():
            axes.scatter(
                own.decided.mean(), own.right[own.decided].mean(), 45, colour, zorder=3,
                edgecolors="white",
            )  # fmt: skip
    axes.axhline(precision, color="#999999", lw=1, ls="--")
    axes.set_xlim(0, 1.01)
    axes.set_ylim(max(min(lowest) - 0.02, 0), 1.005)
    axes.set_xlabel("share that is decided, the surest first")
    axes.set_ylabel("share of these that is right")
    axes.set_title(f"dots: the model's own review band; dashed: {precision:.3g} right", fontsize=10)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, loc="lower left")
    figure.savefig(file, dpi=110, format="png")


def _interval(answers: Answers, precision: float) -> tuple[np.ndarray, np.ndarray]:
    """Return between what the share that is right lies at each coverage of the grid."""
    prepared, found = Weighted(answers, precision), []
    if not answers.decidable.any():
        return np.full(len(_GRID), np.nan), np.full(len(_GRID), np.nan)
    for weights in drawn(len(answers.front)):
        for coverage, right in zip(*prepared.curve(weights), strict=True):
            line = np.interp(_GRID, coverage, right, left=np.nan, right=np.nan)
            found.append(line)
    # Where hardly a draw reaches, an interval says nothing.
    lines = np.array(found)
    often = np.isnan(lines).mean(axis=0) < 0.5
    bounds = np.full((2, len(_GRID)), np.nan)
    bounds[:, often] = np.nanquantile(lines[:, often], _LEVEL, axis=0)
    return bounds[0], bounds[1]
