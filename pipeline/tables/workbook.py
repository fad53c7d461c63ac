"""Workbooks (.xlsx, .xlsm, .xls, .ods), read: the sheet that has a table of postings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

from pipeline.tables.excel.archive import Archive
from pipeline.tables.excel.book import Book, Sheet
from pipeline.tables.excel.choice import choose
from pipeline.tables.excel.scan import Scan
from pipeline.tables.excel.source import Source
from pipeline.tables.excel.surroundings import ListTable, tables_of
from pipeline.tables.excel.values import read
from pipeline.tables.rows import Reader, Rows
from pipeline.wording import words


class Place(NamedTuple):
    """Where in a package a table lies, for those who write it back.

    Attributes:
        styles: the part with the formats of cells; empty where there is none.
        tables: what Excel calls tables, on this sheet.
        table: the one of them whose header is the header.
    """

    archive: Archive
    book: Book
    sheet: Sheet
    scan: Scan
    styles: str
    tables: list[ListTable]
    table: ListTable | None


class WorkbookReader(Reader):
    """The sheet of a workbook that has a table of postings.

    Attributes:
        place: where it lies; None for kinds that are not written back.
        header_row: number of the row with the column names, from 1.
        width: number of columns, from the sheet's first.
        macros: whether the workbook may hold macros.
    """

    def __init__(
        self, path: Path, sheet: str | None = None, text_column: str | None = None
    ) -> None:
        super().__init__(path)
        source = Source(path)
        self.macros = bool(source.book and source.book.macros)
        name, values, self.header_row, others = choose(source, sheet, text_column)
        self.above = self.header_row
        self.form = (("sheet", repr(name)),)
        if others:
            named = ", ".join(map(repr, others))
            self.notes.append(words()("tables.note.sheets", sheet=repr(name), others=named))
        self.place = self._place(source, name)
        last = None
        if self.place:
            self._note(self.place)
            if (table := self.place.table) and table.totals:
                last = table.covered.bottom - table.totals
        scan = source.scanned(name)
        source.close()
        try:
            self._table = read(values, self.header_row, last, scan.errors if scan else {})
        except BaseException as error:
            raise source.damaged(error) from error
        self.schema, self.rows = self._table.schema, self._table.rows
        self.width = len(self.schema)

    def _place(self, source: Source, name: str) -> Place | None:
        archive, book, scan = source.archive, source.book, source.scanned(name)
        if not archive or not book or not scan:
            return None
        sheet = next(each for each in book.sheets if each.name == name)
        try:
            tables = tables_of(archive, book, sheet, scan)
            related = book.relations(book.main)
        except (expat.ExpatError, ValueError, KeyError) as error:
            raise source.damaged(error) from error
        styles = [each.part for each in related if each.kind == "styles" and each.part in archive]
        over = [each for each in tables if each.header and each.covered.top == self.header_row]
        table = max(over, key=lambda each: each.covered.right, default=None)
        return Place(archive, book, sheet, scan, styles[0] if styles else "", tables, table)

    def _note(self, place: Place) -> None:
        formulas = place.scan.blank_formulas.items()
        blank = sum(count for row, count in formulas if row >= self.header_row)
        if blank:
            self.notes.append(words()("tables.note.uncomputed", cells=blank))
        if any(name.startswith("_xmlsignatures/") for name in place.archive.entries):
            self.notes.append(words()("tables.note.signed"))

    def batches(self, size: int) -> Iterator[Rows]:
        """Yield all rows in order, at most ``size`` at a time."""
        for start in range(0, self.rows, size):
            yield Rows(self._table.batch(start, size))
