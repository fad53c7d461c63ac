"""A corpus as a whole: balance, occupations, lengths, kinds, and what the second readers say."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.checking.finding import Finding
from pipeline.labelled import Corpus, Labelled
from pipeline.posting import LANGUAGES

#: Shares of front that a balanced corpus keeps within, in each language.
BALANCE = (0.35, 0.65)
#: From so many postings in a language on, the shares below are asked for.
LARGE = 1_000
UNIT_GROUPS = 436  # of ISCO-08
PLAIN = 0.85
#: Words of a text, and the least share of postings that are at most, or at least, so long.
SHORT, SHORT_SHARE = 115, 0.15
LONG, LONG_SHARE = 250, 0.30
#: Share of texts on which both readers must agree, in each part and language.
AGREED = 0.97


def check_whole(corpus: Corpus) -> Iterator[Finding]:
    """Yield what is out of proportion in each language."""
    folder = str(corpus.folder)
    for name, part in corpus.parts.items():
        for language in sorted({each.language for each in part}):
            for what in _agreement([each for each in part if each.language == language]):
                yield Finding(folder, f"{language}, {name}: {what}")
    for language in LANGUAGES:
        own = [each for each in corpus.postings if each.language == language]
        for what in (*_balance(own), *(_shares(own) if len(own) >= LARGE else ())):
            yield Finding(folder, f"{language}: {what}")


def agreement(texts: list[Labelled]) -> float | None:
    """Return the share of the texts read twice on which both agree; None where none was."""
    read = [each for each in texts if each.second]
    return sum(each.second == each.label for each in read) / len(read) if read else None


def _balance(postings: list[Labelled]) -> Iterator[str]:
    share = sum(each.label == "front" for each in postings) / max(len(postings), 1)
    if postings and not BALANCE[0] <= share <= BALANCE[1]:
        yield (
            f"{share:.0%} of {len(postings)} postings are front; keep it between"
            f" {BALANCE[0]:.0%} and {BALANCE[1]:.0%}"
        )


def _shares(postings: list[Labelled]) -> Iterator[str]:
    groups = {each.isco for each in postings if each.isco}
    if len(groups) < UNIT_GROUPS:
        yield f"{len(groups)} of the {UNIT_GROUPS} unit groups of ISCO-08 have a posting"
    plain = sum(each.kind == "plain" for each in postings) / len(postings)
    if plain < PLAIN:
        yield f"{plain:.0%} of the postings are plain; keep it at {PLAIN:.0%} at least"
    words = [len(each.posting.text.split()) for each in postings]
    short = sum(each <= SHORT for each in words) / len(words)
    long = sum(each >= LONG for each in words) / len(words)
    if short < SHORT_SHARE:
        yield f"{short:.0%} of the postings have {SHORT} words or fewer; {SHORT_SHARE:.0%} should"
    if long < LONG_SHARE:
        yield f"{long:.0%} of the postings have {LONG} words or more; {LONG_SHARE:.0%} should"


def _agreement(texts: list[Labelled]) -> Iterator[str]:
    share = agreement(texts)
    if share is None:
        return
    if share < AGREED:
        yield f"two readers agree on {share:.1%}; settle or drop until it is {AGREED:.0%}"
    if once := sum(not each.second for each in texts):
        yield f"{once} texts have had one reader only"
