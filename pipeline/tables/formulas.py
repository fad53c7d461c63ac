"""Text that a spreadsheet would run as a formula, made safe by an apostrophe, and back.

Excel, LibreOffice and Google Sheets take a cell of a CSV for a formula when it begins with ``=``,
``+``, ``-`` or ``@``; quotes around it do not help, and blanks, quotes and control characters
before the sign are skipped by some. A posting from the web could so call a program or send the
sheet's content away (OWASP, "CSV Injection"). What is wholly a number or a telephone number has
nothing to call and stays as it is.
"""

from __future__ import annotations

import re

# What a program may skip before the sign. The apostrophe is among it: whether a text is a formula
# is then the same with one more apostrophe before it, which is why `undo` is exact.
_SKIPPED = re.compile(r"[\s\x00-\x20\x7f-\xa0\u00ad\u200b-\u200f\u2060-\u2064\ufeff\"'`´‘’“”«»]*+")
_SIGNS = frozenset("=+-@＝＋－＠")
_NUMBER = re.compile(r"[+\-](?=\D*\d)[\d\s().,/\-]*+(?:[eE][+\-]?\d+)?%?\s*")
_LONGEST_NUMBER = 60


def is_formula(text: str) -> bool:
    """Whether a spreadsheet could run this cell, or strip it to one that it runs."""
    if not text or text[0].isalnum():  # nearly all texts
        return False
    skipped = _SKIPPED.match(text)
    begins = skipped.end() if skipped else 0
    body = text[begins : begins + _LONGEST_NUMBER + 1]
    if body[:1] in _SIGNS:
        return len(body) > _LONGEST_NUMBER or not _NUMBER.fullmatch(body)
    # A program may take what follows a tab or a carriage return for a cell of its own.
    return bool(body) and any(sign in text[:begins] for sign in "\t\r")


def make_safe(text: str) -> str:
    """Return the text, with an apostrophe before it where a spreadsheet could run it.

    >>> make_safe("=HYPERLINK(A1)"), make_safe("-5,5"), make_safe("+47 22 33 44 55")
    ("'=HYPERLINK(A1)", '-5,5', '+47 22 33 44 55')
    """
    return "'" + text if is_formula(text) else text


def undo(text: str) -> str:
    """Return the text that `make_safe` was given."""
    return text[1:] if text[:1] == "'" and is_formula(text[1:]) else text
