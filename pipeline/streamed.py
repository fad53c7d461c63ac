"""An `OfficeClassifier` of more postings than memory holds: they come in parts, and twice.

The first time it is counted in how many postings each n-gram occurs; the second time a linear head
goes over them once (averaged stochastic gradient descent: Polyak and Juditsky 1992). Some are kept
out: the calibration is learned on them, where `OfficeClassifier.fit` learns it out of fold. What
is held, a sample and what is known of each bucket of n-grams, does not grow with the postings.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple
from zlib import crc32

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import KFold
from sklearn.naive_bayes import MultinomialNB

from pipeline.classifier import BACK, FRONT, OfficeClassifier
from pipeline.features import PostingFeatures
from pipeline.heads import KINDS, SVM_C, Aid, Lessons, Plane
from pipeline.labelled import Labelled
from pipeline.parameters import check_parameters
from pipeline.posting import Posting

#: Returns cleaned postings in parts, shuffled by a seed, or by None in any order.
Parts = Callable[[int | None], Iterator[list[Labelled]]]

#: How many postings are kept out: this share, but not more than are held.
KEPT_OUT = 0.1
#: Postings that are held: the sieves are learned on them.
_HELD = 20_000
_BATCH = 5_000
#: Features have a squared length of 3.7: steps longer than 2 / (3.7 / 4) would not settle. On the
#: project's corpus, a tenth left out, steps that become shorter are no better.
_STEP = 2.0
#: Of a squared hinge, whose slope has no bound: beyond 1 / 4.7 (3.7, and the column of ones) each
#: step would lead further away. On the same postings, half of it is worse.
_STEP_OF_MARGIN = 0.2


class _Counted(NamedTuple):
    """What the first time gives.

    Attributes:
        held: at most `_HELD` postings, ascending by `_place`.
        learned: number of postings not kept out.
        of_front, of_back: the weight of all there is to learn, by label.
    """

    held: list[Labelled]
    learned: int
    of_front: float
    of_back: float


def fit_streamed(
    model: OfficeClassifier,
    parts: Parts,
    n: int,
    aids: Sequence[Aid] = (),
    others: Mapping[str, Sequence[Posting]] = MappingProxyType({}),
) -> list[Labelled]:
    """Fit a classifier to postings that come in parts.

    Args:
        model: gets all that `OfficeClassifier.fit` sets; ``out_of_fold_`` and
            ``out_of_fold_share_`` are of the postings kept out.
        parts: see `Parts`; called twice.
        n: how many postings there are, or a few more.
        aids, others: see `OfficeClassifier.fit`.

    Returns:
        The m postings kept out. Their texts decide which these are, not their order.

    Raises:
        ValueError: a parameter is none there is, or there are too few postings of a label.
    """
    check_parameters(model.get_params())
    kept_out = min(KEPT_OUT, _HELD / n)
    model.classes_ = np.array([BACK, FRONT])
    counted = _count(model, parts(None), min(1.0, _HELD / n), kept_out, aids, others)
    if not (counted.of_front and counted.of_back):
        raise ValueError("postings of both labels are needed")
    model.take(_teach(model, parts(model.seed), kept_out, aids, counted))

    unseen = [each for each in counted.held if _place(each) < kept_out]
    front, shares = _labels(unseen)
    sums = [matrix @ model.coef_ for matrix in _matrices(model, _postings(unseen))]
    logits = np.concatenate([np.zeros(0), *sums]) + model.intercept_
    folds = list(KFold(model.cv, shuffle=True, random_state=model.seed).split(logits))
    model.calibrate(logits, front, shares, folds)
    model.sift(
        _words(model, _postings(counted.held)),
        {kind: _words(model, others.get(kind, ())) for kind in (*KINDS, "one_role")},
    )
    return unseen


def _count(
    model: OfficeClassifier,
    parts: Iterable[list[Labelled]],
    held: float,
    kept_out: float,
    aids: Sequence[Aid],
    others: Mapping[str, Sequence[Posting]],
) -> _Counted:
    """Learn the features, and return what else has to be known before the second time."""
    sample: list[Labelled] = []
    weight = {FRONT: 0.0, BACK: 0.0}
    learned = 0
    for aid in aids:
        weight[aid.label] += aid.weight

    def postings() -> Iterator[list[Posting]]:
        nonlocal learned
        for part in parts:
            places = np.array([_place(each) for each in part])
            sample.extend(part[at] for at in np.flatnonzero(places < held))
            front = model.front_part(*_labels(part))[places >= kept_out]
            weight[FRONT] += float(front.sum())
            weight[BACK] += float((1.0 - front).sum())
            learned += len(front)
            yield _postings(part)
        yield [*(aid.posting for aid in aids), *itertools.chain(*others.values())]

    model.features_ = PostingFeatures(min_df=model.min_df).fit_parts(filter(None, postings()))
    return _Counted(sorted(sample, key=_place), learned, weight[FRONT], weight[BACK])


def _teach(
    model: OfficeClassifier,
    parts: Iterable[list[Labelled]],
    kept_out: float,
    aids: Sequence[Aid],
    counted: _Counted,
) -> Plane:
    """Return what is learned from the aids and all postings but those kept out."""
    head = _unfitted(model, counted)
    apart = counted.learned / max(len(aids), 1)
    half = (counted.of_front + counted.of_back) / 2
    order = np.random.default_rng(model.seed).permutation(len(aids))
    done = 0
    for part in parts:
        taught = [each for each in part if _place(each) >= kept_out]
        begin, done, k = done, done + len(taught), len(taught)
        # The aids are spread evenly, between these postings and those.
        turns = np.arange(len(aids) * begin // counted.learned, len(aids) * done // counted.learned)
        near = [aids[at] for at in order[turns]]
        if not taught:
            continue
        matrix = model.features_.transform([*_postings(taught), *(aid.posting for aid in near)])
        front_part = model.front_part(*_labels(taught))
        both = np.flatnonzero((front_part > 0) & (front_part < 1))
        texts, front, weight = Lessons(
            matrix[:k],
            front_part,
            matrix[k:],
            np.array([aid.label == FRONT for aid in near], dtype=bool),
            np.array([aid.weight for aid in near], dtype=float),
        ).examples(np.arange(k), np.arange(len(near)))
        weight *= np.where(front, half / counted.of_front, half / counted.of_back)
        # What is both front and back is so at once, so that the size of the parts changes nothing.
        place = np.concatenate([np.arange(k), both + 0.5, (turns + 1) * apart - 0.25 - begin])
        row = np.argsort(place, kind="stable")
        texts = texts[row]
        if isinstance(head, SGDClassifier):
            # In double precision, for the averages of very many small steps.
            ones = sp.csr_matrix(np.ones((len(row), 1)))
            texts = sp.hstack([texts, ones], "csr", dtype=np.float64)
        head.partial_fit(texts, front[row], [False, True], weight[row])
    learned = Plane.of(head)
    if isinstance(head, SGDClassifier):
        return Plane(learned.coef[:-1], float(learned.coef[-1]))
    return learned


def _unfitted(model: OfficeClassifier, counted: _Counted) -> SGDClassifier | MultinomialNB:
    """Return a head that learns part by part; for "logistic" and "sgd" the same one."""
    if model.estimator == "nb":
        return MultinomialNB(alpha=1 / model.C)
    if model.estimator == "svm":
        heaviest = (counted.of_front + counted.of_back) / 2 / min(counted.of_front, counted.of_back)
        loss, step, C = "squared_hinge", _STEP_OF_MARGIN / heaviest, model.C * SVM_C
    else:
        loss, step, C = "log_loss", _STEP, model.C
    return SGDClassifier(
        loss=loss,
        alpha=1 / (C * counted.learned),  # C is of losses summed, alpha of their mean
        learning_rate="constant",
        eta0=step,
        average=True,
        fit_intercept=False,  # a column of ones: from part to part the intercept would be lost
        shuffle=False,  # the parts are
        random_state=model.seed,
    )


def _matrices(model: OfficeClassifier, postings: Sequence[Posting]) -> Iterator[sp.csr_matrix]:
    for begin in range(0, len(postings), _BATCH):
        yield model.features_.transform(postings[begin : begin + _BATCH])


def _words(model: OfficeClassifier, postings: Sequence[Posting]) -> sp.csr_matrix:
    """Return the features that `OfficeClassifier.sift` looks at, of many postings."""
    width = model.features_.widths.get("word", 0)
    none = sp.csr_matrix(np.zeros((0, width), np.float32))
    return sp.vstack([none, *(matrix[:, :width] for matrix in _matrices(model, postings))], "csr")


def _postings(labelled: Sequence[Labelled]) -> list[Posting]:
    return [each.posting for each in labelled]


def _labels(labelled: Sequence[Labelled]) -> tuple[np.ndarray, np.ndarray]:
    """Return which postings are front, bool, and their shares, float64: shape (n,) each."""
    return (
        np.array([each.label == FRONT for each in labelled], dtype=bool),
        np.array([each.share for each in labelled], dtype=float),
    )


def _place(labelled: Labelled) -> float:
    """Return a number from 0 to 1 that is a posting's own, and that of its copies."""
    title, text = labelled.posting
    return crc32(f"{title}\n{text}".encode()) / 2**32
