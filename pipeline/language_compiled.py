"""The compiled way of `pipeline.language_scores`: one pass over the bytes, on all cores."""

from __future__ import annotations

from functools import cache

import numba
import numpy as np

from pipeline.language_scores import OURS, WINDOW, Scores, groups, prior
from pipeline.letters import IN_WORD, IS_BLANK, IS_LATIN, IS_LETTER, LOWER
from pipeline.ngrams import HASH_OFFSET, HASH_PRIME, MAX_LETTERS
from pipeline.profiles import FURTHEST, LONGEST, load_profiles
from pipeline.reading_compiled import ONE_AT_A_TIME, Texts, listed, mixed, most_cores, next_code

_OFFSET, _PRIME, _HALF = HASH_OFFSET, HASH_PRIME, np.uint64(32)
# Words that a thread remembers, by the last bits of their hash.
_SLOTS = 1 << 17
_SLOT = np.uint64(_SLOTS - 1)
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
        known_words, steps = _memory()
        bounds = np.linspace(0, n, numba.get_num_threads() + 1).astype(np.int64)
        _score(bounds, *texts, _KINDS, LOWER, *_arrays(), known_words, steps, *scores)  # type: ignore[call-arg]
    return scores


@cache
def _memory() -> tuple[np.ndarray, np.ndarray]:
    """Return what the threads remember of words from one call to the next.

    Returns:
        Hashes of words, each in its slot, uint64, shape (threads, slots); and the steps of each,
        with whether it is a known word behind them: uint8, shape (threads, slots, m + 1).
    """
    # For as many as there can be: whoever calls first may use fewer than the next.
    threads, m = most_cores(), len(load_profiles().languages)
    return np.zeros((threads, _SLOTS), np.uint64), np.zeros((threads, _SLOTS, m + 1), np.uint8)


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
def _remember(  # type: ignore[no-untyped-def]
    hashed, word, letters, words, word_heads, of_words, ngrams, ngram_heads, of_ngrams, unknown,
    own, steps,
):  # fmt: skip
    """Write the steps of a word, and whether it is known; ``word`` has a blank around it."""
    m = len(own)
    at = _find(hashed, words, word_heads)
    if at >= 0:
        steps[:m] = of_words[at]
        steps[m] = 1
        return
    own[:] = unknown
    for last in range(1, letters + 2):
        for length in range(min(LONGEST, last + 1), 0, -1):
            run = _OFFSET
            for place in range(last - length + 1, last + 1):
                run = (run ^ word[place]) * _PRIME
            at = _find(run, ngrams, ngram_heads)
            if at >= 0:
                for each in range(m):
                    own[each] += of_ngrams[at, each]
                break
    nearest = own.min()
    for each in range(m):
        steps[each] = min(own[each] - nearest, FURTHEST)
    steps[m] = 0


@numba.njit(cache=True)
def _score_one(  # type: ignore[no-untyped-def]
    data, place, end, kinds, lower,
    words, word_heads, of_words, ngrams, ngram_heads, of_ngrams, unknown, against, group,
    known, steps, word, own, window, distances, parts, noisy,
):  # fmt: skip
    """Score one text; return how many letters, Latin letters, words and known words it has.

    To look at each token for an address takes time, and few texts have one: without ``noisy`` the
    first sign of one ends the reading, and -1 letters say that it has to be done again.
    """
    m = len(against)
    distances[:], parts[:], window[:] = 0, 0, 0
    n_letters, n_latin, n_words, n_known, letters, in_window, windows = 0, 0, 0, 0, 0, 0, 0
    hashed, plain, after_blank = _OFFSET, True, True
    while place <= end:
        kind, code = np.uint8(_BLANK), np.uint64(32)
        if place < end:
            if noisy and after_blank and _is_noise(data, place, end, kinds):
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
        if not noisy and not kind & (_IN_WORD | _BLANK):
            slash = code == 58 and place < end and data[place] == 47
            if code == 64 or slash or (code == 46 and letters and word[letters] == 119):
                return -1, 0, 0, 0
        if kind & _IN_WORD:
            n_letters += kind & _LETTER != 0
            n_latin += kind & _LATIN != 0
            if letters < MAX_LETTERS:
                plain &= kind & _LETTER != 0
                letters += 1
                word[letters] = code
                hashed = (hashed ^ code) * _PRIME
        elif letters:
            if plain:
                slot = mixed(hashed) & _SLOT
                if known[slot] != hashed:
                    known[slot] = hashed
                    word[letters + 1] = 32
                    _remember(
                        hashed, word, letters, words, word_heads, of_words,
                        ngrams, ngram_heads, of_ngrams, unknown, own, steps[slot],
                    )  # fmt: skip
                for each in range(m):
                    window[each] += steps[slot, each]
                n_known += steps[slot, m]
                n_words += 1
                in_window += 1
            letters, hashed, plain = 0, _OFFSET, True
        if in_window and (in_window == WINDOW or place > end):
            best = 0
            for each in range(m):
                if window[each] + against[each] < window[best] + against[best]:
                    best = each
            if group[best] >= 0 and (windows == 0 or 3 * in_window >= WINDOW):
                parts[group[best]] += in_window
            for each in range(m):
                distances[each] += window[each]
                window[each] = 0
            in_window = 0
            windows += 1
    for each in range(m):
        distances[each] += against[each]
    return n_letters, n_latin, n_words, n_known


@numba.njit(cache=True, parallel=True, nogil=True)
def _score(  # type: ignore[no-untyped-def]
    bounds, data, begins, ends, kinds, lower,
    words, word_heads, of_words, ngrams, ngram_heads, of_ngrams, unknown, against, group,
    all_known, all_steps, distances, n_letters, n_latin, n_words, n_known, parts,
):  # fmt: skip
    m = len(against)
    for chunk in numba.prange(len(bounds) - 1):
        word = np.empty(MAX_LETTERS + 2, np.uint64)
        word[0] = 32
        own, window = np.empty(m, np.int32), np.zeros(m, np.int32)
        for row in range(bounds[chunk], bounds[chunk + 1]):
            for noisy in (False, True):
                n_letters[row], n_latin[row], n_words[row], n_known[row] = _score_one(
                    data, begins[row], ends[row], kinds, lower,
                    words, word_heads, of_words, ngrams, ngram_heads, of_ngrams, unknown,
                    against, group, all_known[chunk], all_steps[chunk],
                    word, own, window, distances[row], parts[row], noisy,
                )  # fmt: skip
                if n_letters[row] >= 0:
                    break
