"""What a corpus looks like: labels, kinds, lengths, occupations, and what its size is worth."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.checking.finding import library
from pipeline.labelled import KINDS, Corpus, Labelled

#: Written by ``python -m benchmarks.learning_curve`` into the corpus folder.
CURVE = "learning_curve.csv"
COLOURS = {"es": "#c8553d", "no": "#28536b", "en": "#6a994e", "all": "#222222"}
_BACK, _FRONT = "#5b8db8", "#6a994e"
_MEASURES = {"accuracy": "accuracy", "auc": "AUC"}
#: Names of the major groups of ISCO-08, by their first digit.
MAJOR = ("military", "managers", "professionals", "technicians", "clerical", "service and sales",
          "farming", "crafts", "machines", "elementary")  # fmt: skip


def draw_corpus(corpus: Corpus, folder: Path) -> list[Path]:
    """Draw a corpus as PNG files into a folder, and return their paths.

    Raises:
        CorpusError: matplotlib is not installed.
    """
    figures: dict[str, Callable[[Any, Corpus], None]] = {
        "labels": _labels,
        "lengths": _lengths,
        "occupations": _occupations,
        "kinds": _kinds,
    }
    plots = library("matplotlib.figure")
    folder.mkdir(parents=True, exist_ok=True)
    figure = plots.Figure(figsize=(11, 8), layout="constrained")
    for axes, draw in zip(figure.subplots(2, 2).flat, figures.values(), strict=True):
        draw(axes, corpus)
    drawn = [folder / "corpus.png"]
    figure.savefig(drawn[0], dpi=110)
    if (corpus.folder / CURVE).is_file():
        drawn.append(draw_curve(corpus.folder / CURVE, folder))
    return drawn


def draw_curve(measured: Path, folder: Path) -> Path:
    """Draw a learning curve that was measured into a folder, and return the PNG file's path."""
    figure = library("matplotlib.figure").Figure(figsize=(11, 4.2), layout="constrained")
    _curve(figure.subplots(1, 2), measured)
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "learning_curve.png", dpi=110)
    return folder / "learning_curve.png"


def _by_language(corpus: Corpus) -> dict[str, list[Labelled]]:
    languages = [code for code in COLOURS if any(p.language == code for p in corpus.postings)]
    return {code: [p for p in corpus.postings if p.language == code] for code in languages}


def _labels(axes: Any, corpus: Corpus) -> None:
    for place, (_code, own) in enumerate(_by_language(corpus).items()):
        back = sum(each.label == "back" for each in own)
        axes.bar(place, back, color=_BACK, label="" if place else "back")
        axes.bar(place, len(own) - back, bottom=back, color=_FRONT, label="" if place else "front")
        axes.text(place, back / 2, f"{back:,}", ha="center", va="center", color="white")
        axes.text(place, (back + len(own)) / 2, f"{len(own) - back:,}", ha="center", va="center",
                  color="white")  # fmt: skip
    axes.set_xticks(range(len(_by_language(corpus))), list(_by_language(corpus)))
    axes.set_title("postings by label")
    axes.margins(y=0.15)
    axes.legend(frameon=False, ncols=2)


def _lengths(axes: Any, corpus: Corpus) -> None:
    edges = range(0, 801, 50)
    for code, own in _by_language(corpus).items():
        words = [min(len(each.posting.text.split()), 799) for each in own]
        axes.hist(words, bins=edges, histtype="step", lw=2, color=COLOURS[code], label=code)
    axes.set_title("words of a posting (the last bar: 750 and more)")
    axes.legend(frameon=False)


def _occupations(axes: Any, corpus: Corpus) -> None:
    height = 0.8 / max(len(_by_language(corpus)), 1)
    for place, (code, own) in enumerate(_by_language(corpus).items()):
        counts = Counter(each.isco[:1] for each in own)
        axes.barh(
            [digit + place * height for digit in range(10)],
            [counts[str(digit)] for digit in range(10)],
            height, color=COLOURS[code],
            label=f"{code}: {len({each.isco for each in own})} unit groups",
        )  # fmt: skip
    axes.set_yticks([digit + height for digit in range(10)], MAJOR)
    axes.invert_yaxis()
    axes.set_title("postings by major group of ISCO-08")
    axes.legend(frameon=False)


def _kinds(axes: Any, corpus: Corpus) -> None:
    parts = {"postings": corpus.postings, "challenge set": corpus.challenge}
    height = 0.4
    for place, (name, postings) in enumerate(parts.items()):
        counts = Counter(each.kind for each in postings)
        at = [row + place * height for row in range(len(KINDS))]
        colour = (_BACK, "#bc6c25")[place]
        axes.barh(at, [max(counts[kind], 0.7) for kind in KINDS], height, color=colour, label=name)
        for y, kind in zip(at, KINDS, strict=True):
            axes.text(max(counts[kind], 1) * 1.1, y, f"{counts[kind]:,}", va="center", fontsize=8)
    axes.set_xscale("log")
    axes.margins(x=0.12)
    axes.set_yticks([row + height / 2 for row in range(len(KINDS))], KINDS)
    axes.invert_yaxis()
    axes.set_title("kinds of postings")
    axes.legend(frameon=False)


def _curve(both: Any, path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for axes, (measure, name) in zip(both, _MEASURES.items(), strict=True):
        for code, colour in COLOURS.items():
            for aids, style in (("yes", "-"), ("no", ":")):
                points = [
                    r for r in rows if r["language"] == code and r["lines_and_titles"] == aids
                ]
                axes.plot(
                    [int(r["postings"]) for r in points], [float(r[measure]) for r in points],
                    style, color=colour, lw=2 if code == "all" else 1, marker=".",
                    label=code if aids == "yes" else None,
                )  # fmt: skip
        axes.set_xscale("log", base=2)
        axes.set_xlabel("postings trained on (dotted: without duty lines and titles)")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axes.set_title(f"{name} on real postings")
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
