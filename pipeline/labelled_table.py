"""Tables whose rows are labelled front or back: what a model is judged by."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.annotate import TAG_MARKS
from pipeline.encoding import readable
from pipeline.label_names import LabelNames
from pipeline.layout import Layout
from pipeline.posting import InputError, Posting
from pipeline.tables import open_table
from pipeline.tables.columns import find_columns, find_label, normal, place_of
from pipeline.tables.rows import Rows

Unknown = Callable[[int, str], None]
_AS_FOUND = Layout()
_ROWS = 1_000
_LANGUAGE = "language|lang|idioma|lengua|språk|language code"
_ISCO = "isco08|isco 08|isco|ciuo08|ciuo 08|ciuo"
_LANGUAGES = {
    **dict.fromkeys(("es", "spa", "spanish", "espanol", "castellano", "spansk"), "es"),
    **dict.fromkeys(("en", "eng", "english", "ingles", "engelsk"), "en"),
    **dict.fromkeys(("no", "nb", "nn", "nor", "nob", "nno", "norwegian", "noruego"), "no"),
    **dict.fromkeys(("norsk", "bokmal", "nynorsk", "norsk bokmal", "norsk nynorsk"), "no"),
    "unknown": "unknown",
}
#: A language with a country or region, as computers write it: nb-NO, en_GB, es-419.
_LOCALE = re.compile(r"([A-Za-z]{2,3})[-_](?:[A-Za-z]{2}|\d{3})")


class LabelledRows(NamedTuple):
    """Some rows that have a label.

    Attributes:
        numbers: as a spreadsheet numbers the rows of the file; int64, shape (n,).
        postings: columns title and text, n rows.
        front: the labels, bool, shape (n,).
        languages: es, no, en, other or unknown as the table says, "" where it does not.
        isco: digits of the ISCO-08 group, "" where there is none.
    """

    numbers: np.ndarray
    postings: pa.RecordBatch
    front: np.ndarray
    languages: list[str]
    isco: list[str]


class LabelledTable:
    """A table of postings with a column of labels, read as often as wanted, in parts.

    Attributes:
        label: name of the column of labels.
        unlabelled: how many rows have no label; known when `batches` has been read.
        unreadable: how many rows could not be read; known then, too.
    """

    def __init__(self, path: Path, layout: Layout = _AS_FOUND) -> None:
        """Open the table and find its columns.

        Raises:
            InputError: it cannot be read, a column is not there, or a name is one of both labels.
        """
        self.path = path
        self._reader = open_table(
            path, layout.encoding, layout.sheet, layout.text, layout.delimiter
        )
        names = self._reader.schema.names
        self._columns = find_columns(names, path, layout.title, layout.text)
        self._label = find_label(names, path, layout.label)
        self.label = names[self._label]
        self._names = LabelNames(layout)
        if layout.label is None and self.label in TAG_MARKS and set(TAG_MARKS) <= set(names):
            raise InputError(
                f"{path}: {self.label!r} holds what a model answered, not labels; name the column"
                " of labels with --label-column (this one, if people have corrected it)."
            )
        self._language = place_of(names, _LANGUAGE)
        self._isco = place_of(names, _ISCO)
        self.unlabelled = self.unreadable = 0

    def batches(self, unknown: Unknown | None = None) -> Iterator[LabelledRows]:
        """Yield the rows that have a label, in order.

        Args:
            unknown: told of each label that is neither front nor back, by the number of its row
                and in words; the row is left out.

        Raises:
            InputError: there is such a label, and nobody to tell; or no row has one.
        """
        self.unlabelled = self.unreadable = 0
        any_label = False
        for first, rows in self._read():
            wrong: set[int] = set()
            labels: list[bool | None] = []
            for at, cell in self._cells(rows, self._label):
                try:
                    labels.append(self._names.front(cell))
                except ValueError as label:
                    wrong.add(at)
                    labels.append(None)
                    self._tell(unknown, first + at, str(label))
            self.unreadable += len(rows.faults)
            self.unlabelled += sum(
                label is None and at not in rows.faults and at not in wrong
                for at, label in enumerate(labels)
            )
            held = [
                at for at, label in enumerate(labels)
                if label is not None and at not in rows.faults
            ]  # fmt: skip
            if held:
                any_label = True
                yield self._labelled(rows, first, held, labels)
        if not any_label:
            raise InputError(
                f"{self.path}: no row has a label in column {self.label!r}; write front or back"
                " there, or name another column with --label-column."
            )

    def postings(self, numbers: Collection[int]) -> dict[int, Posting]:
        """Return the postings of some rows by their numbers."""
        wanted, found = set(numbers), {}
        for first, rows in self._read():
            here = [number - first for number in wanted if 0 <= number - first < len(rows.cells)]
            if here:
                held = _at(rows.postings(*self._columns), here).to_pylist()
                for at, row in zip(here, held, strict=True):
                    found[first + at] = Posting(row["title"] or "", row["text"] or "")
        return found

    def _read(self) -> Iterator[tuple[int, Rows]]:
        """Yield the number of the first of some rows, and these."""
        first = self._reader.above + 1
        for rows in self._reader.batches(_ROWS):
            yield first, rows
            first += len(rows.cells)

    def _cells(self, rows: Rows, column: int | None) -> Iterator[tuple[int, str]]:
        if column is None:
            return iter(enumerate([""] * len(rows.cells)))
        return iter(enumerate(cell or "" for cell in readable(rows.text(column)).to_pylist()))

    def _tell(self, unknown: Unknown | None, number: int, shown: str) -> None:
        what = (
            f"column {self.label!r}: {shown} is no label; write front or back, leave the cell"
            " blank, or say what it stands for with --front or --back"
        )
        if unknown is None:
            raise InputError(f"{self.path}: row {number:,}, {what}.")
        unknown(number, what)

    def _labelled(
        self, rows: Rows, first: int, held: list[int], labels: list[bool | None]
    ) -> LabelledRows:
        languages = [cell for _, cell in self._cells(rows, self._language)]
        isco = [cell for _, cell in self._cells(rows, self._isco)]
        return LabelledRows(
            np.array(held) + first,
            _at(rows.postings(*self._columns), held),
            np.array([labels[at] for at in held], bool),
            [_language(languages[at]) for at in held],
            [_group(isco[at]) for at in held],
        )


def _at(postings: pa.RecordBatch, places: list[int]) -> pa.RecordBatch:
    """Return the postings at some places, with U+FFFD for what is no UTF-8 in a Parquet file."""
    held = postings.take(pa.array(places, pa.int64()))
    return pa.record_batch(list(map(readable, held.columns)), names=held.schema.names)


def _language(cell: str) -> str:
    # Not two words: "no sé" is no Norwegian.
    code = _LOCALE.fullmatch(cell.strip())
    name = normal(code[1] if code else cell)
    return _LANGUAGES.get(name, "other") if name else ""


def _group(cell: str) -> str:
    digits = cell.strip().removesuffix(".0")  # a number, where a spreadsheet took it for one
    return digits if digits.isascii() and digits.isdecimal() else ""
