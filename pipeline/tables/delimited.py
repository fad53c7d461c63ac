"""CSV and TSV, read: each row as it stands in the file, and what is odd about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

import pyarrow as pa

from pipeline.encoding import check_encoding, detect_file_encoding, has_misfits, mended
from pipeline.tables.dialect import (
    BOM,
    NO_DELIMITER,
    count_lines,
    delimiter_of,
    described,
    find_dialect,
    has_lone_returns,
    has_sep_line,
    line_end,
)
from pipeline.tables.formulas import is_formula
from pipeline.tables.records import Record, join, split, with_tail
from pipeline.tables.rows import Reader, Rows
from pipeline.tables.sightings import Sightings, header_notes

#: Bytes that are read at a time: many rows at once are tagged quicker, few large ones fit as well.
_BATCH_BYTES = 4_000_000
_BATCH_ROWS = 10_000


class DelimitedReader(Reader):
    """A CSV or TSV file: encoding, delimiter, header and newline are found out, not asked.

    Attributes:
        encoding: how its bytes are read.
        prefix: what stands before the header: BOM, ``sep=`` line, blank and title lines.
        delimiter: between the cells of the output too.
        header: names of the columns, "" for those that only some rows have.
        header_raw: the header as it stands in the file.
        width: cells of the widest row, the header included.
    """

    def __init__(
        self,
        path: Path,
        encoding: str | None = None,
        text_column: str | None = None,
        delimiter: str | None = None,
    ) -> None:
        super().__init__(path)
        self.encoding = check_encoding(path, encoding) if encoding else detect_file_encoding(path)
        # A file whose lines all end in a line feed is parted quicker.
        self._newline = "" if has_lone_returns(path) else "\n"
        given = delimiter_of(delimiter) if delimiter else None
        with self._open() as file:
            self.prefix, found = find_dialect(file, path, text_column, given)
        self._one_column = found is None
        self.delimiter = found or ","
        ends = self._survey()
        self.schema = pa.schema([pa.field(name, pa.string()) for name in self.header])
        bom = " with BOM" if self.prefix.startswith(BOM) else ""
        sep = ", with a sep= line" if has_sep_line(self.prefix) else ""
        self.described = f"{self.encoding.described}{bom}, {described(found)}{sep}{ends}"

    def _open(self) -> TextIO:
        name, errors = self.encoding
        return self.content.open(encoding=name, errors=errors, newline=self._newline)

    def _survey(self) -> str:
        """Read through once: how many rows, how wide, what is odd; return what its lines end in."""
        records = self._records()
        header = next(records)
        columns = len(header.cells)
        widths, ends = Counter({columns: 0}), Counter({line_end(header.raw): 1})
        ragged, unclosed, formulas = Sightings(), Sightings(), Sightings()
        misfits, may_misfit = Sightings(), self.encoding.errors != "strict"
        if header.unclosed:
            unclosed.add(header.line)
        for line, cells, raw, is_unclosed in records:
            widths[len(cells)] += 1
            ends[line_end(raw)] += 1
            if is_unclosed:
                unclosed.add(line)
            elif len(cells) != columns:
                ragged.add(line)
            for cell in cells:
                if is_formula(cell):
                    formulas.add(line)
            if may_misfit and has_misfits(raw):
                misfits.add(line)
        self.rows = widths.total()
        self.width = max(widths)
        self.header_padding = self.width - columns
        self.header = header.cells + [""] * self.header_padding
        self.header_raw = header.raw
        self.notes += header_notes(header.cells)
        self.notes += ragged.note("{} rows have more or fewer cells than the header ({}); kept")
        self.notes += unclosed.note(
            "{} lines open a quote that is never closed ({}); each is kept as a row, its quote as"
            " a character"
        )
        self.notes += misfits.note(
            f"{{}} rows have bytes that are not {self.encoding.described} ({{}}); the bytes are"
            " kept, and read as cp1252"
        )
        self.notes += formulas.note(
            "{} cells begin as formulas do ({}); a CSV keeps them as they are, so open it with care"
        )
        del ends[""]
        return f", {ends.popitem()[0]}" if len(ends) == 1 else ", mixed line ends" if ends else ""

    def _records(self) -> Iterator[Record]:
        """Yield the header, then the rows."""
        with self._open() as file:
            file.read(len(self.prefix))
            line = count_lines(self.prefix) + 1
            for record in split(file, NO_DELIMITER if self._one_column else self.delimiter, line):
                if self._one_column:
                    # Commas in it are no delimiters yet; with a second column they would be.
                    end = record.raw[len(record.raw.rstrip("\r\n")) :]
                    record = record._replace(raw=join(record.cells, self.delimiter) + end)
                yield record

    def batches(self, size: int) -> Iterator[Rows]:
        """Yield all rows in order, at most ``size`` at a time, or `_BATCH_BYTES` if more."""
        row = max(self.content.stat().st_size // max(self.rows, 1), 1)
        size = max(size, min(_BATCH_BYTES // row, _BATCH_ROWS))
        records = islice(self._records(), 1, None)
        while some := list(islice(records, size)):
            cells = [each.cells for each in some]
            raw = [each.raw for each in some]
            for at, row_cells in enumerate(cells):
                if missing := self.width - len(row_cells):
                    cells[at] = row_cells + [""] * missing
                    raw[at] = with_tail(raw[at], self.delimiter * missing)
            columns = [_array(column) for column in zip(*cells, strict=True)]
            yield Rows(pa.RecordBatch.from_arrays(columns, schema=self.schema), raw)


def _array(cells: tuple[str, ...]) -> pa.Array:
    try:
        return pa.array(cells, pa.string())
    except UnicodeEncodeError:
        return pa.array([mended(cell) for cell in cells], pa.string())
