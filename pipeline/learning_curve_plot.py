"""What the size of the corpus is worth, drawn: figures against postings trained on."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from pipeline.checking.finding import library
from pipeline.corpus_plots import COLOURS
from pipeline.scorecard import NAMES

if TYPE_CHECKING:
    from pipeline.learning_curve import LearningCurve


def draw_learning_curve(file: IO[bytes], curve: LearningCurve) -> None:
    """Draw each measure for all postings, with its interval, and for each language, as a PNG.

    Raises:
        CorpusError: matplotlib is not installed.
    """
    measures = list(curve.points[0].parts["all"].figures)
    figure = library("matplotlib.figure").Figure(figsize=(11, 4), layout="constrained")
    for axes, measure in zip(figure.subplots(1, len(measures)), measures, strict=True):
        for code, colour in COLOURS.items():
            of = [
                (point.trained_on, *point.parts[code].figures[measure])
                for point in curve.points
                if code in point.parts
            ]
            known = [estimate for estimate in of if None not in estimate]
            if not known:
                continue
            sizes, values, low, high = zip(*known, strict=True)
            axes.plot(sizes, values, color=colour, lw=2 if code == "all" else 1, marker=".",
                      label=code)  # fmt: skip
            if code == "all":
                axes.fill_between(sizes, low, high, color="#dddddd", lw=0, label="95 % interval")
        axes.set_xscale("log", base=2)
        axes.set_xticks([point.trained_on for point in curve.points], minor=False)
        axes.xaxis.set_major_formatter(lambda size, _: f"{size:,.0f}")
        axes.tick_params(axis="x", labelrotation=45)
        axes.set_xlabel("postings trained on")
        axes.set_title(NAMES[measure], fontsize=10)
        axes.grid(alpha=0.3)
    shown = figure.axes[0].get_legend_handles_labels()
    figure.legend(*shown, frameon=False, loc="outside right upper")
    figure.savefig(file, dpi=110, format="png")
