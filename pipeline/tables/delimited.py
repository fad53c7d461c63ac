"""CSV and TSV, read: each row as it stands in the file, and what is odd about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

import pyarrow as pa

from pipeline.encoding import Encoding, check_encoding, detect_file_encoding, has_misfits, mended
from pipeline.tables.carrier import Carrier
from pipeline.tables.cells import is_proper
from pipeline.tables.dialect import (
    BOM,
    NO_DELIMITER,
    count_lines,
    delimiter_of,
    find_dialect,
    has_lone_returns,
    has_sep_line,
    line_end,
)
from pipeline.tables.form import Form
from pipeline.tables.formulas import is_formula
from pipeline.tables.records import Record, join, split, with_tail
from pipeline.tables.rows import Reader, Rows, at_a_time
from pipeline.tables.sightings import Sightings, header_notes

#: Characters that are parted into records at a time.
_PIECE = 1 << 18


class DelimitedReader(Reader):
    """A CSV or TSV file: encoding, delimiter, header and newline are found out, not asked.

    Attributes:
        carrier: how its text is carried to the output.
        prefix: what stands before the header: BOM, ``sep=`` line, blank and title lines.
        delimiter: between the cells of the output too.
        header: names of the columns, "" for those that only some rows have.
        header_raw: the header as it stands in the file, carried.
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
        found_encoding = check_encoding(path, encoding) if encoding else detect_file_encoding(path)
        # A BOM is kept as the first character of what stands before the header.
        name = found_encoding.name.replace("utf-8-sig", "utf-8")
        self.encoding = found_encoding._replace(name=name)
        self._lone_returns = has_lone_returns(path)
        given = delimiter_of(delimiter) if delimiter else None
        with self._open(self.encoding) as file:
            self.prefix, found = find_dialect(file, path, text_column, given, self._lone_returns)
        # A spreadsheet takes the line sep= for itself.
        self.above = count_lines(self.prefix) + 1 - has_sep_line(self.prefix)
        self._one_column = found is None
        self.delimiter = found or ","
        self.carrier = Carrier(self.encoding, self.delimiter)
        ends = self._survey()
        self.schema = pa.schema([pa.field(name, pa.string()) for name in self.header])
        self.form = (
            ("bom" if self.prefix.startswith(BOM) else "plain", self.encoding.described),
            ("separated", found) if found else ("one_column", ""),
            *([("sep_line", "")] if has_sep_line(self.prefix) else []),
            *ends,
        )

    def _open(self, encoding: Encoding) -> TextIO:
        name, errors = encoding
        return self.content.open(
            encoding=name, errors=errors, newline="" if self._lone_returns else "\n"
        )

    def _survey(self) -> Form:
        """Read through once: how many rows, how wide, what is odd; return what its lines end in."""
        records, text = self._records(), self.carrier.text
        header = next(records)
        columns = len(header.cells)
        widths, ends = Counter({columns: 0}), Counter({line_end(header.raw): 1})
        ragged, unclosed, formulas = Sightings(), Sightings(), Sightings()
        misfits, may_misfit = Sightings(), self.encoding.errors != "strict"
        if header.unclosed:
            unclosed.add(header.line)
        for line, cells, raw, _, is_unclosed in records:
            widths[len(cells)] += 1
            ends[line_end(raw)] += 1
            if is_unclosed:
                unclosed.add(line)
            elif len(cells) != columns:
                ragged.add(line)
            for cell in cells:
                # Most cells begin with a letter; is_formula would be asked millions of times.
                if (
                    cell
                    and not (cell[0].isascii() and cell[0].isalnum())
                    and is_formula(text(cell))
                ):
                    formulas.add(line)
            if may_misfit and has_misfits(text(raw)):
                misfits.add(line)
        self.rows = widths.total()
        self.width = max(widths)
        self.header_padding = self.width - columns
        names = [mended(text(cell)) for cell in header.cells]
        self.header = names + [""] * self.header_padding
        self.header_raw = header.raw
        self.notes += header_notes(names)
        self.notes += ragged.note("ragged")
        self.notes += unclosed.note("unclosed")
        self.notes += misfits.note("misfits", encoding=self.encoding.described)
        self.notes += formulas.note("formulas")
        del ends[""]
        if len(ends) == 1:
            return (("plain", ends.popitem()[0]),)
        return (("mixed_ends", ""),) if ends else ()

    def _records(self) -> Iterator[Record]:
        """Yield the header, then the rows."""
        with self._open(self.carrier.carried) as file:
            file.read(len(self.carrier.carry(self.prefix)))
            line = count_lines(self.prefix) + 1
            pieces = iter(lambda: file.read(_PIECE), "")
            delimiter = NO_DELIMITER if self._one_column else self.delimiter
            for record in split(pieces, delimiter, line, lone_returns=self._lone_returns):
                if self._one_column:
                    # Commas in it are no delimiters yet; with a second column they would be.
                    end = record.raw[len(record.raw.rstrip("\r\n")) :]
                    record = record._replace(raw=join(record.cells, self.delimiter) + end)
                yield record

    def _steady(self, record: Record) -> str:
        """Return a record as it stands; anew where more cells behind it would part it elsewhere.

        Of a ragged record with a quote out of place, the second line may then be as wide as the
        header, which is how a quote that is never closed is known.
        """
        columns = self.width - self.header_padding
        if (
            record.lines == 1
            or len(record.cells) == columns
            or is_proper(record.raw, self.delimiter)
        ):
            return record.raw
        body = record.raw.rstrip("\r\n")
        return join(record.cells, self.delimiter) + record.raw[len(body) :]

    def batches(self, size: int) -> Iterator[Rows]:
        """Yield all rows in order, at most ``size`` or `at_a_time` at once."""
        size, records = at_a_time(size, self), islice(self._records(), 1, None)
        while some := list(islice(records, size)):
            cells = [each.cells for each in some]
            raw = [each.raw for each in some]
            for at, record in enumerate(some):
                missing = self.width - len(record.cells)
                if missing or self.header_padding:
                    cells[at] = record.cells + [""] * missing
                    raw[at] = with_tail(self._steady(record), self.delimiter * missing)
            columns = [self.carrier.array(column) for column in zip(*cells, strict=True)]
            yield Rows(pa.RecordBatch.from_arrays(columns, schema=self.schema), raw)
