"""Look a corpus over: what is wrong in it, and in which file and line."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from pipeline.labelled import FRONT_SHARE, Corpus, Labelled
from pipeline.language import DETECTABLE, language_of
from pipeline.posting import LANGUAGES
from pipeline.text import clean

#: Two postings that share this part of the shorter one's 6-word runs are near-duplicates.
NEAR_DUPLICATE = 0.2
RUN = 6
#: Shares of front that a balanced corpus keeps within, in each language.
BALANCE = (0.35, 0.65)

_WORD = re.compile(r"\w+")


class Finding(NamedTuple):
    """One thing that is wrong: where it stands (file:line, or the folder), and what it is."""

    where: str
    what: str


def check_corpus(
    corpus: Corpus, advance: Callable[[int], None] = lambda texts: None
) -> Iterator[Finding]:
    """Yield what is wrong in a corpus; `read_corpus` has already refused what it cannot read.

    Args:
        corpus: see `pipeline.labelled.read_corpus`.
        advance: told of each number of texts whose language was checked.
    """
    for posting in corpus.postings:
        yield from _fields(posting)
    yield from _same_id(corpus.postings)
    for name, part in corpus.parts.items():
        yield from _duplicates(name, part)
    yield from _near_duplicates([*corpus.postings, *corpus.other_languages, *corpus.no_postings])
    yield from _balance(corpus)
    for text in (*corpus.postings, *corpus.other_languages, *corpus.no_postings):
        yield from _language(text)
        advance(1)


def _fields(posting: Labelled) -> Iterator[Finding]:
    if posting.isco and not re.fullmatch(r"\d{4}", posting.isco):
        yield Finding(posting.where, f"isco08 {posting.isco!r} is no unit group of four digits")
    if not posting.posting.title.strip() or not posting.posting.text.strip():
        yield Finding(posting.where, "title or text is empty")
    if posting.share >= 0 and (posting.label == "front") != (posting.share >= FRONT_SHARE):
        yield Finding(
            posting.where,
            f"label {posting.label} and share {posting.share} disagree: front begins at"
            f" {FRONT_SHARE}",
        )


def _same_id(postings: list[Labelled]) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for posting in postings:
        if posting.id and first.setdefault(posting.id, posting.where) != posting.where:
            yield Finding(posting.where, f"id {posting.id} stands at {first[posting.id]} too")


def _duplicates(part: str, texts: list[Labelled]) -> Iterator[Finding]:
    """Yield texts that occur twice; of titles, those with two different shares only."""
    first: dict[tuple[str, str], Labelled] = {}
    for text in texts:
        words = " ".join(_WORD.findall(f"{text.posting.title} {text.posting.text}".casefold()))
        earlier = first.setdefault((text.language, words), text)
        if earlier is text:
            continue
        if earlier.label != text.label:
            yield Finding(
                text.where, f"{text.label}, and the same text is {earlier.label} at {earlier.where}"
            )
        elif part != "titles":
            yield Finding(text.where, f"the same text stands at {earlier.where}")


def _near_duplicates(texts: list[Labelled]) -> Iterator[Finding]:
    runs = [_runs(text.posting.text) for text in texts]
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for place, own in enumerate(runs):
        shared = Counter(other for run in own for other in holders[run])
        for other, count in shared.items():
            part = count / min(len(own), len(runs[other]))
            if part >= NEAR_DUPLICATE:
                yield Finding(
                    texts[place].where,
                    f"near-duplicate: {part:.0%} of its {RUN}-word runs stand at"
                    f" {texts[other].where} too",
                )
        for run in own:
            holders[run].append(place)


def _runs(text: str) -> set[str]:
    words = _WORD.findall(text.casefold())
    return {" ".join(words[start : start + RUN]) for start in range(len(words) - RUN + 1)}


def _balance(corpus: Corpus) -> Iterator[Finding]:
    for language in LANGUAGES:
        labels = [each.label for each in corpus.postings if each.language == language]
        share = labels.count("front") / max(len(labels), 1)
        if labels and not BALANCE[0] <= share <= BALANCE[1]:
            yield Finding(
                str(corpus.folder),
                f"{language}: {share:.0%} of {len(labels)} postings are front; keep it between"
                f" {BALANCE[0]:.0%} and {BALANCE[1]:.0%}",
            )


def _language(text: Labelled) -> Iterator[Finding]:
    if text.language not in (*LANGUAGES, *DETECTABLE):
        return
    found = language_of(clean(f"{text.posting.title}\n{text.posting.text}")).code
    expected = text.language if text.language in LANGUAGES else "other"
    if found not in (expected, "unknown"):
        yield Finding(text.where, f"language is given as {text.language} and detected as {found}")


def label_counts(texts: Iterable[Labelled]) -> dict[str, Counter[str]]:
    """Return how often each label occurs, by language."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        counts[text.language][text.label or text.kind or "text"] += 1
    return dict(counts)
