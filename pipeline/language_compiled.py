"""The compiled way of `pipeline.language_scores`: one pass over the bytes, on all cores."""

from __future__ import annotations

from functools import cache

import numba
import numpy as np

from pipeline.language_scores import OURS, WINDOW, Scores, groups, prior
from pipeline.letters import IN_WORD, IS_BLANK, IS_LATIN, IS_LETTER, LOWER
from pipeline.ngrams import HASH_OFFSET, HASH_PRIME, MAX_LETTERS
from pipeline.profiles import FURTHEST, LONGEST, load_profiles
from pipeline.reading_compiled import ONE_AT_A_TIME, Texts, listed, mixed, next_code

_OFFSET, _PRIME, _HALF = HASH_OFFSET, HASH_PRIME, np.uint64(32)
# What a character is, as bits of one table.
_IN_WORD, _LETTER, _LATIN, _BLANK = 1, 2, 4, 8
_KINDS = (IN_WORD * _IN_WORD + IS_LETTER * _LETTER + IS_LATIN * _LATIN + IS_BLANK * _BLANK).astype(
    np.uint8
)


def score_much(texts: Texts) -> Scores:
    """Return the scores of cleaned texts: see `pipeline.language_scores.score_little`."""
    n, m = len(texts.starts), len(load_profiles().languages)
    letters, latin, words, known = np.zeros((4, n), np.int64)
    parts = np.zeros((n, len(OURS)), np.int64)
    scores = Scores(np.zeros((n, m), np.int64), letters, latin, words, known, parts)
    with ONE_AT_A_TIME:
        _score(*texts, _KINDS, LOWER, *_arrays(), *scores)  # type: ignore[call-arg]
    return scores


@cache
def _arrays() -> tuple[np.ndarray, ...]:
    """Return the profiles as the kernel wants them: keys with where each of their heads begins."""
    profiles = load_profiles()
    heads = np.arange(2**16 + 1, dtype=np.uint64) << np.uint64(16)
    return (
        profiles.words,
        np.searchsorted(profiles.words, heads).astype(np.int32),
        profiles.of_words,
        profiles.ngrams,
        np.searchsorted(profiles.ngrams, heads).astype(np.int32),
        profiles.of_ngrams,
        profiles.unknown,
        prior(profiles),
        groups(profiles),
    )


@numba.njit(cache=True, inline="always")
def _find(hashed, keys, heads):  # type: ignore[no-untyped-def]
    """Return where a hash's key stands among ascending keys, or -1."""
    key = np.uint32(mixed(hashed) >> _HALF)
    head = key >> np.uint32(16)
    for at in range(heads[head], heads[head + 1]):
        if keys[at] == key:
            return at
    return -1


@numba.njit(cache=True)
def _is_noise(data, place, end, kinds):  # type: ignore[no-untyped-def]
    """Return whether the run between blanks that begins here is an address of any kind."""
    if end - place > 3 and data[place + 3] == 46:  # a point
        first, second, third = data[place] | 32, data[place + 1] | 32, data[place + 2] | 32
        if first == 119 and second == 119 and third == 119:  # www
            return True
    while place < end:
        byte = data[place]
        if byte == 64:  # @
            return True
        if byte == 58 and place + 2 < end and data[place + 1] == 47 and data[place + 2] == 47:
            return True
        code, place = next_code(data, place)
        if code < len(kinds) and kinds[code] & _BLANK:
            return False
    return False


@numba.njit(cache=True)
def _add_unknown(word, letters, ngrams, ngram_heads, of_ngrams, unknown, own):  # type: ignore[no-untyped-def]
    """Write into ``own`` what the letters of a word say, a blank around it."""
    own[:] = unknown
    for last in range(1, letters + 2):
        for length in range(min(LONGEST, last + 1), 0, -1):
            hashed = _OFFSET
            for place in range(last - length + 1, last + 1):
                hashed = (hashed ^ word[place]) * _PRIME
            at = _find(hashed, ngrams, ngram_heads)
            if at >= 0:
                for each in range(len(own)):
                    own[each] += of_ngrams[at, each]
                break
    nearest = own.min()
    for each in range(len(own)):
        own[each] = min(own[each] - nearest, FURTHEST)


@numba.njit(cache=True, parallel=True)
def _score(  # type: ignore[no-untyped-def]
    data, begins, ends, kinds, lower,
    words, word_heads, of_words, ngrams, ngram_heads, of_ngrams, unknown, against, group,
    distances, n_letters, n_latin, n_words, n_known, parts,
):  # fmt: skip
    m = len(against)
    for row in numba.prange(len(begins)):
        place, end = begins[row], ends[row]
        word = np.empty(MAX_LETTERS + 2, np.uint64)
        word[0] = 32
        own, window = np.empty(m, np.int64), np.zeros(m, np.int64)
        letters, in_window, windows = 0, 0, 0
        hashed, plain, after_blank = _OFFSET, True, True
        while True:
            kind = np.uint8(_BLANK)
            code = np.uint64(32)
            if place < end:
                if after_blank and _is_noise(data, place, end, kinds):
                    while place < end:
                        code, after = next_code(data, place)
                        if code < len(kinds) and kinds[code] & _BLANK:
                            break
                        place = after
                    after_blank = False
                    continue
                code, place = next_code(data, place)
                if code < len(kinds):
                    code = np.uint64(lower[code])
                    kind = kinds[code]
                else:
                    kind = np.uint8(listed(code, kinds, True) * (_IN_WORD | _LETTER))
            else:
                place += 1
            after_blank = kind & _BLANK != 0
            if kind & _IN_WORD:
                n_letters[row] += kind & _LETTER != 0
                n_latin[row] += kind & _LATIN != 0
                if letters < MAX_LETTERS:
                    plain &= kind & _LETTER != 0
                    letters += 1
                    word[letters] = code
                    hashed = (hashed ^ code) * _PRIME
            elif letters:
                if plain:
                    n_words[row] += 1
                    in_window += 1
                    at = _find(hashed, words, word_heads)
                    if at >= 0:
                        n_known[row] += 1
                        for each in range(m):
                            window[each] += of_words[at, each]
                    else:
                        word[letters + 1] = 32
                        _add_unknown(word, letters, ngrams, ngram_heads, of_ngrams, unknown, own)
                        for each in range(m):
                            window[each] += own[each]
                letters, hashed, plain = 0, _OFFSET, True
            if in_window and (in_window == WINDOW or place > end):
                best = np.argmin(window + against)
                if group[best] >= 0 and (windows == 0 or 3 * in_window >= WINDOW):
                    parts[row, group[best]] += in_window
                for each in range(m):
                    distances[row, each] += window[each]
                    window[each] = 0
                in_window = 0
                windows += 1
            if place > end:
                break
        for each in range(m):
            distances[row, each] += against[each]
