"""The figures of a search as a picture: a line for each estimator over C, languages beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.checking.finding import library
from pipeline.output import appearing
from pipeline.tuning.grid import settings_shown
from pipeline.tuning.results import MEASURES, Row, Tuning

_COLOURS = ("#28536b", "#c8553d", "#6a994e", "#bc6c25", "#7b5ea7", "#3a9ea5", "#8a8a8a", "#d4a017")
_STYLES = ("-", "--", ":", "-.")
#: How far the points of one C lie apart, as a factor, so that their intervals can be told apart.
_APART = 1.05


def draw_tuning(path: Path, tuning: Tuning) -> None:
    """Draw the measure that candidates are ranked by as a PNG.

    A bar is the interval of the difference to the usual parameters, laid on their line: where it
    crosses that line, the candidate is neither better nor worse beyond chance.

    Raises:
        CorpusError: matplotlib is not installed.
        OutputError: the file cannot be written.
    """
    figure = library("matplotlib.figure").Figure(figsize=(11, 6), layout="constrained")
    languages = [name for name in tuning.usual.parts if name != "all"]
    if len(languages) > 1:
        grid = figure.add_gridspec(len(languages), 2, width_ratios=(2.2, 1))
        _panel(figure.add_subplot(grid[:, 0]), tuning, "all", large=True)
        for place, name in enumerate(languages):
            _panel(figure.add_subplot(grid[place, 1]), tuning, name)
    else:
        _panel(figure.subplots(), tuning, "all", large=True)
    figure.suptitle(
        f"{MEASURES[tuning.by]} on postings left out of training; bars: 95 % intervals of the"
        " difference to the usual parameters (dashed)",
        fontsize=10,
    )
    with appearing(path) as temporary:
        figure.savefig(temporary, dpi=110, format="png")


def lines_of(rows: list[Row]) -> dict[str, list[Row]]:
    """Return the rows of each line, by its name, along C: what differs in nothing else."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        others = {
            k: v for k, v in settings_shown(row.parameters).items() if k in ("min_df", "grey")
        }
        name = ", ".join([row.parameters["estimator"], *(f"{k} {v}" for k, v in others.items())])
        found.setdefault(name, []).append(row)
    return {
        name: sorted(own, key=lambda row: float(row.parameters["C"]))
        for name, own in sorted(found.items())
    }


def _panel(axes: Any, tuning: Tuning, part: str, large: bool = False) -> None:
    usual = tuning.usual.parts[part].figures[tuning.by].value
    axes.set_title(f"{part}: {tuning.usual.parts[part].postings:,} postings", fontsize=9)
    axes.grid(alpha=0.3)
    if usual is None:
        return
    axes.axhline(usual, color="#999999", lw=1, ls="--", zorder=1)
    lines = lines_of(tuning.rows)
    for place, (name, rows) in enumerate(lines.items()):
        x = [row.parameters["C"] * _APART ** (place - (len(lines) - 1) / 2) for row in rows]
        bounds = [row.parts[part].differences[tuning.by] for row in rows]
        y = [usual + (bound.value or 0.0) for bound in bounds]
        down = [(bound.value or 0.0) - (bound.low or 0.0) for bound in bounds]
        up = [(bound.high or 0.0) - (bound.value or 0.0) for bound in bounds]
        axes.errorbar(
            x,
            y,
            yerr=[[max(each, 0.0) for each in side] for side in (down, up)],
            color=_COLOURS[place % len(_COLOURS)],
            ls=_STYLES[place // len(_COLOURS) % len(_STYLES)],
            marker="o",
            ms=6 if large else 3.5,
            lw=1.6 if large else 1,
            elinewidth=1,
            capsize=2,
            label=name,
        )
    ticks = sorted({row.parameters["C"] for row in tuning.rows})
    axes.set_xscale("log")
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    if large:
        axes.set_xlabel("C: the larger, the closer to the postings learned from")
        axes.set_ylabel(MEASURES[tuning.by])
        axes.legend(frameon=False, loc="best")
