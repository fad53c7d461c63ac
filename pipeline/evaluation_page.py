"""A scorecard as one page of HTML, plots inside."""

from __future__ import annotations

import base64
from collections.abc import Callable
from html import escape
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pipeline import __version__
from pipeline.answers import Answers
from pipeline.checking.finding import library
from pipeline.learning_curve_plot import draw_learning_curve
from pipeline.output import appearing
from pipeline.page import cell, check_page_name, number, page, table
from pipeline.precision_plot import draw_precision
from pipeline.reliability_plot import draw_reliability
from pipeline.scorecard import NAMES, Scorecard

if TYPE_CHECKING:
    from pipeline.learning_curve import LearningCurve

_REVIEW = "review"
_DIGITS = 3


def check_page(path: Path) -> None:
    """Check what would stop the page in the end, before any work.

    Raises:
        OutputError: its name is not that of a page.
        CorpusError: matplotlib is not installed.
    """
    check_page_name(path)
    library("matplotlib.figure")


def write_page(
    path: Path,
    name: str,
    band: float,
    scorecard: Scorecard,
    answers: Answers,
    curve: LearningCurve | None = None,
) -> None:
    """Write a scorecard as a page, whole or not at all.

    Args:
        path: of the page.
        name: of the data.
        band: half-width of the model's review band.
        scorecard: what is shown.
        answers: that it was made of.
        curve: what the size of the corpus is worth, if that was asked.

    Raises:
        CorpusError: matplotlib is not installed.
        OutputError: the page cannot be written.
    """
    content = _page(name, band, scorecard, answers, curve)
    with appearing(path) as temporary:
        # The name of the data may hold bytes that are no text.
        temporary.write_text(content, encoding="utf-8", errors="replace")


def _page(
    name: str, band: float, scorecard: Scorecard, answers: Answers, curve: LearningCurve | None
) -> str:
    title = f"{scorecard.model} on {name}"

    def draw(file: IO[bytes]) -> None:
        draw_reliability(
            file, "what was said against what was so", answers.language, answers.p_front,
            answers.front, band,
        )  # fmt: skip

    reasons = ", ".join(f"{reason} {n:,}" for reason, n in scorecard.reasons.items())
    parts = [
        f"<p>{scorecard.parts['all'].postings:,} labelled postings; frontback {__version__}. Small"
        " print: 95 % intervals by the bootstrap (1,000 draws). They say what chance does to the"
        " figures, not whether the postings are like those the model will meet.</p>",
        "<h2>Figures</h2>",
        _figures(scorecard),
        "<h2>Answers by label</h2>",
        _confusion(scorecard),
        f"<p>Review because: {escape(reasons)}.</p>" if reasons else "",
        "<h2>Calibration</h2>",
        _image(draw, "Reliability diagram: share that is front by what was said"),
        "<h2>How many can be decided</h2>",
        _image(
            lambda file: draw_precision(file, answers, scorecard.precision),
            "Precision by coverage",
        ),
        *(_learning_curve(curve) if curve else ()),
        "<h2>Surest mistakes</h2>",
        _mistakes(scorecard) if scorecard.mistakes else "<p>None.</p>",
    ]
    return page(title, parts)


def _figures(scorecard: Scorecard) -> str:
    names = [name.format(scorecard.precision) for name in NAMES.values()]
    rows = [
        [cell(part, tag="th"), number(f"{postings:,}")]
        + [number(*figures[key].shown(_DIGITS)) for key in NAMES]
        for part, (postings, figures) in scorecard.parts.items()
    ]
    return table(["", "postings", *names], rows, numbers=True)


def _confusion(scorecard: Scorecard) -> str:
    names = ("recall", "precision", "f1")
    rows = []
    for label, counts in scorecard.confusion.items():
        cells = [cell(label, tag="th")]
        for office, n in counts.items():
            kind = _REVIEW if office == _REVIEW else "right" if office == label else "wrong"
            share = n / max(sum(counts.values()), 1)
            cells.append(number(f"{n:,}", f"{share:.1%}", kind))
        cells += [number(*scorecard.labels[f"{label} {name}"].shown(_DIGITS)) for name in names]
        rows.append(cells)
    head = ["label", "said front", "said back", "said review", "recall", "precision", "F1"]
    note = "<p>Recall, precision and F1 are of both sides of 0.5, review or not.</p>"
    return table(head, rows, numbers=True) + note


def _learning_curve(curve: LearningCurve) -> list[str]:
    return [
        "<h2>What the size of the corpus is worth</h2>",
        f"<p>{escape(curve.told)}</p>",
        _image(lambda file: draw_learning_curve(file, curve), "Figures by postings trained on"),
    ]


def _mistakes(scorecard: Scorecard) -> str:
    rows = [
        [
            number(f"{each.row:,}"),
            cell(each.label),
            cell(f"{each.office} {each.p_front:.2f} {each.reason}".strip()),
            cell(each.language),
            cell(each.title, each.text),
            cell(", ".join(f"{word} {weight:+.1f}" for word, weight in each.words)),
        ]
        for each in scorecard.mistakes
    ]
    head = ["row", "label", "said", "language", "posting", "words that pushed to the wrong side"]
    return table(head, rows)


def _image(draw: Callable[[IO[bytes]], None], alt: str) -> str:
    drawn = BytesIO()
    draw(drawn)
    content = base64.b64encode(drawn.getvalue()).decode()
    return f'<img alt="{escape(alt)}" src="data:image/png;base64,{content}">'
