"""The figures of a report; what is told apart by colour is told apart without it as well."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from pipeline.decision import OFFICES
from pipeline.report.inline_svg import BACK, DOT, FRONT, INK, LINE, PAPER, REVIEW, drawn
from pipeline.wording import Wording

_STYLES: Final[dict[str, dict[str, Any]]] = {
    "front": {"facecolor": FRONT, "edgecolor": PAPER},
    "back": {"facecolor": BACK, "edgecolor": PAPER, "hatch": "///"},
    "review": {"facecolor": REVIEW, "edgecolor": INK},
}
#: Letters of a label that a picture has room for; its table has all.
_LETTERS = 22
# Characters that no XML may hold, and so no picture.
_UNSHOWN = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
#: From so many labels on they are turned, so that they do not touch.
_TURNED = 6
#: In inches: a bar, and what stands around the bars.
_BAR, _AROUND, _UPRIGHT = 0.36, 1.0, 2.9


def offices_by(
    labels: Sequence[str], counts: np.ndarray, words: Wording, name: str, told: str
) -> str:
    """Draw the mix of offices in each of some groups, a bar a group.

    Args:
        labels: of the groups, length n.
        counts: rows by group and office, shape (n, 3).
        words: the language of what is read.
        name, told: see `pipeline.report.inline_svg.drawn`.
    """
    totals = counts.sum(axis=1)
    shares = counts / np.maximum(totals, 1)[:, None]
    shown = [
        f"{_short(label)} ({words.number(int(total))})"
        for label, total in zip(labels, totals, strict=True)
    ]

    def draw(axes: Any) -> None:
        before = np.zeros(len(labels))
        for place, office in enumerate(OFFICES):
            axes.barh(
                shown_at, shares[:, place], 0.72, before, label=words.of("office", office),
                linewidth=0.8, **_STYLES[office],
            )  # fmt: skip
            before = before + shares[:, place]
        axes.set_yticks(shown_at, shown)
        axes.invert_yaxis()
        axes.set_xlim(0, 1)
        axes.set_xticks([0, 0.5, 1], [words.percent(tick) for tick in (0, 0.5, 1)])
        _bare(axes)
        _legend(axes)

    shown_at = np.arange(len(labels))
    return drawn(draw, _AROUND + _BAR * len(labels), name, told)


def histogram(
    counts: np.ndarray, edges: Sequence[str], below: str, words: Wording, name: str, told: str
) -> str:
    """Draw how many rows are in each tenth, offices on one another.

    Args:
        counts: rows by office and tenth, shape (3, 10).
        edges: what the eleven ends of the tenths are called.
        below: what is measured.
        words, name, told: see `offices_by`.
    """

    def draw(axes: Any) -> None:
        under = np.zeros(counts.shape[1])
        places = np.arange(counts.shape[1]) + 0.5
        for row, office in zip(counts, OFFICES, strict=True):
            axes.bar(
                places, row, 0.94, under, label=words.of("office", office), linewidth=0.8,
                **_STYLES[office],
            )  # fmt: skip
            under = under + row
        axes.set_xticks(np.arange(0, len(edges), 2), edges[::2])
        axes.set_xlabel(below)
        _whole(axes.yaxis, words)
        _bare(axes, grid="y")
        _legend(axes)

    return drawn(draw, _UPRIGHT, name, told)


def bars(labels: Sequence[str], counts: Sequence[int], words: Wording, name: str, told: str) -> str:
    """Draw a bar for each label, with its number."""

    def draw(axes: Any) -> None:
        drawn_bars = axes.barh(
            np.arange(len(labels)), counts, 0.72, linewidth=0.8, **_STYLES["review"]
        )  # fmt: skip
        axes.set_yticks(np.arange(len(labels)), list(map(_short, labels)))
        axes.bar_label(drawn_bars, [words.number(n) for n in counts], padding=4)
        axes.invert_yaxis()
        axes.set_xlim(0, max(counts) * 1.15)
        axes.set_xticks([])
        _bare(axes, grid="")

    return drawn(draw, 0.3 + _BAR * len(labels), name, told)


def beside(
    labels: Sequence[str],
    shares: tuple[np.ndarray, np.ndarray],
    names: tuple[str, str],
    words: Wording,
    name: str,
    told: str,
) -> str:
    """Draw two spreads beside one another: shares of the same bins."""

    def draw(axes: Any) -> None:
        places = np.arange(len(labels))
        styles: tuple[dict[str, Any], ...] = (
            {"facecolor": PAPER, "edgecolor": INK, "linewidth": 1.0},
            {"facecolor": DOT, "edgecolor": DOT},
        )
        for turn, (part, label, style) in enumerate(zip(shares, names, styles, strict=True)):
            axes.bar(places + 0.42 * turn - 0.21, part, 0.38, label=label, **style)
        axes.set_xticks(places, labels)
        if len(labels) >= _TURNED:
            axes.tick_params("x", rotation=45)
            for label in axes.get_xticklabels():
                label.set(ha="right", rotation_mode="anchor")
        axes.yaxis.set_major_locator(_locator(4))
        axes.yaxis.set_major_formatter(lambda share, _: words.percent(share))
        _bare(axes, grid="y")
        _legend(axes, columns=2)

    return drawn(draw, _UPRIGHT, name, told)


def _short(label: str) -> str:
    label = _UNSHOWN.sub("\N{REPLACEMENT CHARACTER}", label)
    return label if len(label) <= _LETTERS else f"{label[: _LETTERS - 1]}…"


def _bare(axes: Any, grid: str = "x") -> None:
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(length=0)
    axes.set_axisbelow(True)
    if grid:
        axes.grid(axis=grid, color=LINE, linewidth=0.8)


def _legend(axes: Any, columns: int = 3) -> None:
    axes.figure.legend(
        loc="outside upper left", ncols=columns, frameon=False, handlelength=1.6, borderpad=0,
        borderaxespad=0.2, columnspacing=1.4,
    )  # fmt: skip


def _whole(axis: Any, words: Wording) -> None:
    axis.set_major_locator(_locator(4, integer=True))
    axis.set_major_formatter(lambda n, _: words.number(n))


def _locator(ticks: int, integer: bool = False) -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(ticks, integer=integer)
