"""CSV and TSV, written: in the input's own dialect, or anew."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pyarrow as pa

from pipeline.tables.cells import replace_cells
from pipeline.tables.delimited import DelimitedReader
from pipeline.tables.formulas import make_safe
from pipeline.tables.records import join, with_tail
from pipeline.tables.rows import Places, Reader, Rows, Writer, as_text

_NO_TEXT = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean,
            pa.types.is_temporal)  # fmt: skip


def delimited_writer(
    path: Path, reader: Reader, added: pa.Schema, kind: str = ".csv", raw_formulas: bool = False
) -> Writer:
    """Return a writer of CSV or TSV: in the input's dialect where the input is of the same kind.

    Args:
        path: the file.
        reader: of the input.
        added: the added columns.
        kind: ``.csv`` or ``.tsv``.
        raw_formulas: whether texts that begin as formulas do are written as they are.
    """
    if isinstance(reader, DelimitedReader) and reader.content.suffix.lower() == kind:
        return _SameDialect(path, reader, added, raw_formulas)
    return _NewDialect(path, reader, added, "\t" if kind == ".tsv" else ",", raw_formulas)


class _Delimited(Writer):
    """What both have in common: a file of text, and how a value is written into it."""

    def __init__(self, path: Path, raw_formulas: bool, encoding: str, errors: str) -> None:
        self._file = path.open("w", encoding=encoding, errors=errors, newline="")
        self._raw_formulas = raw_formulas
        self._decimal_comma = False

    def _names(self, names: Sequence[str]) -> list[str]:
        return list(names if self._raw_formulas else map(make_safe, names))

    def _texts(self, column: pa.Array) -> list[str]:
        """Return the cells of a column as they are written, not yet quoted."""
        cells = [cell or "" for cell in as_text(column)]
        if self._decimal_comma and pa.types.is_floating(column.type):
            return [cell.replace(".", ",") for cell in cells]
        if self._raw_formulas or any(kind(column.type) for kind in _NO_TEXT):
            return cells
        return list(map(make_safe, cells))

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def discard(self) -> None:
        """Let go of the file, unfinished; never raises."""
        with suppress(OSError):
            self._file.close()


class _SameDialect(_Delimited):
    """Each row comes back character for character, but for the cells that are replaced."""

    def __init__(
        self, path: Path, reader: DelimitedReader, added: pa.Schema, raw_formulas: bool
    ) -> None:
        super().__init__(path, raw_formulas, *reader.carrier.carried)
        self._carry = reader.carrier.carry
        self._delimiter = reader.delimiter
        # Excel parts cells with a semicolon where the comma is the decimal sign.
        self._decimal_comma = reader.delimiter == ";"
        self._places = Places.of(reader.schema.names, added.names)
        self._file.write(self._carry(reader.prefix))
        header = with_tail(reader.header_raw, self._delimiter * reader.header_padding)
        names = self._names([added.names[at] for at in self._places.behind])
        self._file.write(with_tail(header, self._tail(names)))

    def write(self, rows: Rows, added: pa.RecordBatch) -> None:
        """Write some rows with their added columns."""
        new = [self._texts(column) for column in added.columns]
        old: Sequence[str] = rows.raw
        if self._places.replaced:
            old = [self._with_replaced(raw, row, new) for row, raw in enumerate(old)]
        behind = [new[at] for at in self._places.behind]
        if behind:
            tails = map(self._tail, zip(*behind, strict=True))
            old = list(map(with_tail, old, tails))
        self._file.write("".join(old))

    def _with_replaced(self, raw: str, row: int, new: Sequence[Sequence[str]]) -> str:
        cells = {place: new[at][row] for place, at in self._places.replaced.items()}
        written = {place: self._tail([cell])[1:] for place, cell in cells.items()}
        return replace_cells(raw, self._delimiter, written)

    def _tail(self, cells: Sequence[str]) -> str:
        """Return cells as they stand behind others: quoted where they must be."""
        tail = self._carry(self._delimiter.join(["", *cells]))
        if tail.count(self._delimiter) == len(cells) and not any(c in tail for c in '"\r\n'):
            return tail
        return self._delimiter + self._carry(join(["", *cells], self._delimiter)[1:])


class _NewDialect(_Delimited):
    """UTF-8, commas or tabs, and texts that a spreadsheet could run made safe."""

    def __init__(
        self, path: Path, reader: Reader, added: pa.Schema, delimiter: str, raw_formulas: bool
    ) -> None:
        super().__init__(path, raw_formulas, "utf-8", "strict")
        self._rows = csv.writer(self._file, delimiter=delimiter, lineterminator="\r\n")
        self._places = Places.of(reader.schema.names, added.names)
        self._rows.writerow(self._names(self._places.merge(reader.schema.names, added.names)))

    def write(self, rows: Rows, added: pa.RecordBatch) -> None:
        """Write some rows with their added columns."""
        columns = self._places.merge(rows.cells.columns, added.columns)
        self._rows.writerows(zip(*map(self._texts, columns), strict=True))
