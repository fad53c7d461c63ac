"""CSV and TSV: each row comes back character for character, the new cells behind it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

import pyarrow as pa

from pipeline.encoding import check_encoding, detect_encoding
from pipeline.posting import InputError
from pipeline.tables.rows import Reader, Rows, Writer, as_text

_DELIMITERS = ",;\t|"
_SAMPLE_RECORDS = 100
_BOM = "\ufeff"
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}

# One cell may hold a whole report; the module's own limit is 131,072 characters.
csv.field_size_limit(2**31 - 1)


class DelimitedReader(Reader):
    """A CSV or TSV file: encoding, delimiter and newline are found out, not asked.

    Attributes:
        prefix: what stands before the header: BOM, ``sep=`` line, blank lines.
        width: cells of the widest row, the header included.
        ragged: line numbers of the first rows that have more or fewer cells than the header.
    """

    def __init__(self, path: Path, encoding: str | None = None) -> None:
        self.path = path
        self.encoding = check_encoding(path, encoding) if encoding else detect_encoding(path)
        with self._open() as file:
            self.prefix, self.delimiter = self._find_delimiter(file)
        self._survey()
        self.schema = pa.schema([pa.field(name, pa.string()) for name in self.header])
        bom = " with BOM" if self.prefix.startswith(_BOM) else ""
        self.described = f"{self.encoding}{bom}, {_NAMES[self.delimiter]}-separated"

    def _open(self) -> TextIO:
        return self.path.open(encoding=self.encoding, newline="")

    def _find_delimiter(self, file: TextIO) -> tuple[str, str]:
        prefix, declared = "", ""
        for line in file:
            bare = line.lstrip(_BOM).strip()
            if bare.lower().startswith("sep=") and len(bare) == 5:
                declared = bare[4]
            elif bare:
                start = line[: len(line) - len(line.lstrip(_BOM))]
                sample = chain([line.lstrip(_BOM)], file)
                found = declared or ("\t" if self.path.suffix.lower() == ".tsv" else "")
                return prefix + start, found or _likeliest_delimiter(sample)
            prefix += line
        raise InputError(f"{self.path}: there is nothing in it but blank lines; export it again.")

    def _survey(self) -> None:
        """Read through once: how many rows, how wide, which line ends."""
        records = self._records()
        _, header, self.header_raw = next(records)
        widths = Counter({len(header): 0})
        self.ragged: list[int] = []
        for line, cells, _ in records:
            widths[len(cells)] += 1
            if len(cells) != len(header) and len(self.ragged) < 3:
                self.ragged.append(line)
        self.rows = widths.total()
        self.width = max(widths)
        self.header_padding = self.width - len(header)
        self.header = header + [""] * self.header_padding

    def _records(self) -> Iterator[tuple[int, list[str], str]]:
        """Yield line number, cells, and the record as it stands, blank lines after it included."""
        with self._open() as file:
            file.read(len(self.prefix))
            taken: list[str] = []

            def tap() -> Iterator[str]:
                for line in file:
                    taken.append(line)
                    yield line

            held: tuple[int, list[str], str] | None = None
            line = self.prefix.count("\n") + 1
            for cells in csv.reader(tap(), delimiter=self.delimiter):
                raw, lines = "".join(taken), len(taken)
                taken.clear()
                if not cells and held:
                    held = (held[0], held[1], held[2] + raw)
                else:
                    if held:
                        yield held
                    held = (line, cells, raw)
                line += lines
            if held:
                yield held

    def batches(self, size: int) -> Iterator[Rows]:
        """Yield all rows in order, at most ``size`` at a time."""
        records = islice(self._records(), 1, None)
        while some := list(islice(records, size)):
            padded = [cells + [""] * (self.width - len(cells)) for _, cells, _ in some]
            columns = [pa.array(column, pa.string()) for column in zip(*padded, strict=True)]
            batch = pa.RecordBatch.from_arrays(columns, schema=self.schema)
            raw = [_with_tail(r, self.delimiter * (self.width - len(c))) for _, c, r in some]
            yield Rows(batch, raw)


def _likeliest_delimiter(lines: Iterator[str]) -> str:
    """Return the delimiter that makes the rows as wide as the header, and wide."""
    sample = list(islice(lines, 5 * _SAMPLE_RECORDS))
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        records = [r for r in islice(csv.reader(sample, delimiter=delimiter), 100) if r]
        width = len(records[0]) if records else 0
        alike = sum(len(record) == width for record in records) / max(len(records), 1)
        if width > 1 and alike * width > best_score:
            best, best_score = delimiter, alike * width
    return best


def _with_tail(raw: str, added: str) -> str:
    """Put ``added`` behind the record and before its line end."""
    body = raw.rstrip("\r\n")
    return body + added + raw[len(body) :]


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
            self._write_behind(_with_tail(self._same.header_raw, padding), added.names)
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
        self._file.write(_with_tail(raw, self._delimiter + self._joined(cells)))

    def _write_line(self, cells: Sequence[str | None]) -> None:
        self._file.write(self._joined(cells) + self._newline)

    def _joined(self, cells: Sequence[str | None]) -> str:
        text = io.StringIO()
        # With an empty lineterminator the module would leave line feeds unquoted.
        csv.writer(text, delimiter=self._delimiter, lineterminator="\r\n").writerow(cells)
        return text.getvalue().removesuffix("\r\n")

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def discard(self) -> None:
        """Let go of the file, unfinished; never raises."""
        with suppress(OSError):
            self._file.close()
