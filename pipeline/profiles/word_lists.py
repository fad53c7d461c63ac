"""How frequent each word is in each language: wordfreq, simplemma and the project's own corpus.

wordfreq (Speer 2022) counts words in subtitles, books, encyclopedias and the web; it has no list of
nynorsk and Galician, whose forms (simplemma) borrow the frequencies of their neighbours. The corpus
adds the words of postings.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from math import fsum
from pathlib import Path

from pipeline.labelled_files import read_jsonl
from pipeline.letters import fold
from pipeline.posting import FrontbackError
from pipeline.profiles.recipe import LANGUAGES, Mix

#: A word of a list: letters only, and not longer than the longest words of any dictionary.
WORD = re.compile(r"[^\W\d_]+")
_LONGEST = 30
#: A form that one neighbour alone has is half as frequent as there.
_ONE_NEIGHBOUR = 0.5
_MISSING = (
    "the word lists are not installed; install them with: pip install wordfreq simplemma "
    "(in a checkout, 'make languages' does it)."
)

#: Words and their share of the running words, summing to 1, in alphabetical order.
Frequencies = dict[str, float]


class ListsMissingError(FrontbackError):
    """wordfreq or simplemma is not installed."""


def read_texts(corpus: Path) -> dict[str, list[str]]:
    """Return title and text of each posting of a corpus folder, by language."""
    paths = [*corpus.glob("postings/*.jsonl"), corpus / "other_languages.jsonl"]
    texts: dict[str, list[str]] = {}
    for row, _ in read_jsonl(paths):
        language = row.get("variety") if row["language"] == "no" else row["language"]
        texts.setdefault(language or "nb", []).append(f"{row['title']}\n{row['text']}")
    return texts


def word_lists(texts: Mapping[str, Iterable[str]]) -> dict[str, Frequencies]:
    """Return the words of each language of `LANGUAGES`; empty where nothing lists any.

    Args:
        texts: the project's own, by language.

    Raises:
        ListsMissingError: wordfreq or simplemma is not installed.
    """
    return {code: _mixed(code, mix, texts.get(code, ())) for code, mix in LANGUAGES.items()}


def _mixed(code: str, mix: Mix, texts: Iterable[str]) -> Frequencies:
    own = _shares(Counter(word for text in texts for word in WORD.findall(fold(text))))
    forms = _forms(code) if mix.forms else set()
    listed = _borrowed(forms, mix.neighbours) if mix.neighbours else _listed(mix.wordfreq or code)
    share = (mix.corpus if listed else 1.0) if own else 0.0
    mixed = {
        word: (1 - share) * listed.get(word, 0.0) + share * own.get(word, 0.0)
        for word in {**listed, **own}
    }
    unseen = sorted(form for form in forms if not mixed.get(form))
    if unseen:
        mixed = {word: (1 - mix.forms) * each for word, each in mixed.items()}
        mixed |= dict.fromkeys(unseen, mix.forms / len(unseen))
    return _shares(mixed)


def _shares(counts: Mapping[str, float]) -> Frequencies:
    total = fsum(counts.values())
    kept = sorted(word for word in counts if len(word) <= _LONGEST and counts[word] > 0)
    return {word: counts[word] / total for word in kept}


@cache
def _listed(name: str) -> Frequencies:
    """Return wordfreq's longest list of a language; empty where it has none."""
    try:
        import wordfreq
    except ImportError:
        raise ListsMissingError(_MISSING) from None
    if name not in wordfreq.available_languages("small"):
        return {}
    counts: dict[str, float] = {}
    for entry, share in wordfreq.get_frequency_dict(name, "best").items():
        for word in (entry,) if entry.isalpha() else WORD.findall(entry):
            counts[word] = counts.get(word, 0.0) + share
    return _shares(counts)


def _forms(name: str) -> set[str]:
    """Return the inflected forms that simplemma knows of a language."""
    try:
        from simplemma.strategies import DefaultDictionaryFactory
    except ImportError:
        raise ListsMissingError(_MISSING) from None
    entries = DefaultDictionaryFactory().get_dictionary(name)
    forms = {fold(str(form)) for form in entries}
    return {form for form in forms if WORD.fullmatch(form) and len(form) <= _LONGEST}


def _borrowed(forms: Iterable[str], neighbours: tuple[str, ...]) -> Frequencies:
    """Return forms as frequent as in the neighbours: the geometric mean, or half of the one."""
    lists = [_listed(name) for name in neighbours]
    counts = {}
    for form in sorted(forms):
        shares = [each.get(form, 0.0) for each in lists]
        if len(shares) == 1:
            counts[form] = shares[0]
        else:
            counts[form] = max((shares[0] * shares[1]) ** 0.5, _ONE_NEIGHBOUR * max(shares))
    return _shares(counts)
