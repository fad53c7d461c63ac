"""Look a corpus over: what is wrong in it, and in which file and line."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator

from pipeline.checking.duplicates import find_duplicates
from pipeline.checking.finding import Finding
from pipeline.checking.texts import check_contacts, check_languages, check_posting
from pipeline.checking.whole import check_whole
from pipeline.labelled import Corpus, Labelled

__all__ = ["Finding", "check_corpus", "label_counts"]


def check_corpus(
    corpus: Corpus, advance: Callable[[int], None] = lambda texts: None
) -> Iterator[Finding]:
    """Yield what is wrong in a corpus; `read_corpus` has already refused what it cannot read.

    Args:
        corpus: see `pipeline.labelled.read_corpus`.
        advance: told of each number of texts that were looked at.

    Raises:
        CorpusError: the libraries for it are not installed.
    """
    for posting in (*corpus.postings, *corpus.challenge):
        yield from check_posting(posting)
    yield from find_duplicates(corpus)
    yield from check_whole(corpus)
    for name, part in corpus.parts.items():
        for text in part:
            yield from check_contacts(text)
            advance(1)
        if name not in ("lines", "titles"):  # too short to be sure of
            yield from check_languages(part)


def label_counts(texts: Iterable[Labelled]) -> dict[str, Counter[str]]:
    """Return how often each label occurs, by language."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        counts[text.language][text.label or text.kind or "text"] += 1
    return dict(counts)
