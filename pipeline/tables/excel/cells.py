"""Values as cells of a sheet: text as text, never as a formula."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape

from pipeline.tables.rows import plain

MAX_CELL = 32_767
#: Numbers of the styles that a new book has, by the type of a value.
STYLES = {date: 1, datetime: 2, time: 3, timedelta: 4}

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Excel reads _x0041_ in a text as the character with that number.
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_DAY = timedelta(days=1)
# Excel counts days from here, but has a 29 February 1900; before that the days are off by one.
_FIRST_DAY, _FIRST_SAFE = datetime(1899, 12, 30), datetime(1900, 3, 1)


def body(value: Any, prefix: str = "", dated: bool = False) -> str:
    """Return what stands in a cell behind ``<c r="A1" s="0"``, its end included.

    Args:
        value: None and NaN leave the cell empty.
        prefix: of the sheet's elements, with its colon.
        dated: whether the book has `STYLES`; without them times are text.
    """
    if isinstance(value, bool):
        return f' t="b"><{prefix}v>{int(value)}</{prefix}v></{prefix}c>'
    if isinstance(value, (int, float)) and abs(value) < 2**53:
        return f"><{prefix}v>{value!r}</{prefix}v></{prefix}c>"
    if isinstance(value, float) and math.isfinite(value):
        return f"><{prefix}v>{value!r}</{prefix}v></{prefix}c>"
    if value is None or isinstance(value, float):
        return "/>"
    if dated and (days := serial(value)) is not None:
        return f"><{prefix}v>{days!r}</{prefix}v></{prefix}c>"
    return _text(shown(value), prefix)


@lru_cache(maxsize=1024)  # most tags are one of a few words
def _text(text: str, prefix: str) -> str:
    space = ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
    text = escape(_ESCAPE.sub("_x005F_", _ILLEGAL.sub("\ufffd", text))).replace("\r", "_x000D_")
    inner = f"<{prefix}t{space}>{text}</{prefix}t>"
    return f' t="inlineStr"><{prefix}is>{inner}</{prefix}is></{prefix}c>'


def shown(value: Any) -> str:
    """Return a value that is neither number nor truth value as text."""
    if isinstance(value, (datetime, time)) and value.tzinfo:
        return value.isoformat()
    return plain(value) or ""


def length(text: str) -> int:
    """Return how many characters Excel counts: those beyond 65,535 are two."""
    if len(text) <= MAX_CELL // 2:
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def serial(value: Any) -> float | None:
    """Return the days that Excel holds a date or time as; None where it cannot."""
    if isinstance(value, timedelta):
        return value / _DAY if value >= timedelta() else None
    if getattr(value, "tzinfo", None):
        return None
    if isinstance(value, time):
        since = datetime.combine(date.min, value) - datetime.combine(date.min, time())
        return since / _DAY
    if isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime.combine(value, time())
        return (moment - _FIRST_DAY) / _DAY if moment >= _FIRST_SAFE else None
    return None
