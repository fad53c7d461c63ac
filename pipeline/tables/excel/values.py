"""A sheet's cells as Arrow columns, each in the one type that its values share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

import pyarrow as pa
from python_calamine import CalamineSheet

from pipeline.tables.rows import as_text, plain

_ROWS_AT_ONCE = 2_000
_TYPES = {
    bool: pa.bool_(), str: pa.string(), date: pa.date32(), datetime: pa.timestamp("us"),
    time: pa.time64("us"), timedelta: pa.duration("us"),
}  # fmt: skip

Errors = Mapping[int, Mapping[int, str]]


class Table:
    """Columns of a sheet.

    Attributes:
        schema: names as in the header, twice or blank where they are.
        rows: how many there are.
    """

    def __init__(self, names: Sequence[str], columns: Sequence[pa.ChunkedArray]) -> None:
        self.schema = pa.schema(
            [pa.field(name, column.type) for name, column in zip(names, columns, strict=True)]
        )
        self.rows = len(columns[0]) if columns else 0
        self._columns = columns

    def batch(self, start: int, size: int) -> pa.RecordBatch:
        """Return at most ``size`` rows from the given one on."""
        pieces = [column.slice(start, size).combine_chunks() for column in self._columns]
        return pa.RecordBatch.from_arrays(pieces, schema=self.schema)


def read(sheet: CalamineSheet, header_row: int, last: int | None, errors: Errors) -> Table:
    """Return what stands below the header.

    Args:
        sheet: as calamine holds it.
        header_row: its number, from 1.
        last: number of the last row that belongs to the table; None where all do.
        errors: what cells with an error say, by numbers of row and column; calamine
            leaves them out.
    """
    offset = sheet.start[1] if sheet.start else 0
    rows = islice(sheet.iter_rows(), header_row - 1, last)
    header: list[Any] = [""] * offset + next(rows, [])
    for place, error in errors.get(header_row, {}).items():
        header[place - 1 : place] = [error]
    names = ["" if name is None else str(_whole(name)) for name in header]
    parts: list[list[pa.Array]] = [[] for _ in names]
    full = 0  # rows up to the last that is not blank
    done = 0
    for chunk in _chunks(rows, errors, header_row + 1, offset):
        blank = [""] * len(chunk[0])
        filled = [number for number, row in enumerate(chunk, 1) if row != blank]
        full = done + filled[-1] if filled else full
        done += len(chunk)
        for part, column in zip(parts[offset:], zip(*chunk, strict=True), strict=True):
            part.append(_array(column))
        for part in parts[:offset]:
            part.append(pa.nulls(len(chunk)))
    columns = [_joined(part).slice(0, full) for part in parts]
    while names and not names[-1] and columns[-1].null_count == len(columns[-1]):
        names.pop()
        columns.pop()
    return Table(names, columns)


def _chunks(
    rows: Iterator[list[Any]], errors: Errors, number: int, offset: int
) -> Iterator[list[list[Any]]]:
    while chunk := list(islice(rows, _ROWS_AT_ONCE)):
        if errors:
            for row, cells in enumerate(chunk, number):
                for place, error in errors.get(row, {}).items():
                    if 0 <= place - 1 - offset < len(cells):
                        cells[place - 1 - offset] = error
        number += len(chunk)
        yield chunk


def _whole(value: Any) -> Any:
    """Return a number without decimals as one: sheets know no other numbers than float."""
    if type(value) is float and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def _array(cells: Sequence[Any]) -> pa.Array:
    """Return cells in the type that they share; text where they differ."""
    values = [None if cell == "" else cell for cell in cells]
    kinds = {type(value) for value in values} - {type(None)}
    if not kinds:
        return pa.nulls(len(values))
    if kinds <= {int, float}:
        whole = [_whole(value) for value in values]
        if all(value is None or type(value) is int for value in whole):
            return pa.array(whole, pa.int64())
        return pa.array(values, pa.float64())
    if kinds == {date, datetime}:
        values = [_moment(value) for value in values]
        return pa.array(values, _TYPES[datetime])
    (kind, *others) = kinds
    if not others and kind in _TYPES:
        return pa.array(values, _TYPES[kind])
    return pa.array([plain(_whole(value)) for value in values], pa.string())


def _moment(value: Any) -> Any:
    """Return a day as its first moment: a time of midnight is read as a day."""
    return datetime.combine(value, time()) if type(value) is date else value


def _joined(parts: Sequence[pa.Array]) -> pa.ChunkedArray:
    """Return pieces of a column as one, in a type that holds them all."""
    kinds = {part.type for part in parts} - {pa.null()}
    if not kinds:
        kind = pa.string()
    elif len(kinds) == 1:
        (kind,) = kinds
    elif kinds == {pa.int64(), pa.float64()}:
        kind = pa.float64()
    elif kinds == {pa.date32(), pa.timestamp("us")}:
        kind = pa.timestamp("us")
    else:
        texts = [pa.array(as_text(part), pa.string()) for part in parts]
        return pa.chunked_array(texts, pa.string())
    return pa.chunked_array([part.cast(kind) for part in parts], kind)
