"""Two models on the same labelled postings: which does better, how sure that is, what changed."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.stats import binomtest

from pipeline.answers import Answers
from pipeline.challenge import LabelledPostings
from pipeline.intervals import Estimate, estimate
from pipeline.posting import Posting, WorseError
from pipeline.scorecard import PRECISION, is_language, parts_of, pushing
from pipeline.tagger import Tagger
from pipeline.weighted import Values, Weighted


class Paired(NamedTuple):
    """Two models on some of the postings.

    Attributes:
        postings: how many.
        first, second: accuracy of each at 0.5.
        only_first, only_second: how many only one of the two has right.
        p_value: of McNemar's exact test: how likely that so unequal a split of these is chance.
        differences: second minus first of each of `Weighted.figures`, on the same draws.
    """

    postings: int
    first: float
    second: float
    only_first: int
    only_second: int
    p_value: float
    differences: dict[str, Estimate]

    @property
    def loss(self) -> float:
        """How much lower the second's accuracy is."""
        return (self.only_first - self.only_second) / self.postings

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON's own objects."""
        differences = {name: value._asdict() for name, value in self.differences.items()}
        return self._asdict() | {"differences": differences}


class Change(NamedTuple):
    """A posting that the two models answer differently.

    Attributes:
        row: as a spreadsheet numbers them.
        first, second: front, back or review.
        why_first, why_second: reasons for review, otherwise "".
        p_first, p_second: 0.5 where there is none.
        better: whether the second one is right where the first is not; False the other way round,
            None where both or neither stand on the right side of 0.5.
        words: by which the second pushes more to its side than the first: logits of front.
    """

    row: int
    title: str
    label: str
    first: str
    second: str
    why_first: str
    why_second: str
    p_first: float
    p_second: float
    better: bool | None
    words: list[tuple[str, float]]


class Comparison(NamedTuple):
    """Two models on the same postings.

    Attributes:
        first, second: ids of the models.
        parts: see `pipeline.scorecard.parts_of`.
        changed: rows of the postings that get another answer.
        changes: some of these, those whose probability moved most first.
    """

    first: str
    second: str
    parts: dict[str, Paired]
    changed: list[int]
    changes: list[Change]

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON's own objects."""
        found = self._asdict()
        found["parts"] = {name: part.as_json() for name, part in self.parts.items()}
        found["changes"] = [change._asdict() for change in self.changes]
        return found

    def losses(self, margin: float) -> list[str]:
        """Return a sentence for each language in which accuracy is lower by more than the margin.

        They are no part of the verdict: by language there are fewer postings, so more is chance.
        None where there is one language only, as the verdict is on that.
        """
        languages = {name: part for name, part in self.parts.items() if is_language(name)}
        return [
            f"{name}: accuracy {part.second:.3f} after {part.first:.3f}, a loss of"
            f" {part.loss:.3f} on {part.postings:,} postings (McNemar's p {part.p_value:.3f});"
            " look at these before you use the model."
            for name, part in languages.items()
            if len(languages) > 1 and part.loss > margin
        ]

    def require(self, margin: float) -> None:
        """Raise `WorseError` where the second's accuracy is lower by more than the margin."""
        both = self.parts["all"]
        if both.loss > margin:
            raise WorseError(
                f"{self.second} is worse than {self.first}: accuracy {both.second:.3f} after"
                f" {both.first:.3f}, a loss of {both.loss:.3f} where --margin allows {margin:g};"
                f" keep {self.first}, or look at the changed postings."
            )


def compare(
    table: LabelledPostings,
    taggers: tuple[Tagger, Tagger],
    answers: tuple[Answers, Answers],
    most: int,
) -> Comparison:
    """Return how the second of two models does against the first.

    Args:
        table: that the answers are to.
        taggers, answers: the two, on the same rows.
        most: how many changed postings to look at.
    """
    first, second = answers
    changed = np.flatnonzero(first.office != second.office)
    moved = np.abs(second.p_front - first.p_front)[changed]
    shown = changed[np.argsort(-moved, kind="stable")][:most]
    return Comparison(
        taggers[0].model,
        taggers[1].model,
        {name: paired(first.at(at), second.at(at)) for name, at in parts_of(first).items()},
        first.numbers[changed].tolist(),
        _changes(table, taggers, answers, shown),
    )


def paired(first: Answers, second: Answers) -> Paired:
    """Return the two sets of answers to the same postings beside each other.

    McNemar 1947, "Note on the sampling error of the difference between correlated proportions",
    in its exact form: of the postings that only one has right, each is as likely to be the
    first's as the second's if the two are equally good.
    """
    only_first = int((first.right & ~second.right).sum())
    only_second = int((second.right & ~first.right).sum())
    split = only_first + only_second
    both = Weighted(first, PRECISION), Weighted(second, PRECISION)

    def differences(weights: np.ndarray) -> Values:
        before, after = (each.figures(weights) for each in both)
        return {name: after[name] - before[name] for name in before}

    return Paired(
        len(first.front),
        float(first.right.mean()),
        float(second.right.mean()),
        only_first,
        only_second,
        float(binomtest(only_second, split).pvalue) if split else 1.0,
        estimate(differences, len(first.front)),
    )


def _changes(
    table: LabelledPostings,
    taggers: tuple[Tagger, Tagger],
    answers: tuple[Answers, Answers],
    places: np.ndarray,
) -> list[Change]:
    first, second = answers
    postings = table.postings(first.numbers[places].tolist())
    found = []
    for at in places.tolist():
        row = int(first.numbers[at])
        posting = postings[row]
        better = bool(second.right[at]) if first.right[at] != second.right[at] else None
        found.append(
            Change(
                row,
                posting.title,
                "front" if first.front[at] else "back",
                str(first.office[at]),
                str(second.office[at]),
                str(first.reason[at]),
                str(second.reason[at]),
                float(first.p_front[at]),
                float(second.p_front[at]),
                better,
                pushing_more(taggers, posting, bool(second.p_front[at] >= first.p_front[at])),
            )
        )
    return found


def pushing_more(
    taggers: tuple[Tagger, Tagger], posting: Posting, front: bool
) -> list[tuple[str, float]]:
    """Return the words by which the second of two models pushes more to one side than the first.

    Returns:
        Those that made most of the change, each with its part of it in logits of front.
    """
    before, after = (dict(each.explain(posting.text, posting.title)) for each in taggers)
    more = {word: weight - before.pop(word, 0.0) for word, weight in after.items()}
    more |= {word: -weight for word, weight in before.items()}
    return pushing(sorted(more.items(), key=lambda each: -abs(each[1])), front)
