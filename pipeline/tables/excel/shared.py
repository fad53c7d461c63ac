"""How much text the cells of a sheet come to: thousands of cells may share one long text."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable
from xml.parsers import expat

from pipeline.tables.excel.parts import parser_of_utf8, split

_END = re.compile(rb"</(?:[\w.-]{1,40}:)?si>")
_LONGEST_TAG = 50


def lengths(chunks: Iterable[bytes]) -> array[int]:
    """Return how many bytes each shared text takes in its XML, which is no less than it has."""
    found = array("q")
    seen = last = 0
    left = b""
    for chunk in chunks:
        data = left + chunk
        for match in _END.finditer(data):
            end = seen - len(left) + match.end()
            found.append(end - last)
            last = end
        seen += len(chunk)
        left = data[-min(_LONGEST_TAG, seen - last) :] if seen > last else b""
    return found


def weight(chunks: Iterable[bytes], sizes: array[int]) -> int:
    """Return how many bytes a sheet's cells take when each has a copy of its text."""
    total, shared = 0, False
    text: list[str] = []
    parser: expat.XMLParserType | None = None

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal shared
        local = split(name)[1]
        if local == "c":
            shared = attributes.get("t") == "s"
        elif local == "v" and shared and parser:
            parser.CharacterDataHandler = text.append

    def end(name: str) -> None:
        nonlocal total
        if text and parser:
            number = "".join(text).strip()
            text.clear()
            parser.CharacterDataHandler = None
            if number.isdecimal() and int(number) < len(sizes):
                total += sizes[int(number)]

    for chunk in chunks:
        if parser is None:
            parser = parser_of_utf8(chunk[:2])
            parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.Parse(chunk, False)
    return total
