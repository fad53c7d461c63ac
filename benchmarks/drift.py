"""What `frontback monitor` says of postings that are like those trained on, and of others.

    python -m benchmarks.drift

Trains on seven tenths of the plain postings of the corpus, drawn by chance. From the other three
tenths batches are drawn, as they are and changed in one way, and the verdicts counted: how often
there is an alarm where nothing has changed, how often a change is noticed.
"""

from __future__ import annotations

from collections import Counter

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from pipeline.classifier import FRONT, OfficeClassifier
from pipeline.decision import decide
from pipeline.drift import Histograms, Seen, changes, reference, reference_of
from pipeline.labelled import Labelled, read_corpus
from pipeline.language import languages_in
from pipeline.places import corpus_folder
from pipeline.posting import Posting
from pipeline.psi import LIKE, OTHER, SOMEWHAT, TOO_FEW, worst
from pipeline.reading_compiled import texts_of
from pipeline.scoring import Scorer
from pipeline.text import clean
from pipeline.unknown_compiled import find_unknown, known_by

_LEARNED = 0.7
_SIZES = (30, 100, 300, 1000)
_BATCHES = 200
_VERDICTS = (LIKE, SOMEWHAT, OTHER, TOO_FEW)


def _cleaned(each: Labelled) -> Posting:
    return Posting(clean(each.posting.title), clean(each.posting.text))


def _seen(scorer: Scorer, labelled: list[Labelled]) -> Seen:
    """Return what is measured of postings."""
    postings = [_cleaned(each) for each in labelled]
    titles, texts = (texts_of([posting[part] for posting in postings]) for part in (0, 1))
    found = find_unknown(titles, texts, known_by(scorer.blocks["word"].buckets))
    languages = languages_in(texts)
    is_empty = np.array([not posting.text for posting in postings])
    decision = decide(scorer, scorer.sums(postings), languages, is_empty)
    return Seen(languages.codes, found.words, found.counts, decision.p_front)


def _row(trained: Histograms, seen: Seen, band: float) -> list[str]:
    """Return the PSI of each aspect and the verdict on all of some postings."""
    batch = Histograms()
    batch.add(seen, band)
    found = changes(trained.beside(batch))
    verdict = worst([each.verdict for each in found.values()])
    return [*(f"{each.psi:.2f}" for each in found.values()), verdict]


def _verdicts(
    trained: Histograms, seen: Seen, size: int, numbers: np.random.Generator, band: float
) -> list[str]:
    """Return how often each verdict is given on batches of some size."""
    given: Counter[str] = Counter()
    for _ in range(_BATCHES):
        drawn = numbers.integers(len(seen.words), size=size)
        given[_row(trained, seen.at(drawn), band)[-1]] += 1
    return [f"{given[verdict] / _BATCHES:.1%}" for verdict in _VERDICTS]


@click.command()
def main() -> None:
    """Train, measure, print."""
    corpus, numbers = read_corpus(corpus_folder()), np.random.default_rng(0)
    plain = [each for each in corpus.postings if each.kind == "plain"]
    is_learned = numbers.random(len(plain)) < _LEARNED
    learned = [each for each, own in zip(plain, is_learned, strict=True) if own]
    unseen = [each for each, own in zip(plain, is_learned, strict=True) if not own]
    model = OfficeClassifier().fit(
        [_cleaned(each) for each in learned],
        [each.label for each in learned],
        groups=[each.isco[:2] for each in learned],
        shares=[each.share for each in learned],
    )
    trained = reference_of({"id": "seven tenths", "reference": reference(model, learned)})
    scorer = Scorer(model.get_state())
    seen = _seen(scorer, unseen)
    front = np.array([each.label == FRONT for each in unseen])
    spanish = np.array([each.language == "es" for each in unseen])
    rows = np.arange(len(unseen))
    cases = {
        "as they are": seen,
        "no English": seen.at(np.array([each.language != "en" for each in unseen])),
        "Spanish alone": seen.at(spanish),
        "the longer half": seen.at(seen.words > np.median(seen.words)),
        "three front to one back": seen.at(
            np.concatenate([numbers.choice(rows[front], 1500), numbers.choice(rows[~front], 500)])
        ),
        "hard cases": _seen(scorer, corpus.challenge),
        "those trained on": _seen(scorer, learned),
    }
    table = Table(title="PSI of all of them")
    for name in ("", "rows", "language", "length", "unknown", "p(front)", "verdict"):
        table.add_column(name)
    for name, case in cases.items():
        table.add_row(name, f"{len(case.words):,}", *_row(trained, case, model.band_))
    Console().print(table)
    table = Table(title=f"verdicts on {_BATCHES} batches of each size")
    for name in ("", "rows", *_VERDICTS):
        table.add_column(name)
    for name, case in cases.items():
        for size in _SIZES:
            verdicts = _verdicts(trained, case, size, numbers, model.band_)
            table.add_row(name, f"{size:,}", *verdicts)
    Console().print(table)


if __name__ == "__main__":
    main()
