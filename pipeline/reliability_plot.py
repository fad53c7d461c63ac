"""The reliability diagram: of postings with p_front 0.8, are eight in ten front?"""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import numpy as np

from pipeline.checking.finding import library
from pipeline.corpus_plots import COLOURS
from pipeline.evaluation import calibration_error, chance_error, reliability

_SPREAD = 1.96  # standard errors: 95 %
_CAPTION = (
    "grey bars: how far chance alone takes 95 % of such bins from what was said;"
    " a larger dot is more postings; shaded: review"
)
_EDGES = np.linspace(0, 1, 11)


def draw_reliability(
    file: Path | IO[bytes],
    title: str,
    language: np.ndarray,
    p_front: np.ndarray,
    front: np.ndarray,
    band: float,
) -> None:
    """Draw what was said against what was so, for all postings and each language, as a PNG file.

    Args:
        file: its path, in a folder that exists, or a file to write to.
        title: of the whole.
        language: codes, shape (n,).
        p_front: probabilities, float64, shape (n,).
        front: the labels, bool, shape (n,).
        band: half-width of the review band around 0.5; shaded.

    Raises:
        CorpusError: matplotlib is not installed.
    """
    codes = ["all", *(code for code in COLOURS if code in set(language))]
    figure = library("matplotlib.figure").Figure(
        figsize=(3.4 * len(codes), 4.8), layout="constrained"
    )
    figure.suptitle(title)
    figure.supxlabel(_CAPTION, fontsize=9)
    axes = figure.subplots(2, len(codes), sharex=True, squeeze=False, height_ratios=(3, 1))
    for place, code in enumerate(codes):
        at = np.full(len(front), True) if code == "all" else language == code
        for each in axes[:, place]:
            each.axvspan(0.5 - band, 0.5 + band, color="#eeeeee", zorder=0)
        _diagram(axes[0, place], code, p_front[at], front[at])
        axes[1, place].hist(p_front[at], _EDGES, color=COLOURS[code], rwidth=0.9)
        axes[1, place].set_xlabel("p_front")
    axes[0, 0].set_ylabel("share that is front")
    axes[1, 0].set_ylabel("postings")
    figure.savefig(file, dpi=110, format="png")


def _diagram(axes: Any, code: str, p_front: np.ndarray, front: np.ndarray) -> None:
    bins = reliability(p_front, front)
    said, seen = [b.said for b in bins], [b.seen for b in bins]
    # How far chance alone would take the share from what was said.
    chance = [_SPREAD * np.sqrt(b.said * (1 - b.said) / b.postings) for b in bins]
    axes.plot([0, 1], [0, 1], color="#999999", lw=1, zorder=1)
    axes.errorbar(said, said, chance, fmt="none", color="#bbbbbb", capsize=3, zorder=1)
    axes.plot(said, seen, color=COLOURS[code], lw=1, alpha=0.6)
    axes.scatter(said, seen, [12 + 120 * b.postings / len(front) for b in bins], COLOURS[code])
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.03, 1.03)
    error, by_chance = calibration_error(p_front, front), chance_error(p_front)
    axes.set_title(
        f"{code}: {len(front):,} postings\ncalibration error {error:.3f}"
        f" (by chance {by_chance:.3f})",
        fontsize=9,
    )
