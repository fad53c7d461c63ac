"""What stands in a corpus twice: ids, texts, sentences, and texts that are nearly one another."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from pipeline.checking.finding import Finding, library
from pipeline.labelled import Corpus, Labelled

#: Two postings that share this part of the shorter one's 6-word runs are near-duplicates.
RUNS_SHARED = 0.2
RUN = 6
#: So are two whose sets of word pairs are this alike (Jaccard), estimated by MinHash.
PAIRS_ALIKE = 0.4
#: A sentence of so many words belongs to one posting only.
SENTENCE = 8

_WORD = re.compile(r"\w+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


def find_duplicates(corpus: Corpus) -> Iterator[Finding]:
    """Yield ids, texts and sentences that occur twice, and texts that nearly do."""
    short = ("lines", "titles")
    long = [text for name, part in corpus.parts.items() if name not in short for text in part]
    yield from _same_id([*corpus.postings, *corpus.challenge])
    for name, part in corpus.parts.items():
        yield from _same_text(name, part)
    yield from _same_sentence(long)
    yield from _same_runs(long)
    yield from _same_pairs(long)


def _same_id(postings: list[Labelled]) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for posting in postings:
        if posting.id and first.setdefault(posting.id, posting.where) != posting.where:
            yield Finding(posting.where, f"id {posting.id} stands at {first[posting.id]} too")


def _same_text(part: str, texts: list[Labelled]) -> Iterator[Finding]:
    """Yield texts that occur twice; of titles, those with two different labels only."""
    first: dict[tuple[str, str], Labelled] = {}
    for text in texts:
        words = " ".join(_words(f"{text.posting.title} {text.posting.text}"))
        earlier = first.setdefault((text.language, words), text)
        if earlier is text:
            continue
        if earlier.label != text.label:
            yield Finding(
                text.where, f"{text.label}, and the same text is {earlier.label} at {earlier.where}"
            )
        elif part != "titles":
            yield Finding(text.where, f"the same text stands at {earlier.where}")


def _same_sentence(texts: list[Labelled]) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for text in texts:
        for sentence in _SENTENCE_END.split(text.posting.text):
            words = _words(sentence)
            if len(words) < SENTENCE:
                continue
            earlier = first.setdefault(" ".join(words), text.where)
            if earlier != text.where:
                shown = " ".join(words[:SENTENCE])
                yield Finding(text.where, f"the sentence {shown!r}… stands at {earlier} too")


def _same_runs(texts: list[Labelled]) -> Iterator[Finding]:
    runs = [_runs(text.posting.text, RUN) for text in texts]
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for place, own in enumerate(runs):
        shared = Counter(other for run in own for other in holders[run])
        for other, count in shared.items():
            part = count / min(len(own), len(runs[other]))
            if part >= RUNS_SHARED:
                yield Finding(
                    texts[place].where,
                    f"near-duplicate: {part:.0%} of its {RUN}-word runs stand at"
                    f" {texts[other].where} too",
                )
        for run in own:
            holders[run].append(place)


def _same_pairs(texts: list[Labelled]) -> Iterator[Finding]:
    """Yield texts whose wording is much alike though hardly a run of words is the same.

    MinHash with locality-sensitive hashing: Broder 1997, "On the resemblance and containment of
    documents".
    """
    datasketch = library("datasketch")
    index = datasketch.MinHashLSH(threshold=PAIRS_ALIKE, num_perm=128)
    sketches: dict[int, Any] = {}
    for place, text in enumerate(texts):
        pairs = _runs(text.posting.text, 2)
        sketch = datasketch.MinHash(num_perm=128)
        sketch.update_batch([pair.encode() for pair in pairs])
        for other in index.query(sketch):
            alike = sketch.jaccard(sketches[other])
            if alike >= PAIRS_ALIKE and len(pairs) > RUN:
                yield Finding(
                    text.where,
                    f"near-duplicate: {alike:.0%} of its word pairs stand at"
                    f" {texts[other].where} too",
                )
        sketches[place] = sketch
        index.insert(place, sketch)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _runs(text: str, length: int) -> set[str]:
    words = _words(text)
    return {" ".join(words[start : start + length]) for start in range(len(words) - length + 1)}
