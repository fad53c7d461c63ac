"""How often a line's mark, contact or other, is what readers called the line.

    python -m benchmarks.marks

The corpus's duty lines (two readers each) are put together, eight of one occupation and language at
a time as they would stand in a posting, and explained by models that learned from nothing of that
occupation (ISCO-08 sub-major group): five models, each without a fifth of the occupations. Neutral
lines are duties that readers found to be neither.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

import click
from rich.console import Console
from rich.table import Table

from pipeline.explain import places_of
from pipeline.explanation import mark_of
from pipeline.fitting import fit_corpus
from pipeline.labelled import Corpus, Labelled, read_corpus
from pipeline.places import corpus_folder
from pipeline.posting import LANGUAGES, Posting
from pipeline.scoring import Scorer

_FOLDS, _LINES = 5, 8
_LABELS, _MARKS = ("contact", "other", "neutral"), ("contact", "other", "")


@click.command()
@click.option("--seed", default=0, show_default=True, help="Of the order of lines.")
def main(seed: int) -> None:
    """Train five models and print how their marks agree with the readers' labels."""
    corpus = read_corpus(corpus_folder())
    occupations = sorted({line.isco[:2] for line in corpus.lines})
    random.Random(seed).shuffle(occupations)
    found: Counter[tuple[str, str, str]] = Counter()
    for fold in range(_FOLDS):
        left_out = set(occupations[fold::_FOLDS])
        classifier, _ = fit_corpus(_without(corpus, left_out))
        scorer = Scorer(classifier.get_state())
        for lines in _together([x for x in corpus.lines if x.isco[:2] in left_out], seed):
            text = "\n".join(line.posting.text for line in lines)
            (words,) = places_of(scorer, [Posting("", text)])
            at = 1  # an empty title and what parts it from the text
            for line in lines:
                end = at + len(line.posting.text)
                weight = sum(words.weights[(words.starts >= at) & (words.starts < end)])
                found[line.language, line.label, mark_of(float(weight))] += 1
                at = end + 1
    _print(found)


def _without(corpus: Corpus, occupations: set[str]) -> Corpus:
    def kept(part: list[Labelled]) -> list[Labelled]:
        return [each for each in part if each.isco[:2] not in occupations]

    return replace(
        corpus,
        postings=kept(corpus.postings),
        lines=kept(corpus.lines),
        titles=kept(corpus.titles),
    )


def _together(lines: list[Labelled], seed: int) -> Iterator[list[Labelled]]:
    """Yield lines by eights of one language and occupation, in an order of chance."""

    def key(line: Labelled) -> tuple[str, str]:
        return line.language, line.isco[:2]

    for _, some in groupby(sorted(lines, key=key), key):
        mixed = list(some)
        random.Random(seed).shuffle(mixed)
        for begin in range(0, len(mixed), _LINES):
            yield mixed[begin : begin + _LINES]


def _print(found: Counter[tuple[str, str, str]]) -> None:
    table = Table(title=f"marks of {found.total():,} duty lines", title_justify="left")
    for head in ("language", "readers", "lines", "marked contact", "marked other", "no mark"):
        table.add_column(head, justify="left" if head in ("language", "readers") else "right")
    for language in (*LANGUAGES, "all"):
        codes = LANGUAGES if language == "all" else (language,)
        for label in _LABELS:
            counts = [sum(found[code, label, mark] for code in codes) for mark in _MARKS]
            shares = [f"{count / sum(counts):.1%}" for count in counts]
            table.add_row(language, label, f"{sum(counts):,}", *shares)
        table.add_section()
    console = Console(highlight=False, width=100)
    console.print(table)
    for mark in _MARKS[:2]:
        counts = [sum(found[code, label, mark] for code in LANGUAGES) for label in _LABELS]
        pairs = zip(counts, _LABELS, strict=True)
        said = ", ".join(f"{count / sum(counts):.1%} {label}" for count, label in pairs)
        console.print(f"of {sum(counts):,} lines marked {mark}, readers call {said}")


if __name__ == "__main__":
    main()
