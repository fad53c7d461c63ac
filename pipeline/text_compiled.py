"""Which texts `pipeline.text.clean` would leave as the models read them: no need to run it."""

from __future__ import annotations

import unicodedata

import numba
import numpy as np

from pipeline.letters import FIRST_UNLISTED, IS_BLANK, PICTURES
from pipeline.reading_compiled import ONE_AT_A_TIME, Texts, next_code
from pipeline.text import INVISIBLE, MAX_CHARS

DIRTY, PLAIN, BLANK = 0, 1, 2
_DIRTY, _PLAIN, _BLANK = DIRTY, PLAIN, BLANK
# Behind the pictures stands Han again, some of it not composed as NFC has it.
_PICTURES, _HAN = PICTURES, 0x20000


def _kind(code: int) -> int:
    """Return what a character means for its text, whatever stands before it."""
    letter = chr(code)
    if letter in "\t\n\r" or IS_BLANK[code]:
        return DIRTY if unicodedata.category(letter) == "Cc" and letter not in "\t\n\r" else BLANK
    composes = unicodedata.category(letter)[0] == "M" or 0x1100 <= code < 0x1200
    if composes or unicodedata.category(letter) == "Cc" or INVISIBLE.search(letter):
        return DIRTY
    return PLAIN if unicodedata.is_normalized("NFC", letter) else DIRTY


_KINDS = np.array([_kind(code) for code in range(FIRST_UNLISTED)], np.uint8)


def kinds_of(texts: Texts) -> np.ndarray:
    """Return `DIRTY`, `PLAIN` or `BLANK` for each text: uint8, shape (n,).

    Whitespace is not looked at: the models do not see how much of it there is.
    """
    kinds = np.empty(len(texts.starts), np.uint8)
    with ONE_AT_A_TIME:
        _look(*texts, _KINDS, MAX_CHARS, kinds)
    return kinds


@numba.njit(cache=True)
def _begins_markup(data, place, end, entity):  # type: ignore[no-untyped-def]
    """Return whether what stands behind < or & can be a tag, or an entity."""
    first = place
    while place < end and place < first + 33:
        byte = data[place]
        if 97 <= byte | 32 <= 122 or byte == 35 or (place > first and 48 <= byte <= 57):
            if not entity:
                return True
        else:
            return byte == 59 if entity else byte == 33 or byte == 47  # ; or ! and /
        place += 1
    return False


@numba.njit(cache=True, parallel=True, nogil=True)
def _look(data, starts, ends, table, most, kinds):  # type: ignore[no-untyped-def]
    for row in numba.prange(len(starts)):
        place, end = starts[row], ends[row]
        kind = np.uint8(_BLANK if end - place <= most else _DIRTY)
        while place < end and kind != _DIRTY:
            code, after = next_code(data, place)
            own = np.uint8(_PLAIN * (_PICTURES <= code < _HAN))
            if code < len(table):
                own = table[code]
            if (code == 60 or code == 38) and _begins_markup(data, after, end, code == 38):
                own = np.uint8(_DIRTY)
            if own != _BLANK:
                kind = own
            place = after
        kinds[row] = kind
