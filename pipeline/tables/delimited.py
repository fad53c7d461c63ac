"""CSV and TSV: each row comes back character for character, the new cells behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TextIO

import pyarrow as pa

from pipeline.encoding import check_encoding, detect_file_encoding
from pipeline.tables.dialect import BOM, DELIMITERS, NO_DELIMITER, find_dialect
from pipeline.tables.records import Record, join, split, with_tail
from pipeline.tables.rows import Reader, Rows, Writer, as_text

_LINES_TOLD = 3


class DelimitedReader(Reader):
    """A CSV or TSV file: encoding, delimiter, header and newline are found out, not asked.

    Attributes:
        prefix: what stands before the header: BOM, ``sep=`` line, blank and title lines.
        delimiter: between the cells of the output too.
        width: cells of the widest row, the header included.
    """

    def __init__(
        self, path: Path, encoding: str | None = None, text_column: str | None = None
    ) -> None:
        super().__init__(path)
        self.encoding = check_encoding(path, encoding) if encoding else detect_file_encoding(path)
        with self._open() as file:
            self.prefix, found = find_dialect(file, path, text_column)
        self._one_column = found is None
        self.delimiter = found or ","
        self._survey()
        self.schema = pa.schema([pa.field(name, pa.string()) for name in self.header])
        bom = " with BOM" if self.prefix.startswith(BOM) else ""
        form = "one column" if self._one_column else f"{_name(self.delimiter)}-separated"
        self.described = f"{self.encoding}{bom}, {form}"

    def _open(self) -> TextIO:
        return self.path.open(encoding=self.encoding, newline="")

    def _survey(self) -> None:
        """Read through once: how many rows, how wide, what is odd."""
        records = self._records()
        header = next(records)
        widths = Counter({len(header.cells): 0})
        ragged: list[int] = []
        unclosed = [header.line] if header.unclosed else []
        for record in records:
            widths[len(record.cells)] += 1
            if record.unclosed:
                unclosed.append(record.line)
            elif len(record.cells) != len(header.cells):
                ragged.append(record.line)
        self.rows = widths.total()
        self.width = max(widths)
        self.header_padding = self.width - len(header.cells)
        self.header = header.cells + [""] * self.header_padding
        self.header_raw = header.raw
        if ragged:
            self.notes.append(
                f"{len(ragged):,} rows have more or fewer cells than the header (lines"
                f" {_first(ragged)}); kept"
            )
        if unclosed:
            self.notes.append(
                f"{len(unclosed):,} lines open a quote that is never closed (lines"
                f" {_first(unclosed)}); each is kept as a row, its quote as a character"
            )

    def _records(self) -> Iterator[Record]:
        """Yield the header, then the rows."""
        with self._open() as file:
            file.read(len(self.prefix))
            line = self.prefix.count("\n") + 1
            for record in split(file, NO_DELIMITER if self._one_column else self.delimiter, line):
                if self._one_column:
                    # Commas in it are no delimiters yet; with a second column they would be.
                    end = record.raw[len(record.raw.rstrip("\r\n")) :]
                    record = record._replace(raw=join(record.cells, self.delimiter) + end)
                yield record

    def batches(self, size: int) -> Iterator[Rows]:
        """Yield all rows in order, at most ``size`` at a time."""
        records = islice(self._records(), 1, None)
        while some := list(islice(records, size)):
            padded = [each.cells + [""] * (self.width - len(each.cells)) for each in some]
            columns = [pa.array(column, pa.string()) for column in zip(*padded, strict=True)]
            batch = pa.RecordBatch.from_arrays(columns, schema=self.schema)
            raw = [
                with_tail(each.raw, self.delimiter * (self.width - len(each.cells)))
                for each in some
            ]
            yield Rows(batch, raw)


def _name(delimiter: str) -> str:
    return DELIMITERS.get(delimiter, repr(delimiter))


def _first(lines: Sequence[int]) -> str:
    shown = ", ".join(str(line) for line in lines[:_LINES_TOLD])
    return shown + (" …" if len(lines) > _LINES_TOLD else "")


class DelimitedWriter(Writer):
    """Writes CSV or TSV: in the input's dialect where the input is of the same kind."""

    def __init__(self, path: Path, reader: Reader, added: pa.Schema) -> None:
        suffix = path.suffix.lower()
        self._same = (
            reader
            if isinstance(reader, DelimitedReader) and reader.path.suffix.lower() == suffix
            else None
        )
        self._delimiter = "\t" if suffix == ".tsv" else ","
        encoding, self._newline = "utf-8", "\r\n"
        if self._same:
            encoding, self._delimiter = self._same.encoding, self._same.delimiter
        self._file = path.open("w", encoding=encoding, newline="")
        if self._same:
            self._file.write(self._same.prefix)
            padding = self._delimiter * self._same.header_padding
            self._write_behind(with_tail(self._same.header_raw, padding), added.names)
        else:
            self._write_line([*reader.schema.names, *added.names])

    def write(self, rows: Rows, added: pa.RecordBatch) -> None:
        """Write some rows, the added columns behind the input's."""
        new = list(zip(*(as_text(column) for column in added.columns), strict=True))
        if self._same:
            for raw, cells in zip(rows.raw, new, strict=True):
                self._write_behind(raw, cells)
            return
        old = zip(*(as_text(column) for column in rows.cells.columns), strict=True)
        for before, after in zip(old, new, strict=True):
            self._write_line([*before, *after])

    def _write_behind(self, raw: str, cells: Sequence[str | None]) -> None:
        self._file.write(with_tail(raw, self._delimiter + join(cells, self._delimiter)))

    def _write_line(self, cells: Sequence[str | None]) -> None:
        self._file.write(join(cells, self._delimiter) + self._newline)

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def discard(self) -> None:
        """Let go of the file, unfinished; never raises."""
        with suppress(OSError):
            self._file.close()
