"""What is known of each language: its words and its letters, as distances from the likeliest one.

The file beside this module holds them; `pipeline.profiles.build` makes it, and says from what.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

FILE = Path(__file__).with_name("languages.npz")
#: One step of a distance, in nats.
STEP = 0.05
#: No word says more against a language than so many steps: names travel.
FURTHEST = 126
#: Letters of an n-gram.
LONGEST = 3


class Profiles(NamedTuple):
    """What the words and letters of m languages say, in steps of `STEP` below the likeliest.

    Keys are the upper halves of hashes: see `keys_of`.

    Attributes:
        languages: ISO 639-1 codes, shape (m,); Norwegian as ``nb`` and ``nn``.
        words: keys of the words that are known, ascending, uint32, shape (words,).
        of_words: how far each language is for each word: uint8, shape (words, m).
        ngrams: keys of runs of one to three letters, ascending, uint32, shape (ngrams,).
        of_ngrams: how far each language is when the last letter follows those before it: uint8,
            shape (ngrams, m).
        unknown: how far each is when a word is not among the known ones: uint8, shape (m,).
    """

    languages: np.ndarray
    words: np.ndarray
    of_words: np.ndarray
    ngrams: np.ndarray
    of_ngrams: np.ndarray
    unknown: np.ndarray


@cache
def load_profiles() -> Profiles:
    """Return the profiles that came with frontback."""
    with np.load(FILE, allow_pickle=False) as arrays:
        return Profiles(**{name: arrays[name] for name in Profiles._fields})


def keys_of(mixed: np.ndarray) -> np.ndarray:
    """Return the keys of mixed hashes (`pipeline.ngrams.mix`): uint32."""
    return (mixed >> np.uint64(32)).astype(np.uint32)
