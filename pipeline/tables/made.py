"""A table that was made here, written as any kind of table that can be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from pipeline.output import appearing, claimed
from pipeline.tables import writer_for
from pipeline.tables.excel.cells import MAX_CELL, length
from pipeline.tables.rows import Reader, Rows

_ROWS = 1_000


class _Made(Reader):
    """Rows that stand in no file: the columns of a table but the last, which is for the writer."""

    def __init__(self, path: Path, table: pa.Table) -> None:
        super().__init__(path)
        names = table.schema.names
        self._table = table.select(names[:-1])
        self.added = table.select(names[-1:])
        self.schema, self.rows = self._table.schema, table.num_rows

    def batches(self, size: int) -> Iterator[Rows]:
        """Yield all rows in order, at most ``size`` at a time."""
        return map(Rows, self._table.to_batches(size))


def write_table(output: Path, table: pa.Table, replace: bool = False) -> None:
    """Write a table; the file appears whole or not at all. Texts are never formulas.

    Args:
        output: its suffix says of which kind.
        table: of two columns at least; no cell longer than Excel takes, if it is to be a workbook.
        replace: whether the file may take the place of another.

    Raises:
        OutputError: it cannot be written, or not as this kind.
    """
    make = writer_for(output, output)
    reader = _Made(output, table)
    with claimed(output), appearing(output, replace=replace) as temporary:
        writer = make(temporary, reader, reader.added.schema)
        try:
            batches = reader.batches(_ROWS), reader.added.to_batches(_ROWS)
            for rows, added in zip(*batches, strict=True):
                writer.write(rows, added)
            writer.close()
        except BaseException:
            writer.discard()
            raise


def fitting(text: str) -> str:
    """Return as much of a text as a cell of Excel takes, an ellipsis where it goes on."""
    if length(text) <= MAX_CELL:
        return text
    whole = text[: MAX_CELL - 1]
    return whole[: MAX_CELL - 1 - (length(whole) - len(whole))] + "…"
