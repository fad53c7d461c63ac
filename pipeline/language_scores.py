"""How far a text is from each language, word by word; and the same of its windows.

Naive Bayes over words: a known word says what its frequencies in the languages say, an unknown one
what its letters say, each after the two before it. Much text goes through the compiled kernel
(`pipeline.language_compiled`), a posting or two through numpy; both give the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from pipeline.letters import IS_LATIN, IS_LETTER, TOKEN, codes_of, fold, look_up
from pipeline.ngrams import BLANK, HASH_OFFSET, HASH_PRIME, hash_words, mix, split_words
from pipeline.profiles import FURTHEST, LONGEST, STEP, Profiles, keys_of, load_profiles

#: The languages that a tag can name, each with its written forms.
OURS = {"es": ("es",), "no": ("nb", "nn"), "en": ("en",)}
#: A text that somebody wants tagged is e**2 times likelier in one of ours than in any other.
PRIOR_STEPS = round(2.0 / STEP)
#: Words of a window; a rest of fewer than a third is left out, unless it is all there is.
WINDOW = 30


class Scores(NamedTuple):
    """What n texts look like in m languages.

    Attributes:
        distances: steps below the likeliest, the prior included: int64, shape (n, m).
        letters, latin: letters, and those of them that are Latin: int64, shape (n,).
        words, known: words, and those of them that are known: int64, shape (n,).
        parts: words in windows that are in each of `OURS`: int64, shape (n, 3).
    """

    distances: np.ndarray
    letters: np.ndarray
    latin: np.ndarray
    words: np.ndarray
    known: np.ndarray
    parts: np.ndarray


def prior(profiles: Profiles) -> np.ndarray:
    """Return the steps that count against each language from the beginning: int64, (m,)."""
    ours = [code for codes in OURS.values() for code in codes]
    return np.where(np.isin(profiles.languages, ours), 0, PRIOR_STEPS).astype(np.int64)


def groups(profiles: Profiles) -> np.ndarray:
    """Return which of `OURS` each language belongs to, -1 for none: int64, shape (m,)."""
    place = {code: at for at, codes in enumerate(OURS.values()) for code in codes}
    return np.array([place.get(str(code), -1) for code in profiles.languages], np.int64)


def score_little(texts: Sequence[str]) -> Scores:
    """Return the scores of a few cleaned texts, by numpy alone."""
    profiles = load_profiles()
    against, group_of = prior(profiles), groups(profiles)
    rows = [_score(text, profiles, against, group_of) for text in texts]
    m = len(profiles.languages)
    return Scores(
        np.array([row.distances for row in rows], np.int64).reshape(-1, m),
        np.array([row.letters for row in rows], np.int64),
        np.array([row.latin for row in rows], np.int64),
        np.array([row.words for row in rows], np.int64),
        np.array([row.known for row in rows], np.int64),
        np.array([row.parts for row in rows], np.int64).reshape(-1, len(OURS)),
    )


def _score(text: str, profiles: Profiles, against: np.ndarray, group_of: np.ndarray) -> Scores:
    codes = _codes_of(text)
    is_letter = look_up(IS_LETTER, codes, unlisted=True)
    latin = look_up(IS_LATIN, codes, unlisted=False)
    letters, starts, lengths = _plain_words(codes)
    steps, known = _word_steps(letters, starts, lengths, profiles)
    bounds = np.append(np.arange(0, len(starts), WINDOW), len(starts))
    parts = np.zeros(len(OURS), np.int64)
    for begin, end in pairwise(bounds):
        group = group_of[np.argmin(steps[begin:end].sum(axis=0) + against)]
        if group >= 0 and (begin == 0 or 3 * (end - begin) >= WINDOW):
            parts[group] += end - begin
    return Scores(
        steps.sum(axis=0) + against,
        is_letter.sum(),
        latin.sum(),
        np.array(len(starts)),
        known.sum(),
        parts,
    )


def steps_by_word(text: str) -> tuple[list[str], np.ndarray]:
    """Return the words of a cleaned text, and the steps of each: int64, shape (words, m).

    With `prior` they sum to `Scores.distances`.
    """
    letters, starts, lengths = _plain_words(_codes_of(text))
    steps, _ = _word_steps(letters, starts, lengths, load_profiles())
    pairs = zip(starts.tolist(), lengths.tolist(), strict=True)
    return ["".join(map(chr, letters[at : at + length].tolist())) for at, length in pairs], steps


def _codes_of(text: str) -> np.ndarray:
    """Return the code points of what is read of a text."""
    return codes_of(" ".join(token for token in TOKEN.findall(fold(text)) if not _is_noise(token)))


def _plain_words(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return words as `split_words` does; digits and underscores tell nothing."""
    letters, starts, lengths = split_words(codes)
    foreign = np.concatenate([[0], np.cumsum(~look_up(IS_LETTER, letters, unlisted=True))])
    plain = foreign[starts + lengths] == foreign[starts]
    return letters, starts[plain], lengths[plain]


def _is_noise(token: str) -> bool:
    return "@" in token or "://" in token or token.startswith("www.")


def _word_steps(
    letters: np.ndarray, starts: np.ndarray, lengths: np.ndarray, profiles: Profiles
) -> tuple[np.ndarray, np.ndarray]:
    """Return the steps of each word, int64 of shape (words, m), and whether it is known."""
    steps = np.zeros((len(starts), len(profiles.languages)), np.int64)
    if not len(starts):
        return steps, np.zeros(0, bool)
    known, at = _find(keys_of(mix(hash_words(letters, starts, lengths))), profiles.words)
    steps[known] = profiles.of_words[at[known]]
    by_letter = _letter_steps(letters, profiles)
    for word in np.flatnonzero(~known):
        # The blank behind a word is a letter of it, the one before is not.
        own = by_letter[starts[word] : starts[word] + lengths[word] + 1]
        total = own.sum(axis=0) + profiles.unknown
        steps[word] = np.minimum(total - total.min(), FURTHEST)
    return steps, known


def _letter_steps(letters: np.ndarray, profiles: Profiles) -> np.ndarray:
    """Return the steps of each letter after the two before it in its word, else fewer."""
    steps = np.zeros((len(letters), len(profiles.languages)), np.int64)
    open_ = np.ones(len(letters), bool)
    for length in range(LONGEST, 0, -1):
        ends = np.arange(length - 1, len(letters))
        hashed = np.full(len(ends), HASH_OFFSET)
        for place in range(length):
            hashed = (hashed ^ letters[place : place + len(ends)]) * HASH_PRIME
        if length == LONGEST:  # not across the blank between two words
            ends, hashed = (x[letters[1 : len(ends) + 1] != BLANK] for x in (ends, hashed))
        found, at = _find(keys_of(mix(hashed)), profiles.ngrams)
        found &= open_[ends]
        steps[ends[found]] = profiles.of_ngrams[at[found]]
        open_[ends[found]] = False
    return steps


def _find(wanted: np.ndarray, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which are among ascending keys, and where."""
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return keys[at] == wanted, at
