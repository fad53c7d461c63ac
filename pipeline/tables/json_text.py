"""JSON objects as they stand in a text: where each member is, and new ones put in."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, NamedTuple

BLANK = " \t\r\n"
_BLANKS = re.compile(r"[ \t\r\n]*")
#: Longer ones are read as text: Python refuses to make a number of more than 4,300 digits.
_LONGEST_INTEGER = 4_000


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else digits


_DECODER = json.JSONDecoder(parse_int=_integer)


class Member(NamedTuple):
    """A key of an object, and where key and value stand in the text."""

    key: str
    key_start: int
    start: int
    end: int
    value: Any


class Style(NamedTuple):
    """How members are set: what stands before a new key, and between key and value."""

    comma: str = ", "
    colon: str = ": "


PLAIN = Style()


def value_at(text: str, start: int) -> tuple[Any, int]:
    """Return the value that begins at ``start``, and where it ends.

    Raises:
        ValueError: there is none; nested deeper than Python goes is none either.
    """
    try:
        return _DECODER.raw_decode(text, start)
    except RecursionError as error:
        raise json.JSONDecodeError("nested too deep", text, start) from error


def object_in(text: str) -> dict[str, Any] | None:
    """Return the object that the text is, None where it is something else."""
    try:
        value, end = value_at(text, after_blanks(text, 0))
    except ValueError:
        return None
    return value if isinstance(value, dict) and after_blanks(text, end) == len(text) else None


def after_blanks(text: str, start: int) -> int:
    """Return where the first character stands that is no blank."""
    found = _BLANKS.match(text, start)
    return found.end() if found else start


def elements(text: str, start: int) -> Iterator[tuple[Any, int, int]]:
    """Yield the values of the array that begins at ``start``: value, start, end.

    Raises:
        ValueError: it is damaged.
    """
    at = after_blanks(text, start + 1)
    while text[at : at + 1] != "]":
        value, end = value_at(text, at)
        yield value, at, end
        at = _after_comma(text, end, "]")


def members(text: str, start: int = 0) -> Iterator[Member]:
    """Yield the members of the object that begins at ``start``.

    Raises:
        ValueError: it is damaged.
    """
    at = after_blanks(text, start + 1)
    while text[at : at + 1] != "}":
        if text[at : at + 1] != '"':
            raise json.JSONDecodeError("Expecting property name in double quotes", text, at)
        key, end = scanstring(text, at + 1)
        colon = after_blanks(text, end)
        if text[colon : colon + 1] != ":":
            raise json.JSONDecodeError("Expecting ':' delimiter", text, colon)
        begin = after_blanks(text, colon + 1)
        value, end = value_at(text, begin)
        yield Member(key, at, begin, end, value)
        at = _after_comma(text, end, "}")


def _after_comma(text: str, end: int, closing: str) -> int:
    """Return where the next key or value begins, or the closing bracket stands."""
    at = after_blanks(text, end)
    if text[at : at + 1] == closing:
        return at
    if text[at : at + 1] != ",":
        raise json.JSONDecodeError("Expecting ',' delimiter", text, at)
    following = after_blanks(text, at + 1)
    if text[following : following + 1] == closing:
        raise json.JSONDecodeError("Illegal trailing comma", text, at)
    return following


def style_of(text: str) -> Style:
    """Return how an object sets its last key, for new ones to be set alike."""
    last = next(iter(deque(members(text), maxlen=1)), None)
    if last is None:
        return PLAIN
    before = text[: last.key_start].rstrip(BLANK)
    colon = text[last.key_start : last.start]
    return Style("," + text[len(before) : last.key_start], colon[len(colon.rstrip(BLANK + ":")) :])


def put(
    text: str, new: Mapping[str, Any], present: Collection[str] = (), style: Style = PLAIN
) -> str:
    """Return an object with new values, all else character for character.

    Args:
        text: the object, from brace to brace.
        new: values by key.
        present: keys that the object may have already; their values are replaced. A key that
            stands there several times is replaced where it counts, the last time.
        style: how new keys are set.
    """
    left = dict(new)
    if not left.keys().isdisjoint(present):
        spans = {m.key: (m.start, m.end) for m in members(text) if m.key in left}
        for key, (start, end) in sorted(spans.items(), key=lambda span: span[1], reverse=True):
            text = text[:start] + _encoder(PLAIN).encode(left.pop(key)) + text[end:]
    if not left:
        return text
    inner = text[:-1].rstrip(BLANK)
    comma = style.comma if inner != "{" else style.comma.removeprefix(",").lstrip(" ")
    return inner + comma + _encoder(style).encode(left)[1:-1] + text[len(inner) :]


@cache
def _encoder(style: Style) -> json.JSONEncoder:
    return json.JSONEncoder(ensure_ascii=False, separators=style)
