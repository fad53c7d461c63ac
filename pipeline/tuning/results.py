"""What a search came to: figures of each candidate, and whether one is better beyond chance."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pipeline.answers import Answers
from pipeline.intervals import Estimate, replicates, summary
from pipeline.output import appearing, cause
from pipeline.posting import OutputError, Reason
from pipeline.scorecard import PRECISION, parts_of
from pipeline.tuning.grid import Candidate, named
from pipeline.tuning.journal import Outcome
from pipeline.weighted import Values, Weighted

#: What is measured, see `Weighted.figures`, and what people call it.
MEASURES = {
    "accuracy": "accuracy",
    "auc": "AUC",
    "calibration_error": "calib. error",
    "coverage": "decided",
    "precision": "right of these",
}
#: What candidates may be ranked by.
RANKING = ("accuracy", "auc", "calibration_error", "coverage")
#: How a table of figures begins.
_BEGIN = "rank,estimator,"
_LESS_IS_BETTER = "calibration_error"
_ONE_IN_40 = 0.975  # the upper end of a 95 % interval


class Part(NamedTuple):
    """Figures of some of the postings.

    Attributes:
        postings: how many.
        figures: by `MEASURES`.
        differences: of each figure to that of the usual parameters, on the same draws.
    """

    postings: int
    figures: dict[str, Estimate]
    differences: dict[str, Estimate]


class Row(NamedTuple):
    """A candidate, and its figures over "all" and of each language."""

    parameters: Candidate
    parts: dict[str, Part]

    @property
    def name(self) -> str:
        """What people call it: ``svm, C 1``."""
        return named(self.parameters)


class Tuning(NamedTuple):
    """What a search came to.

    Attributes:
        by: the measure that the candidates are ranked by.
        rows: the best first, of equals the earlier.
        usual: the row of the usual parameters.
        needed: how much better than the usual parameters the best has to be, so that it is so
            beyond chance even though it was chosen among many; see `_needed`.
    """

    by: str
    rows: list[Row]
    usual: Row
    needed: float

    @property
    def difference(self) -> Estimate:
        """The best candidate's measure less that of the usual parameters."""
        return self.rows[0].parts["all"].differences[self.by]

    @property
    def is_better(self) -> bool:
        """Whether the best candidate is better than the usual parameters beyond chance.

        Its interval alone does not say so, as it was chosen for being high.
        """
        value, low, high = self.difference
        if value is None or low is None or high is None:
            return False
        return (high < 0 if self.by == _LESS_IS_BETTER else low > 0) and abs(value) > self.needed

    @property
    def recommended(self) -> Row:
        """The best candidate where it is better beyond chance, otherwise the usual parameters."""
        return self.rows[0] if self.is_better else self.usual

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON's own objects."""
        return {
            "by": self.by,
            "best": self.rows[0].parameters,
            "needed": self.needed,
            "better_beyond_chance": self.is_better,
            "recommended": self.recommended.parameters,
            "candidates": [
                {
                    "parameters": row.parameters,
                    "parts": {
                        name: {
                            "postings": part.postings,
                            "figures": {k: v._asdict() for k, v in part.figures.items()},
                            "differences": {k: v._asdict() for k, v in part.differences.items()},
                        }
                        for name, part in row.parts.items()
                    },
                }
                for row in self.rows
            ],
        }


def ranked(
    candidates: Sequence[Candidate],
    outcomes: Sequence[Outcome],
    front: np.ndarray,
    language: np.ndarray,
    by: str,
) -> Tuning:
    """Return the figures of candidates with their intervals, the best first.

    Args:
        candidates, outcomes: of the same length; the first has the usual parameters.
        front: labels of the postings, bool, shape (n,).
        language: of each posting, str, shape (n,).
        by: one of `RANKING`.
    """
    drawn = [_drawn(_answers(outcome, front, language)) for outcome in outcomes]
    counts = {
        name: int(at.sum()) for name, at in parts_of(_answers(outcomes[0], front, language)).items()
    }
    rows = [
        Row(candidate, {name: _part(counts[name], own[name], drawn[0][name]) for name in counts})
        for candidate, own in zip(candidates, drawn, strict=True)
    ]
    sign = 1 if by == _LESS_IS_BETTER else -1
    # 0.7 and 0.7 are equal, whatever their last bits say.
    places = [round(sign * float(own["all"][by][0]), 9) for own in drawn]
    order = sorted(range(len(rows)), key=places.__getitem__)
    gains = [-sign * (own["all"][by] - drawn[0]["all"][by]) for own in drawn]
    needed = _needed(np.array(gains), order[0], len(front))
    return Tuning(by, [rows[at] for at in order], rows[0], needed)


