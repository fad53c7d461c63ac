"""What the size of the corpus is worth: models trained from scratch on growing parts of it.

Each part holds the smaller ones. In all of them the duty lines and job titles are the same: it is
the labelled postings of kind plain, the ones that are trained on, whose worth is asked for.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pipeline.answers import answers_of
from pipeline.challenge import LabelledPostings
from pipeline.checking.finding import Report
from pipeline.fitting import AT_ONCE, fit_corpus
from pipeline.intervals import estimate
from pipeline.labelled import Labelled
from pipeline.layout import Layout
from pipeline.model_files import Manifest
from pipeline.posting import CorpusError, Posting
from pipeline.scorecard import PRECISION, Part, is_language, parts_of
from pipeline.scoring import Scorer
from pipeline.tagger import Tagger
from pipeline.training_set import key_of, training_set
from pipeline.weighted import Weighted

#: What is measured of each model; see `Weighted.figures`.
MEASURES = ("accuracy", "auc", "calibration_error")
_AS_FOUND = Layout()
_SEED = 0
_MOST_SIZES = 6
#: Of the rarer label, in the smallest part: a training needs ten.
_LEAST_OF_LABEL = 15


class Point(NamedTuple):
    """A model that was trained on a part of the corpus.

    Attributes:
        trained_on: how many postings.
        parts: what it is worth by "all" and each language.
    """

    trained_on: int
    parts: dict[str, Part]


class LearningCurve(NamedTuple):
    """Models trained on growing parts of a corpus, measured on the same labelled postings.

    Attributes:
        corpus: the folders and tables.
        model: the one that is evaluated; the curve is of others, trained from scratch.
        is_models_corpus: whether that model was trained on this corpus as it is now.
        points: the smallest first, the whole corpus last.
    """

    corpus: list[str]
    model: str
    is_models_corpus: bool
    points: list[Point]

    @property
    def told(self) -> str:
        """What the curve is of, in a sentence or two."""
        last = f"the last point is not {self.model}, which learned from another corpus."
        if self.is_models_corpus:
            last = f"the last point is trained on what {self.model} learned from."
        of = f"on a part of {', '.join(self.corpus)}"
        return f"Each is trained from scratch, with the usual parameters, {of}; {last}"

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON's own objects."""
        points = [
            {
                "trained_on": point.trained_on,
                "parts": {name: part.as_json() for name, part in point.parts.items()},
            }
            for point in self.points
        ]
        return self._asdict() | {"points": points}


class Study:
    """A corpus in growing parts, to be trained on.

    Attributes:
        sources: the folders and tables.
        sizes: postings of each part, the smallest first.
    """

    def __init__(
        self,
        sources: Sequence[Path],
        layout: Layout = _AS_FOUND,
        report: Report = lambda finding: None,
    ) -> None:
        """Read a corpus; the arguments are those of `pipeline.training_set.training_set`.

        Raises:
            CorpusError: it cannot be read, or is larger than memory.
            InputError: a table cannot be read, or a label is neither front nor back.
        """
        self.sources = [str(source) for source in sources]
        with training_set(sources, layout, report) as texts:
            if len(texts) > AT_ONCE:
                raise CorpusError(
                    f"{', '.join(self.sources)}: more than {AT_ONCE:,} postings, which are trained"
                    " on in another way than parts of them; name some of them with --corpus."
                )
            self._corpus, self._sha256 = texts.corpus(), texts.sha256
        labels = [posting.label for posting in self._corpus.postings]
        rarer = min(labels.count("front"), labels.count("back"))
        least = math.ceil(_LEAST_OF_LABEL * len(labels) / max(rarer, 1))
        self.sizes = halvings(len(labels), least)[-_MOST_SIZES:]

    def in_corpus(self, table: LabelledPostings) -> int:
        """Return how many labelled postings of a table are in the corpus, too, by their words."""
        known = {key_of(each.posting) for each in self._corpus.postings}
        found = (row for rows in table.batches() for row in rows.postings.to_pylist())
        return sum(key_of(Posting(row["title"] or "", row["text"] or "")) in known for row in found)

    def measure(
        self, table: LabelledPostings, manifest: Manifest, advance: Callable[[int], None]
    ) -> LearningCurve:
        """Train on each part and return what the models are worth.

        Args:
            table: labelled postings that are not in the corpus.
            manifest: of the model that is evaluated.
            advance: told the number of postings of each part that was trained on.

        Raises:
            CorpusError: there are too few postings of a label.
        """
        points = []
        order = stratified(self._corpus.postings)
        for size in self.sizes:
            # In the order of the files, so that the whole corpus makes the model that train makes.
            taken = [self._corpus.postings[place] for place in np.sort(order[:size])]
            classifier, taught = fit_corpus(replace(self._corpus, postings=taken))
            tagger = Tagger(Scorer(classifier.get_state()), {"id": f"of {len(taught)}"})
            points.append(Point(len(taught), _worth(table, tagger)))
            advance(len(taught))
        told = manifest.get("corpus")
        known = told.get("sha256") if isinstance(told, dict) else None
        return LearningCurve(self.sources, manifest["id"], known == self._sha256, points)


def halvings(n: int, least: int) -> list[int]:
    """Return n, its half, and so on while there are ``least``, or one; the smallest first."""
    sizes = [n]
    while sizes[-1] / 2 >= max(least, 1):
        sizes.append(sizes[-1] // 2)
    return sizes[::-1]


def stratified(postings: Sequence[Labelled]) -> np.ndarray:
    """Return places of n postings, in an order whose every beginning is as mixed as the whole.

    Within a label of a language the order is chance, the same in every run. With k of these groups,
    the first m postings have of each its share of m, give or take (k + 1) / 2. int64, shape (n,).
    """
    rng = np.random.default_rng(_SEED)
    groups = defaultdict(list)
    for place, posting in enumerate(postings):
        groups[posting.label, posting.language].append(place)
    turns = np.zeros(len(postings))
    for _, places in sorted(groups.items()):
        turns[rng.permutation(places)] = (np.arange(len(places)) + 0.5) / len(places)
    return np.argsort(turns, kind="stable")


def _worth(table: LabelledPostings, tagger: Tagger) -> dict[str, Part]:
    (answers,) = answers_of(table, [tagger])
    found = {}
    for name, at in parts_of(answers).items():
        if name == "all" or is_language(name):
            own = Weighted(answers.at(at), PRECISION)
            n = int(at.sum())
            figures = estimate(own.figures, n)
            found[name] = Part(n, {key: figures[key] for key in MEASURES})
    return found
