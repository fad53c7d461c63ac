"""Workbooks (.xlsx, .xlsm, .xls, .ods), read: which sheet and row the table begins in, its cells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

import pyarrow as pa
from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from pipeline.posting import InputError
from pipeline.tables.columns import find_header
from pipeline.tables.excel.archive import Archive
from pipeline.tables.excel.book import Book, Sheet
from pipeline.tables.excel.kinds import is_old_book
from pipeline.tables.excel.opendocument import is_opendocument, scans
from pipeline.tables.excel.scan import Scan, scan
from pipeline.tables.excel.surroundings import ListTable, tables_of
from pipeline.tables.excel.values import Table, read
from pipeline.tables.rows import Reader, Rows

_SEARCHED_ROWS = 50
#: calamine holds the whole rectangle that a sheet's cells span: so many cells, if mostly empty,
#: are about 1 GB.
_MOST_CELLS, _LEAST_FILLED = 30_000_000, 20


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
        place: where it lies; None for kinds that cannot be written back.
        header_row: number of the row with the column names, from 1.
        width: number of columns, from the sheet's first.
        macros: whether the workbook may hold macros.
    """

    place: Place | None = None

    def __init__(
        self, path: Path, sheet: str | None = None, text_column: str | None = None
    ) -> None:
        super().__init__(path)
        self._archive: Archive | None = None
        self._book: Book | None = None
        self._opendocument: dict[str, Scan] = {}
        if not is_old_book(path):
            self._archive = Archive(path)
            if is_opendocument(self._archive):
                self._opendocument = scans(self._archive)
            else:
                self._book = Book(self._archive)
        self.macros = bool(self._book and self._book.macros)
        name, found, header = self._find_table(sheet, text_column)
        self.described = f"sheet {name!r}"
        self.header_row = header + 1
        self._read(name, found)
        self._note_signature()

    def _open(self) -> CalamineWorkbook:
        try:
            return CalamineWorkbook.from_path(self.path)
        except PasswordError as error:
            raise InputError(
                f"{self.path}: the file is password-protected; save a copy without a password."
            ) from error
        except BaseException as error:
            raise self._damaged(error) from error

    def _damaged(self, error: BaseException) -> BaseException:
        """Return what to raise: calamine raises anything over a damaged file, panics included."""
        if isinstance(error, (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError)):
            return error
        return InputError(
            f"{self.path}: not a readable {self.path.suffix.lower()}; open it in Excel and save it"
            " again."
        )

    def _find_table(
        self, wanted: str | None, text_column: str | None
    ) -> tuple[str, CalamineSheet, int]:
        """Return the sheet, and row in it from 0, that looks most like a header of postings."""
        with self._open() as book:
            every = [each for each in book.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet]
            if not every:
                raise InputError(f"{self.path}: the workbook has no sheet with cells.")
            sheets = every
            if wanted is not None:
                sheets = [each for each in every if each.name.casefold() == wanted.casefold()]
            if not sheets:
                there = ", ".join(repr(each.name) for each in every)
                raise InputError(f"{self.path}: there is no sheet {wanted!r}; there are: {there}.")
            best: tuple[tuple[int, int], str, CalamineSheet, int] | None = None
            sure: list[tuple[str, int]] = []
            refusal: InputError | None = None
            for each in sheets:
                try:
                    self._refuse_far(each.name)
                except InputError as far:
                    refusal = refusal or far
                    continue
                try:
                    sheet = book.get_sheet_by_name(each.name)
                    top = sheet.to_python(skip_empty_area=False, nrows=_SEARCHED_ROWS)
                except BaseException as error:
                    raise self._damaged(error) from error
                cells = [[None if cell == "" else cell for cell in row] for row in top]
                header, certain = find_header(cells, text_column)
                if not any(cell is not None for row in cells for cell in row):
                    certain = -1  # a sheet with nothing in it is the last to be taken
                sure.append((each.name, certain))
                # The surest first; a hidden sheet only where no visible one will do.
                shown = str(each.visible).endswith("Visible")
                rank = ((certain > 0) * 2 + shown, certain)
                if best is None or rank > best[0]:
                    best = rank, each.name, sheet, header
        if best is None:
            assert refusal is not None
            raise refusal
        (_, certain), name, sheet, header = best
        others = [repr(each) for each, at in sure if at == certain == 2 and each != name]
        if others:
            self.notes.append(
                f"only sheet {name!r} is read; {', '.join(others)} could be postings too: choose"
                " with --sheet"
            )
        if certain < 0:
            raise InputError(f"{self.path}: there is no cell with anything in it; export it again.")
        return name, sheet, header

    def _refuse_far(self, name: str) -> None:
        """Raise `InputError` where a sheet's few cells lie so far apart that they fill memory."""
        found = self._scan(name)
        if not found or not found.area:
            return
        cells = found.area.right * found.area.bottom
        if cells > max(_MOST_CELLS, _LEAST_FILLED * found.filled):
            raise InputError(
                f"{self.path}: sheet {name!r} has a cell far from the rest ({found.far}; its last"
                f" row is {found.area.bottom:,}); delete what Ctrl+End shows in Excel and save it."
            )

    def _scan(self, name: str) -> Scan | None:
        if not self._book or not self._archive:
            return self._opendocument.get(name)
        known = self._scans = getattr(self, "_scans", {})
        if name not in known:
            sheet = next((each for each in self._book.sheets if each.name == name), None)
            if sheet is None:
                return None
            try:
                known[name] = scan(self._archive.content(sheet.part))
            except (expat.ExpatError, ValueError) as error:
                raise self._damaged(error) from error
        return known[name]

    def _read(self, name: str, sheet: CalamineSheet) -> None:
        found = self._scan(name)
        last = None
        if self._book and self._archive and found:
            place = self._place(self._archive, self._book, name, found)
            self.place = place
            self._note_formulas(found)
            if place.table and place.table.totals:
                last = place.table.covered.bottom - place.table.totals
        try:
            table = read(sheet, self.header_row, last, found.errors if found else {})
        except BaseException as error:
            raise self._damaged(error) from error
        self._table: Table = table
        self.schema, self.rows, self.width = table.schema, table.rows, len(table.schema)

    def _place(self, archive: Archive, book: Book, name: str, found: Scan) -> Place:
        sheet = next(each for each in book.sheets if each.name == name)
        try:
            tables = tables_of(archive, book, sheet, found)
            related = book.relations(book.main)
        except (expat.ExpatError, ValueError, KeyError) as error:
            raise self._damaged(error) from error
        styles = [each.part for each in related if each.kind == "styles" and each.part in archive]
        over = [each for each in tables if each.header and each.covered.top == self.header_row]
        return Place(
            archive, book, sheet, found, styles[0] if styles else "", tables,
            over[0] if over else None,
        )  # fmt: skip

    def _note_formulas(self, found: Scan) -> None:
        blank = sum(count for row, count in found.blank_formulas.items() if row >= self.header_row)
        if blank:
            self.notes.append(
                f"{blank:,} cells have formulas without a result, which read as empty; open the"
                " workbook in Excel and save it to have them computed"
            )

    def _note_signature(self) -> None:
        if self._archive and any(
            each.startswith("_xmlsignatures/") for each in self._archive.entries
        ):
            self.notes.append(
                "the workbook is digitally signed; the signature does not hold for a copy with tags"
            )

    def batches(self, size: int) -> Iterator[Rows]:
        """Yield all rows in order, at most ``size`` at a time."""
        for start in range(0, self.rows, size):
            yield Rows(self._table.batch(start, size))