def _needed(gains: np.ndarray, best: int, n: int) -> float:
    """Return how much the best candidate has to gain so that the best of none better seldom does.

    Hansen 2005, "A Test for Superior Predictive Ability", after White 2000, "A Reality Check for
    Data Snooping": of each candidate the error of a draw is its gain there less the gain that was
    found, in units of the candidate's own spread; the largest of these errors is exceeded by
    chance 1 time in 40. Candidates that are certainly worse have no say.

    Args:
        gains: of each candidate over the usual parameters, the found one first and then those of
            the draws: float64, shape (candidates, 1 + draws).
        best: which candidate is the best.
        n: how many postings.
    """
    errors = gains[:, 1:] - gains[:, :1]
    errors = errors[:, ~np.isnan(errors).any(axis=0)]
    spread = np.sqrt((errors**2).mean(axis=1)) if errors.size else np.zeros(len(gains))
    worst = -np.sqrt(2 * np.log(np.log(max(n, 3))))
    heard = (spread > 0) & (gains[:, 0] >= worst * spread)
    if not heard[best]:
        return 0.0
    largest = (errors[heard] / spread[heard, None]).max(axis=0)
    return round(float(np.quantile(largest, _ONE_IN_40) * spread[best]), 4)


def _answers(outcome: Outcome, front: np.ndarray, language: np.ndarray) -> Answers:
    p_front, n = outcome.p_front, len(front)
    decided = np.abs(p_front - 0.5) >= outcome.band
    office = np.where(decided, np.where(p_front >= 0.5, "front", "back"), "review")
    reason = np.where(decided, "", Reason.CLOSE_CALL)
    return Answers(np.arange(n), front, p_front, office, reason, language, np.full(n, ""))


def _drawn(answers: Answers) -> dict[str, Values]:
    found = {}
    for name, at in parts_of(answers).items():
        own = answers.at(at)
        values = replicates(Weighted(own, PRECISION).figures, len(own.front))
        found[name] = {measure: values[measure] for measure in MEASURES}
    return found


def _part(postings: int, own: Values, usual: Values) -> Part:
    return Part(
        postings,
        {measure: summary(own[measure]) for measure in MEASURES},
        {measure: summary(own[measure] - usual[measure]) for measure in MEASURES},
    )


def check_replaceable(path: Path) -> None:
    """Raise `OutputError` where the figures would take the place of a table of somebody's own."""
    try:
        with path.open("rb") as file:
            is_ours = file.readline(len(_BEGIN)) in (_BEGIN.encode(), b"")
    except (FileNotFoundError, NotADirectoryError):  # the folder is still to be made, or is none
        return
    except OSError as error:
        raise OutputError(f"{path}: not to be replaced, {cause(error)}.") from error
    if not is_ours:
        raise OutputError(
            f"{path}: exists already, and no search has written it; name another folder with -o."
        )


def write_csv(path: Path, tuning: Tuning) -> None:
    """Write all figures as a table, one line for each candidate and part of the postings.

    Raises:
        OutputError: the file cannot be written.
    """
    bounds = ("", "_low", "_high", "_difference", "_difference_low", "_difference_high")
    keys = list(tuning.usual.parameters)
    header = ["rank", *keys, "part", "postings", *(f"{m}{b}" for m in MEASURES for b in bounds)]
    with appearing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(header)
        for rank, (parameters, parts) in enumerate(tuning.rows, 1):
            written = [_cell(parameters[key]) for key in keys]
            for name, part in parts.items():
                figures = [
                    bound for m in MEASURES for bound in (*part.figures[m], *part.differences[m])
                ]
                table.writerow([rank, *written, name, part.postings, *figures])


def _cell(value: Any) -> Any:
    return ":".join(map(str, value)) if isinstance(value, tuple) else value
