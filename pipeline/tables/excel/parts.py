"""Small XML parts: their elements, and the bytes that each of them stands at.

A part is edited by putting bytes in the place of bytes; what is not edited stays as it was,
prefixes, quotes and white space included.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import escape

TAG = re.compile(rb"<[^\"'>]*(?:\"[^\"]*\"[^\"'>]*|'[^']*'[^\"'>]*)*>")
_ATTRIBUTE = re.compile(rb"(\s+)([^\s=/>]+)\s*=\s*(\"[^\"]*\"|'[^']*')")

#: What is put in: from, to, and the bytes.
Edit = tuple[int, int, bytes]


class Element(NamedTuple):
    """An element of a part.

    Attributes:
        name: without its prefix.
        prefix: with its colon; mostly empty.
        attributes: as they are called in the file.
        depth: 1 for the root.
        start, opened, closing, stop: where its first tag begins and ends, and its last one; of
            ``<a/>`` the last three are the same.
    """

    name: str
    prefix: str
    attributes: dict[str, str]
    depth: int
    start: int
    opened: int
    closing: int
    stop: int


def elements(part: bytes, deepest: int = 3) -> list[Element]:
    """Return the elements down to a depth, in the order in which they begin.

    Raises:
        expat.ExpatError: the part is not well-formed.
        ValueError: the part is in another encoding than UTF-8, or declares entities.
    """
    found: list[Element] = []
    open_: list[int] = []
    depth = 0
    parser = parser_of_utf8(part[:2])

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth <= deepest:
            at = parser.CurrentByteIndex
            opened = at + len(start_tag(part, at))
            prefix, local = split(name)
            open_.append(len(found))
            found.append(Element(local, prefix, attributes, depth, at, opened, opened, opened))

    def end(name: str) -> None:
        nonlocal depth
        if depth <= deepest:
            place = open_.pop()
            element = found[place]
            if part[element.opened - 2 : element.opened] != b"/>":
                at = parser.CurrentByteIndex
                stop = part.index(b">", at) + 1
                found[place] = element._replace(closing=at, stop=stop)
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(part, True)
    return found


def parser_of_utf8(begin: bytes) -> expat.XMLParserType:
    """Return a parser whose byte offsets are those of the file."""
    parser = expat.ParserCreate()

    def declared(version: str, encoding: str | None, standalone: int) -> None:
        if (encoding or "utf-8").lower() not in ("utf-8", "us-ascii", "ascii"):
            raise ValueError(f"a part is in {encoding}")

    def refused(*_: object) -> None:
        raise ValueError("a part declares a document type")

    if begin in (b"\xff\xfe", b"\xfe\xff") or b"\0" in begin:
        raise ValueError("a part is in UTF-16")
    parser.XmlDeclHandler, parser.StartDoctypeDeclHandler = declared, refused
    return parser


def split(name: str) -> tuple[str, str]:
    """Return prefix (with its colon) and local name."""
    prefix, colon, local = name.rpartition(":")
    return prefix + colon, local


def start_tag(part: bytes, at: int) -> bytes:
    """Return the tag that begins at a place."""
    match = TAG.match(part, at)
    if not match:
        raise ValueError("a part has a tag that does not end")
    return match[0]


def with_attribute(tag: bytes, name: str, value: str | None) -> bytes:
    """Return a tag with an attribute set, or without it where ``value`` is None."""
    new = b"" if value is None else f' {name}="{quoted(value)}"'.encode()
    for match in _ATTRIBUTE.finditer(tag):
        if match[2] == name.encode():
            return tag[: match.start()] + new + tag[match.end() :]
    end = len(tag) - (2 if tag.endswith(b"/>") else 1)
    return tag[:end].rstrip() + new + tag[end:]


def quoted(value: str) -> str:
    """Return a text as it stands between an attribute's quotes."""
    return escape(value, {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def edited(part: bytes, edits: Iterable[Edit]) -> bytes:
    """Return a part with bytes in the place of bytes; the edits do not overlap."""
    done, out = 0, []
    for start, stop, new in sorted(edits, key=lambda edit: edit[:2]):
        out += [part[done:start], new]
        done = stop
    return b"".join([*out, part[done:]])


def extended(part: bytes, element: Element, new: bytes, **attributes: str) -> list[Edit]:
    """Return the edits that put ``new`` behind an element's last child and set its attributes."""
    tag = part[element.start : element.opened]
    for name, value in attributes.items():
        tag = with_attribute(tag, name, value)
    if element.opened != element.stop:
        put = (element.closing, element.closing, new)
        return [(element.start, element.opened, tag), put]
    if new:
        name = f"{element.prefix}{element.name}"
        tag = tag[:-2].rstrip() + b">" + new + f"</{name}>".encode()
    return [(element.start, element.stop, tag)]
