"""How much of what is wrong with labels `frontback corpus doctor` finds, beside cleanlab.

    python -m benchmarks.doctor

Takes the plain postings of the corpus as a table of one's own would be (title, text, label), turns
5 % of the labels by chance, with fixed seeds, and has the doctor look for them; cleanlab is given
the same out-of-fold probabilities. Then, in place of turned labels, puts texts among the postings
that are none. Needs cleanlab: ``pip install --group bench``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import click
import numpy as np
from cleanlab.filter import find_label_issues
from rich.console import Console
from rich.table import Table

from pipeline.checking.conflicts import confidently_other
from pipeline.classifier import FRONT
from pipeline.fitting import fit_corpus
from pipeline.labelled import Corpus, Labelled, read_corpus
from pipeline.no_postings import like_no_posting
from pipeline.places import corpus_folder
from pipeline.posting import Posting
from pipeline.text import clean

_TURNED = 0.05
_STRANGE = (10, 60)
#: How many postings, and how many times with other ones; 0 for all.
_SIZES = {500: 5, 2_000: 3, 0: 1}
#: A table beside the rest of the corpus: its postings, and how many times with other ones.
_BESIDE = {500: 2}


class Found(NamedTuple):
    """Of one run.

    Attributes:
        faults: how many there are.
        listed: how many postings are listed.
        right: how many of these are faults.
        first: how many of the most doubtful postings, as many as there are faults, are faults.
    """

    faults: int
    listed: int
    right: int
    first: int


def _ours(p_front: np.ndarray, front: np.ndarray) -> np.ndarray:
    p_label = np.where(front, p_front, 1.0 - p_front)
    listed = np.flatnonzero(confidently_other(p_front, front))
    return listed[np.argsort(p_label[listed])]


def _cleanlab(filter_by: str) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    def rank(p_front: np.ndarray, front: np.ndarray) -> np.ndarray:
        return np.asarray(
            find_label_issues(
                front.astype(int),
                np.column_stack([1.0 - p_front, p_front]),
                return_indices_ranked_by="self_confidence",
                filter_by=filter_by,
                n_jobs=1,
            )
        )

    return rank


_WAYS = {"frontback corpus doctor": _ours} | {
    f"cleanlab, {name}": _cleanlab(name)
    for name in ("prune_by_noise_rate", "confident_learning", "both")
}


@click.command()
def main() -> None:
    """Print what is found of labels that were turned, and of texts that are no postings."""
    corpus = read_corpus(corpus_folder())
    plain = [replace(each, share=-1, isco="") for each in corpus.postings if each.kind == "plain"]
    console = Console(highlight=False, width=110)
    turned, strange = _table("labels turned"), _table("no postings among them")
    for size, times in _SIZES.items():
        runs = [_turned(corpus, some, seed) for seed, some in _parts(plain, size, times)]
        for way in _WAYS:
            _add(turned, size or len(plain), way, [run[way] for run in runs])
        for n in _STRANGE:
            found = [_strange(corpus, some, n, seed) for seed, some in _parts(plain, size, times)]
            _add(strange, size or len(plain), f"{n} put among them", found)
    for size, times in _BESIDE.items():
        runs = []
        for seed, some in _parts(plain, 0, times):
            runs.append(_turned(corpus, some[:size], seed, some[size:]))
        for way in _WAYS:
            _add(
                turned, size, f"{way}, beside {len(plain) - size:,} others", [r[way] for r in runs]
            )
    console.print(turned)
    console.print(strange)


def _parts(plain: list[Labelled], size: int, times: int) -> Iterator[tuple[int, list[Labelled]]]:
    """Yield a seed and as many postings, taken by chance with it."""
    for seed in range(times):
        order = np.random.default_rng(seed).permutation(len(plain))
        yield seed, [plain[at] for at in order[: size or len(plain)]]


def _turned(
    corpus: Corpus, postings: list[Labelled], seed: int, beside: Sequence[Labelled] = ()
) -> dict[str, Found]:
    """Return what each way finds of labels turned by chance, beside postings that are right."""
    wrong = np.random.default_rng(seed).permutation(len(postings)) < _TURNED * len(postings)
    other = {"front": "back", "back": "front"}
    given = [
        replace(each, label=other[each.label]) if is_wrong else each
        for each, is_wrong in zip(postings, wrong, strict=True)
    ] + list(beside)
    n = len(postings)
    classifier, _ = fit_corpus(Corpus(corpus.folder, postings=given))
    front = np.array([each.label == FRONT for each in given])
    p_front = classifier.out_of_fold_
    doubt = np.argsort(np.where(front, p_front, 1.0 - p_front)[:n])
    found = {}
    for way, rank in _WAYS.items():
        listed = rank(p_front, front)
        listed = listed[listed < n]
        # Beyond what is listed, the order is the same for all: by the probability of the label.
        order = np.concatenate([listed, doubt[~np.isin(doubt, listed)]])
        first = int(wrong[order[: wrong.sum()]].sum())
        found[way] = Found(int(wrong.sum()), len(listed), int(wrong[listed].sum()), first)
    return found


def _strange(corpus: Corpus, postings: list[Labelled], n: int, seed: int) -> Found:
    """Return what is found of n texts that are no postings, by others that are known to be none."""
    order = np.random.default_rng(seed).permutation(len(corpus.no_postings))
    texts = [_cleaned(corpus.no_postings[at]) for at in order]
    listed = like_no_posting([*map(_cleaned, postings), *texts[:n]], texts[n:])
    return Found(n, int(listed.sum()), int(listed[len(postings) :].sum()), 0)


def _cleaned(each: Labelled) -> Posting:
    return Posting(clean(each.posting.title), clean(each.posting.text))


def _table(title: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("postings", justify="right")
    table.add_column("")
    for name in ("faults", "listed", "right of these", "found", "right of the first"):
        table.add_column(name, justify="right")
    return table


def _add(table: Table, size: int, name: str, runs: list[Found]) -> None:
    faults, listed, right, first = (sum(each) for each in zip(*runs, strict=True))
    mean = (faults / len(runs), listed / len(runs))
    table.add_row(
        f"{size:,}",
        name,
        *(f"{each:.0f}" for each in mean),
        f"{right / listed:.0%}" if listed else "–",
        f"{right / faults:.0%}",
        f"{first / faults:.0%}" if first else "",
    )


if __name__ == "__main__":
    main()
