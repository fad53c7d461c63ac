"""JSON documents, read: an array of postings, schema.org's JobPosting, or one posting alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline.encoding import detect_file_encoding
from pipeline.posting import InputError
from pipeline.tables.columns import find_columns
from pipeline.tables.json_rows import Item, JsonReader
from pipeline.tables.json_text import (
    BLANK,
    after_blanks,
    elements,
    members,
    object_in,
    style_of,
    value_at,
)
from pipeline.tables.jsonl import JsonlReader

_POSTING = "JobPosting"
#: Keys under which JSON-LD keeps objects that are no postings themselves.
_LISTS, _WRAPPED = ("@graph", "itemListElement"), "item"


def open_json(path: Path) -> JsonReader:
    """Return a reader of a .json, which some programs call a file of one object a line too."""
    return JsonlReader(path) if _is_lines(path) else JsonDocumentReader(path)


class JsonDocumentReader(JsonReader):
    """A file of one JSON value that has the postings in it; it is held in memory.

    Attributes:
        text: the whole file.
        spans: where each posting begins and ends in the text.
        style: how the postings' keys are set.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        name, errors = self.encoding
        self.text = path.read_bytes().decode(name, errors)
        try:
            self.spans = self._find()
        except (ValueError, RecursionError) as error:
            raise InputError(
                f"{path}: not readable as JSON{_place(error)}; mend it, or export it again."
            ) from None
        if not self.spans:
            raise InputError(
                f"{path}: no posting is found in it; write an array of objects, one a posting."
            )
        self.style = style_of(self.text[slice(*self.spans[0])])
        self._survey()

    def items(self) -> Iterator[Item]:
        """Yield the postings as they stand in the document."""
        line, counted = 1, 0
        for start, end in self.spans:
            line += self.text.count("\n", counted, start)
            counted = start
            yield Item(line, self.text[start:end], value_at(self.text, start)[0])

    def _find(self) -> list[tuple[int, int]]:
        start = after_blanks(self.text, 1 if self.text.startswith("\ufeff") else 0)
        value, end = value_at(self.text, start)
        if (rest := after_blanks(self.text, end)) != len(self.text):
            raise json.JSONDecodeError("Extra data", self.text, rest)
        if isinstance(value, list):
            return self._in_array(value, start)
        if not isinstance(value, dict):
            return []
        if found := self._in_object(value, start, end):
            return found
        if _is_posting(value) or _has_text(value):
            return [(start, end)]
        lists = [member for member in members(self.text, start) if _has_objects(member.value)]
        if len(lists) > 1:
            names = " and ".join(repr(each.key) for each in lists)
            raise InputError(
                f"{self.path}: {names} could both be the postings; keep one of them in the file."
            )
        return self._in_array(lists[0].value, lists[0].start) if lists else [(start, end)]

    def _in_array(self, values: list[Any], start: int) -> list[tuple[int, int]]:
        """Return the postings of an array: those that say they are, or else all objects."""
        found: list[tuple[int, int]] = []
        objects: list[tuple[int, int]] = []
        for value, begin, end in elements(self.text, start):
            if isinstance(value, dict):
                objects.append((begin, end))
                found += self._in_object(value, begin, end)
        return found or objects

    def _in_object(self, value: dict[str, Any], start: int, end: int) -> list[tuple[int, int]]:
        """Return the JobPostings that an object is, wraps or lists."""
        if _is_posting(value):
            return [(start, end)]
        found: list[tuple[int, int]] = []
        if not {*_LISTS, _WRAPPED}.isdisjoint(value):
            for key, _, begin, behind, inner in members(self.text, start):
                if key in _LISTS and isinstance(inner, list):
                    for each, first, last in elements(self.text, begin):
                        if isinstance(each, dict):
                            found += self._in_object(each, first, last)
                elif key in (*_LISTS, _WRAPPED) and isinstance(inner, dict):
                    found += self._in_object(inner, begin, behind)
        return found


def _is_lines(path: Path) -> bool:
    """Whether the first two lines with anything in them are an object each."""
    name, errors = detect_file_encoding(path)
    with path.open(encoding=name, errors=errors) as file:
        lines = (line.removeprefix("\ufeff") for line in file if line.strip("\ufeff" + BLANK))
        first = list(islice(lines, 2))
    return len(first) == 2 and all(object_in(line) is not None for line in first)


def _is_posting(value: dict[str, Any]) -> bool:
    kinds = value.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(kind, str) and kind.endswith(_POSTING) for kind in kinds)


def _has_text(value: dict[str, Any]) -> bool:
    try:
        find_columns(list(value), "")
    except InputError:
        return False
    return True


def _has_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _place(error: Exception) -> str:
    if not isinstance(error, json.JSONDecodeError):
        return ""
    return f" (line {error.lineno}, column {error.colno}: {error.msg})"
