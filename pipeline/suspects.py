"""Which postings of a training set a person should look at again, and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from pipeline.checking.conflicts import confidently_other
from pipeline.classifier import FRONT, OfficeClassifier
from pipeline.explain import Weight, explain
from pipeline.fitting import USUAL, Parameters, Progress, Say, cleaned, fit, quiet
from pipeline.labelled import Labelled, read_beside
from pipeline.near_duplicates import near_twins
from pipeline.no_postings import like_no_posting
from pipeline.places import corpus_folder
from pipeline.scoring import Scorer
from pipeline.training_set import TrainingSet, key_of

DOUBTED = "label doubted"
SAME_TEXT = "same text, other label"
NEARLY_SAME = "nearly the same text, other label"
NO_POSTING = "reads like no job posting"
REASONS = (SAME_TEXT, NEARLY_SAME, DOUBTED, NO_POSTING)


@dataclass(frozen=True)
class Suspect:
    """A posting to look at again.

    Attributes:
        p_front: by a model that has not seen the posting.
        reasons: of `REASONS`, each with where the other posting stands, "" where there is none.
    """

    posting: Labelled
    p_front: float
    reasons: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> int:
        """See `pipeline.training_set.key_of`."""
        return key_of(self.posting.posting)

    @property
    def p_label(self) -> float:
        """The probability of the label that it has."""
        return self.p_front if self.posting.label == FRONT else 1.0 - self.p_front

    @property
    def suggested(self) -> str:
        """The label that a model would give."""
        return "front" if self.p_front >= 0.5 else "back"

    @property
    def why(self) -> str:
        """The reasons as people read them."""
        return "; ".join(f"{why}: {at}" if at else why for why, at in self.reasons.items())


class Suspects:
    """The postings to look at again, the most doubtful first.

    Attributes:
        found: those that hang together (the same text, nearly the same) stand together.
        judged: how many postings were judged by a model that had not seen them.
        total: how many postings there are.
    """

    def __init__(
        self, found: Sequence[Suspect], judged: int, total: int, classifier: OfficeClassifier
    ) -> None:
        self.found, self.judged, self.total = list(found), judged, total
        self._scorer = Scorer(classifier.get_state())

    @property
    def counts(self) -> dict[str, int]:
        """How many there are for each reason."""
        found = Counter(reason for suspect in self.found for reason in suspect.reasons)
        return {reason: found[reason] for reason in REASONS}

    def words(self, suspect: Suspect, most: int = 4) -> list[Weight]:
        """Return the words that speak most for what is suggested, by a model of all postings."""
        sign = 1 if suspect.suggested == FRONT else -1
        weights = explain(self._scorer, cleaned(suspect.posting))
        return [each for each in weights if sign * each.weight > 0][:most]


def find_suspects(
    texts: TrainingSet,
    parameters: Parameters = USUAL,
    say: Say = lambda message: None,
    progress: Progress = quiet,
) -> Suspects:
    """Return the postings of a training set whose label is doubtful.

    A label is doubted by a model that has seen neither the posting nor one nearly the same
    (`pipeline.checking.conflicts.confidently_other`). Texts with both labels, word for word or
    nearly (`pipeline.near_duplicates`), are doubtful whatever a model says, and so is what reads
    like no job posting (`pipeline.no_postings`), by those of the folders or of frontback's corpus.
    What people have decided is not asked again.

    Raises:
        CorpusError: there is too little to train on.
        ValueError: a parameter is none that the classifier can use.
    """
    classifier, postings = fit(texts, parameters, say, progress)
    p_front = classifier.out_of_fold_
    front = np.array([each.label == FRONT for each in postings])
    reasons: dict[int, dict[str, str]] = defaultdict(dict)
    for at, twin in near_twins(postings):
        reasons[at][NEARLY_SAME] = postings[twin].where
    for at in np.flatnonzero(confidently_other(p_front, front)).tolist():
        reasons[at][DOUBTED] = ""
    others = texts.beside.no_postings or read_beside(corpus_folder()).no_postings
    say(f"looking for texts that are no postings, by {len(others):,} of them")
    strange = like_no_posting(list(map(cleaned, postings)), list(map(cleaned, others)))
    for at in np.flatnonzero(strange).tolist():
        reasons[at][NO_POSTING] = ""
    found = [Suspect(postings[at], float(p_front[at]), why) for at, why in reasons.items()]
    found = [each for each in found if each.key not in texts.settled]
    found += _contested(list(texts.read_contested()), classifier)
    return Suspects(_in_order(found), len(postings), len(texts), classifier)


def _contested(postings: list[Labelled], classifier: OfficeClassifier) -> Iterable[Suspect]:
    """Yield those whose text has both labels: the model has learned from none of them."""
    if not postings:
        return
    p_front = classifier.predict_proba([cleaned(each) for each in postings])[:, 1].tolist()
    first: dict[tuple[int, str], str] = {}
    for each in postings:
        first.setdefault((key_of(each.posting), each.label), each.where)
    for each, p in zip(postings, p_front, strict=True):
        other = "back" if each.label == FRONT else FRONT
        yield Suspect(each, p, {SAME_TEXT: first[key_of(each.posting), other]})


def _in_order(found: list[Suspect]) -> list[Suspect]:
    """Return the suspects, the least probable labels first, twins beside each other."""
    by_place = {each.posting.where: each for each in found}
    least: dict[str, tuple[float, str]] = {}
    for each in sorted(found, key=lambda suspect: suspect.p_label):
        twins = [at for at in each.reasons.values() if at in by_place]
        own = each.posting.where
        rank = min((least[at] for at in (own, *twins) if at in least), default=(each.p_label, own))
        for at in (own, *twins):
            least.setdefault(at, rank)
    return sorted(found, key=lambda each: (least[each.posting.where], each.p_label))
