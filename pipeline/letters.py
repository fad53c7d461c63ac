"""What each character is to those who read postings: letter, blank, and its lower case.

Tables by code point, for numpy and for the compiled kernels alike, so that both read the same.
"""

from __future__ import annotations

import re

import numpy as np

# Beyond the list stand scripts that need none (Han, Hangul), then pictures, which are no words.
FIRST_UNLISTED, PICTURES = 0x3000, 0x1F000
_LISTED = [chr(code) for code in range(FIRST_UNLISTED)]

#: Letters, digits and the underscore: what words are made of.
IN_WORD = np.array([letter.isalnum() or letter == "_" for letter in _LISTED])
#: Letters alone.
IS_LETTER = np.array([letter.isalpha() for letter in _LISTED])
#: Letters of the Latin script.
IS_LATIN = IS_LETTER & np.array(
    [letter < "\u0250" or "\u1e00" <= letter <= "\u1eff" for letter in _LISTED]
)
IS_BLANK = np.array([letter.isspace() for letter in _LISTED])
#: One lower-case letter for each; the Turkish capital with a dot, whose lower case is two, is i.
LOWER = np.array([ord(letter.lower()[0]) for letter in _LISTED], np.uint32)

#: A run of characters between blanks.
TOKEN = re.compile("[^" + "".join(re.escape(chr(c)) for c in np.flatnonzero(IS_BLANK)) + "]+")

_TO_LOWER = {int(code): int(LOWER[code]) for code in np.flatnonzero(np.arange(len(LOWER)) != LOWER)}
# Where Python's lower() looks at neighbours, gives two letters, or lowers what is not listed.
_SPECIAL = re.compile("[\u0130\u03a3\u3000-\U0010ffff]")


def fold(text: str) -> str:
    """Return the text in lower case, letter by letter, as the compiled kernels read it."""
    return text.translate(_TO_LOWER) if _SPECIAL.search(text) else text.lower()


def codes_of(text: str) -> np.ndarray:
    """Return the code points of a text without lone surrogates: uint32, shape (characters,)."""
    return np.frombuffer(text.encode("utf-32-le"), np.uint32)


def look_up(table: np.ndarray, codes: np.ndarray, unlisted: bool) -> np.ndarray:
    """Return what a table of truths says of code points; pictures are never anything.

    Args:
        unlisted: what is true of the scripts beyond the list.
    """
    listed = codes < FIRST_UNLISTED
    found = table[np.where(listed, codes, 0)] & listed
    return found | (~listed & (codes < PICTURES)) if unlisted else found
