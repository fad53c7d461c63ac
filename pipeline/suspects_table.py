"""Suspects as a table for a person to write into."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from pipeline.corrections import CORRECT, POSTING, written_key
from pipeline.suspects import Suspect
from pipeline.tables.made import fitting
from pipeline.text import clean

_SCHEMA = pa.schema(
    [
        ("label", pa.string()),
        ("suggested", pa.string()),
        ("probability", pa.float64()),
        ("why", pa.string()),
        (CORRECT, pa.string()),
        ("title", pa.string()),
        ("text", pa.string()),
        ("language", pa.string()),
        ("file", pa.string()),
        ("row", pa.int64()),
        (POSTING, pa.string()),
    ]
)
_PLACE = re.compile(r"(.*?)(?:, row |:)([\d,]+)", re.DOTALL)


def suspects_table(suspects: Sequence[Suspect]) -> pa.Table:
    """Return a row for each suspect; the column ``correct`` is left blank.

    Texts are as the model reads them, as far as a cell of Excel holds them. ``probability`` is
    that of the label, by a model that has not seen the posting.
    """
    return pa.Table.from_pylist([as_row(each) | {CORRECT: None} for each in suspects], _SCHEMA)


def as_row(suspect: Suspect) -> dict[str, Any]:
    """Return what is known of a suspect, by the names of the columns."""
    posting = suspect.posting
    file, row = _place(posting.where)
    return {
        "label": posting.label,
        "suggested": suspect.suggested,
        "probability": round(suspect.p_label, 4),
        "why": _text(suspect.why),
        "title": _text(clean(posting.posting.title)),
        "text": _text(clean(posting.posting.text)),
        "language": posting.language,
        "file": _text(file),
        "row": row,
        POSTING: written_key(suspect.key),
    }


def _place(where: str) -> tuple[str, int | None]:
    """Return file and row (of JSONL: line) of a posting."""
    found = _PLACE.fullmatch(where)
    return (found[1], int(found[2].replace(",", ""))) if found else (where, None)


def _text(text: str) -> str:
    # A file's name may hold bytes that are no characters.
    return fitting(text.encode(errors="replace").decode())
