"""What a model card needs and a manifest would not hold otherwise: made once, at the training.

All of it is measured on postings that the judging model had not seen. The card itself is made of
the manifest alone, here or wherever the model goes: see `pipeline.card`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from pipeline.answers import Answers
from pipeline.calibration import folds_of
from pipeline.classifier import FRONT, OfficeClassifier
from pipeline.evaluation import reliability
from pipeline.explain import explain
from pipeline.intervals import estimate
from pipeline.labelled import FRONT_SHARE, Labelled
from pipeline.posting import Posting, Reason
from pipeline.scorecard import PRECISION, parts_of, pushing
from pipeline.scoring import Scorer
from pipeline.text import clean
from pipeline.weighted import Weighted

_OF_A_LANGUAGE = 4
_EXCERPT = 150
_BANDS = (0, 10, FRONT_SHARE, 60, 101)  # percent of the duties
_FIGURES = ("accuracy", "auc", "calibration_error", "coverage", "precision")
# All postings of a band are of one label: nothing can be calibrated on what is chosen by that.
_OF_BANDS = ("accuracy", "coverage", "precision")


def card_of(
    classifier: OfficeClassifier,
    postings: Sequence[Labelled],
    may_quote: Callable[[Labelled], bool],
    streamed: bool,
) -> dict[str, Any]:
    """Return what stands under "card" in the manifest of a model: JSON's own objects.

    Args:
        classifier: fitted, with ``out_of_fold_`` of these postings.
        postings: that it was judged on, length n > 0, in the order of ``out_of_fold_``.
        may_quote: whether a posting came with frontback; of any other no word goes into a card.
        streamed: whether it was trained in parts, the postings kept out.

    Returns:
        postings, n; of_frontback, how many of them came with frontback; unseen, what the judging
        model had not seen of each: its occupation, the posting, or (kept out) any like it drawn
        by chance; band; figures by part with intervals (`pipeline.weighted`); labels, how each was
        answered, by language; reliability by language, for each bin postings, mean p_front and
        share of front (`pipeline.evaluation.reliability`); mistakes, the surest first.
    """
    answers = _answers(classifier, postings)
    whole = {name: answers.at(at) for name, at in _whole(answers).items()}
    quoted = [may_quote(each) for each in postings]
    return {
        "postings": len(postings),
        "of_frontback": sum(quoted),
        "unseen": "kept out" if streamed else _unseen(classifier, postings, answers.front),
        "band": float(classifier.band_),
        "figures": {
            name: _figures(answers.at(at), _FIGURES) for name, at in parts_of(answers).items()
        }
        | {name: _figures(answers.at(at), _OF_BANDS) for name, at in _bands(postings).items()},
        "labels": {name: _labels(own) for name, own in whole.items()},
        "reliability": {
            name: [
                [each.postings, round(each.said, 4), round(each.seen, 4)]
                for each in reliability(own.p_front, own.front)
            ]
            for name, own in whole.items()
        },
        "mistakes": list(_mistakes(classifier, postings, answers, quoted)),
    }


def _answers(classifier: OfficeClassifier, postings: Sequence[Labelled]) -> Answers:
    p_front = classifier.out_of_fold_
    decided = np.abs(p_front - 0.5) >= classifier.band_
    return Answers(
        np.arange(len(postings)),
        np.array([each.label == FRONT for each in postings], dtype=bool),
        p_front,
        np.where(decided, np.where(p_front >= 0.5, "front", "back"), "review"),
        np.where(decided, "", Reason.CLOSE_CALL),
        np.array([each.language for each in postings]),
        np.array([each.isco for each in postings]),
    )


def _unseen(classifier: OfficeClassifier, postings: Sequence[Labelled], front: np.ndarray) -> str:
    """Return what a fold left out: whole occupations where it could, else postings."""
    groups = np.array([each.isco[:2] for each in postings])
    if not all(groups):
        return "postings"
    folds = folds_of(front, groups.tolist(), classifier.seed, classifier.cv)
    mixed = any(np.isin(groups[test], groups[train]).any() for train, test in folds)
    return "postings" if mixed else "occupations"


def _whole(answers: Answers) -> dict[str, np.ndarray]:
    """Return which postings are in each part that is all of them, or those of a language."""
    return parts_of(answers._replace(isco=np.full(len(answers.isco), "")))


def _bands(postings: Sequence[Labelled]) -> dict[str, np.ndarray]:
    """Return which postings have how much contact with customers, where that was noted."""
    shares = np.array([each.share for each in postings])
    bands = {
        f"contact {low}–{high - 1} %": (shares >= low) & (shares < high)
        for low, high in pairwise(_BANDS)
    }
    return {name: at for name, at in bands.items() if at.any()}


def _figures(answers: Answers, names: Sequence[str]) -> dict[str, Any]:
    n = len(answers.front)
    found = estimate(Weighted(answers, PRECISION).measures, n)
    return {"postings": n} | {name: found[name]._asdict() for name in names}


def _labels(answers: Answers) -> dict[str, dict[str, int]]:
    return {
        label: {
            office: int((answers.office[answers.front == front] == office).sum())
            for office in ("front", "back", "review")
        }
        for label, front in (("front", True), ("back", False))
    }


def _mistakes(
    classifier: OfficeClassifier,
    postings: Sequence[Labelled],
    answers: Answers,
    quoted: Sequence[bool],
) -> Iterator[dict[str, Any]]:
    """Yield the surest mistakes of each language; with words only where they may be quoted."""
    scorer = Scorer(classifier.get_state())
    sureness = np.where(answers.right, -1.0, np.abs(answers.p_front - 0.5))
    surest = np.argsort(-sureness, kind="stable")[: int((~answers.right).sum())]
    for language in _whole(answers):
        for at in surest[answers.language[surest] == language][:_OF_A_LANGUAGE].tolist():
            each = postings[at]
            found = {
                "language": language,
                "label": each.label,
                "office": str(answers.office[at]),
                "p_front": round(float(answers.p_front[at]), 4),
                "where": re.split(r"[\\/]", each.where)[-1],
            }
            if quoted[at]:
                posting = Posting(clean(each.posting.title), clean(each.posting.text))
                words = explain(scorer, posting)
                found["title"] = posting.title
                found["text"] = " ".join(posting.text[:_EXCERPT].split())
                found["words"] = [list(word) for word in pushing(words, each.label != FRONT)]
            yield found
