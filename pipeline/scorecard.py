"""How well a model does on labelled postings: every figure with its interval, and what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from pipeline.answers import Answers
from pipeline.corpus_plots import MAJOR
from pipeline.intervals import Estimate, estimate
from pipeline.labelled_table import LabelledTable
from pipeline.posting import LANGUAGES
from pipeline.tagger import Tagger
from pipeline.weighted import Weighted

_WORDS = 5
_EXCERPT = 300
_OFFICES = ("front", "back", "review")
#: Share of right answers that a trained model's review band is chosen for.
PRECISION = 0.98
#: What people call the figures of `Weighted.figures`; the last one with the share that was asked.
NAMES = {
    "accuracy": "accuracy",
    "f1": "F1",
    "auc": "AUC",
    "calibration_error": "calib. error",
    "coverage": "decided",
    "precision": "right of these",
    "coverage_at": "could decide at {:.3g}",
    "precision_at": "right of those",
}


class Part(NamedTuple):
    """Figures of some of the postings; see `Weighted.figures`."""

    postings: int
    figures: dict[str, Estimate]

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON's own objects."""
        return {"postings": self.postings} | _objects(self.figures)


class Mistake(NamedTuple):
    """A posting on the wrong side of 0.5.

    Attributes:
        row: as a spreadsheet numbers them.
        text: its first letters.
        words: those that pushed to the wrong side most, with their weights in logits of front.
    """

    row: int
    title: str
    text: str
    label: str
    office: str
    p_front: float
    reason: str
    language: str
    words: list[tuple[str, float]]


class Scorecard(NamedTuple):
    """What is known of a model after it answered labelled postings.

    Attributes:
        parts: by "all", each language, and "ISCO 4 clerical" where the table has such groups.
        labels: recall, precision and F1 of each label, as "front recall".
        confusion: how often each label was answered with front, back and review.
        reasons: how often each reason for review was given.
        mistakes: the surest first.
    """

    model: str
    precision: float
    parts: dict[str, Part]
    labels: dict[str, Estimate]
    confusion: dict[str, dict[str, int]]
    reasons: dict[str, int]
    mistakes: list[Mistake]

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON's own objects."""
        found = self._asdict()
        found["parts"] = {name: part.as_json() for name, part in self.parts.items()}
        found["labels"] = _objects(self.labels)
        found["mistakes"] = [mistake._asdict() for mistake in self.mistakes]
        return found


def _objects(figures: dict[str, Estimate]) -> dict[str, Any]:
    return {name: figure._asdict() for name, figure in figures.items()}


def parts_of(answers: Answers) -> dict[str, np.ndarray]:
    """Return which postings are in each part: all, each language, each major group of ISCO-08."""
    parts = {"all": np.full(len(answers.front), True)}
    found = set(answers.language.tolist())
    order = [code for code in LANGUAGES if code in found] + sorted(found - set(LANGUAGES))
    parts |= {code: answers.language == code for code in order}
    majors = np.array([group[:1] for group in answers.isco.tolist()])
    # A corpus may hold what is no group: 'frontback corpus check' tells.
    return parts | {
        f"ISCO {digit} {name}": majors == str(digit)
        for digit, name in enumerate(MAJOR)
        if (majors == str(digit)).any()
    }


def is_language(part: str) -> bool:
    """Whether one of `parts_of` is a language."""
    return part != "all" and not part.startswith("ISCO ")


def score(
    table: LabelledTable, tagger: Tagger, answers: Answers, precision: float, mistakes: int
) -> Scorecard:
    """Return figures of answers, and the surest mistakes.

    Args:
        table: that the answers are to.
        precision: share of right answers that ``coverage_at`` asks for.
        mistakes: how many to look at, at most.
    """
    parts = {}
    for name, at in parts_of(answers).items():
        own = answers.at(at)
        parts[name] = Part(
            len(own.front), estimate(Weighted(own, precision).figures, len(own.front))
        )
    labels = np.where(answers.front, "front", "back")
    return Scorecard(
        tagger.model,
        precision,
        parts,
        estimate(Weighted(answers, precision).labels, len(answers.front)),
        {
            label: {office: int(((labels == label) & (answers.office == office)).sum())
                    for office in _OFFICES}
            for label in ("front", "back")
        },
        dict(Counter(reason for reason in answers.reason.tolist() if reason).most_common()),
        _mistakes(table, tagger, answers, mistakes),
    )  # fmt: skip


def _mistakes(table: LabelledTable, tagger: Tagger, answers: Answers, most: int) -> list[Mistake]:
    # Where there was no probability, 0.5 stands in and is nobody's mistake.
    wrong = np.flatnonzero(~answers.right & (answers.p_front != 0.5))
    surest = wrong[np.argsort(-np.abs(answers.p_front[wrong] - 0.5), kind="stable")][:most]
    postings = table.postings(answers.numbers[surest].tolist())
    found = []
    for at in surest.tolist():
        row = int(answers.numbers[at])
        posting, front = postings[row], bool(answers.front[at])
        found.append(
            Mistake(
                row,
                posting.title,
                " ".join(posting.text[:_EXCERPT].split()),
                "front" if front else "back",
                str(answers.office[at]),
                float(answers.p_front[at]),
                str(answers.reason[at]),
                str(answers.language[at]),
                pushing(tagger.explain(posting.text, posting.title), not front),
            )
        )
    return found


def pushing(words: Iterable[tuple[str, float]], front: bool) -> list[tuple[str, float]]:
    """Return the words that pushed to one side most, their weights rounded."""
    sign = 1 if front else -1
    held = [(word, round(weight, 2)) for word, weight in words if weight * sign > 0]
    return held[:_WORDS]
