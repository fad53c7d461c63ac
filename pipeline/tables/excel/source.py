"""A workbook that is open for reading: its sheets, and how large each is before it is loaded."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from xml.parsers import expat

from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from pipeline.posting import InputError
from pipeline.tables.excel.archive import Archive
from pipeline.tables.excel.book import Book
from pipeline.tables.excel.kinds import old_book
from pipeline.tables.excel.opendocument import is_opendocument, scans
from pipeline.tables.excel.scan import Scan, scan
from pipeline.tables.excel.shared import lengths, weight

#: calamine holds the whole rectangle that a sheet's cells span: so many, mostly empty, are 1 GB.
_MOST_CELLS, _LEAST_FILLED = 30_000_000, 20

#: Texts that cells share are copied for each of them: of a small file, not so often.
_MOST_TEXT, _FINE_TEXT, _MOST_TIMES = 8 * 2**30, 2**30, 200


class Source:
    """A workbook of any kind that is read.

    Attributes:
        path: the file.
        archive: its parts; None for an .xls.
        book: which parts are which; None for kinds that are not written back.
        sheets: names of the sheets with cells, and whether each is visible.

    Raises:
        InputError: it is no workbook, damaged, protected or dangerous.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.archive: Archive | None = None
        self.book: Book | None = None
        self._scans: dict[str, Scan] = {}
        self._lengths: array[int] | None = None
        old = old_book(path)
        if old:
            self._scans = old.scans
        else:
            self.archive = Archive(path)
            if is_opendocument(self.archive):
                self._scans = scans(self.archive)
            else:
                self.book = Book(self.archive)
        for name in self._scans:
            self.refuse_large(name)  # calamine loads all sheets when it opens an .xls or .ods
        kinds = (".xls",) if old else (".xlsx", ".xlsm") if self.book else (".ods",)
        try:
            # calamine goes by the name, if it is given one.
            with path.open("rb") as file, _silence():
                if path.suffix.lower() in kinds:
                    self._opened = CalamineWorkbook.from_path(path)
                else:
                    self._opened = CalamineWorkbook.from_filelike(file)
        except PasswordError as error:
            raise InputError(
                f"{path}: the file is password-protected; save a copy without a password."
            ) from error
        except BaseException as error:
            raise self.damaged(error) from error
        self.sheets = {
            each.name: str(each.visible).endswith(".Visible")
            for each in self._opened.sheets_metadata
            if each.typ == SheetTypeEnum.WorkSheet
        }
        if not self.sheets:
            raise InputError(f"{path}: the workbook has no sheet with cells.")

    def load(self, name: str) -> CalamineSheet:
        """Return a sheet with all its values in memory."""
        self.refuse_large(name)
        try:
            with _silence():
                return self._opened.get_sheet_by_name(name)
        except BaseException as error:
            raise self.damaged(error) from error

    def close(self) -> None:
        """Let go of the file and of the texts in it."""
        self._opened.close()

    def scanned(self, name: str) -> Scan | None:
        """Return what a sheet's XML says beside its values; None where nothing is known."""
        if name not in self._scans and self.book and self.archive:
            for sheet in self.book.sheets:
                if sheet.name == name:
                    try:
                        self._scans[name] = scan(self.archive.content(sheet.part))
                    except (expat.ExpatError, ValueError) as error:
                        raise self.damaged(error) from error
        return self._scans.get(name)

    def refuse_large(self, name: str) -> None:
        """Raise `InputError` where a sheet, small in the file, would fill the memory."""
        found = self.scanned(name)
        if not found or not found.area:
            return
        cells = found.area.right * found.area.bottom
        if cells > max(_MOST_CELLS, _LEAST_FILLED * found.filled):
            raise InputError(
                f"{self.path}: sheet {name!r} has a cell far from the rest ({found.far}; its last"
                f" row is {found.area.bottom:,}); delete what Ctrl+End shows in Excel and save it."
            )
        most = min(_MOST_TEXT, max(_FINE_TEXT, _MOST_TIMES * self.path.stat().st_size))
        if self._weight(name, found, most) > most:
            raise InputError(
                f"{self.path}: the cells of sheet {name!r} share long texts that come to more than"
                f" {most // 2**30} GB; do not trust it, ask the sender for another."
            )

    def _weight(self, name: str, found: Scan, most: int) -> int:
        """Return how many bytes the texts of a sheet come to, or some more."""
        if not self.book or not self.archive:
            return found.letters
        part = "xl/sharedStrings.xml"  # calamine looks nowhere else
        if part not in self.archive:
            return 0
        bound = found.shared * self.archive.entries[part].file_size
        if bound > most:
            if self._lengths is None:
                self._lengths = lengths(self.archive.content(part))
            bound = found.shared * max(self._lengths, default=0)
        if bound > most and self._lengths is not None:
            sheet = next(each.part for each in self.book.sheets if each.name == name)
            bound = weight(self.archive.content(sheet), self._lengths)
        return bound

    def damaged(self, error: BaseException) -> BaseException:
        """Return what to raise: calamine raises anything over a damaged file, panics included."""
        passed = (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError, InputError)
        if isinstance(error, passed):
            return error
        return InputError(
            f"{self.path}: not a readable {self.path.suffix.lower()}; open it in Excel and save it"
            " again."
        )


@contextmanager
def _silence() -> Iterator[None]:
    """Keep calamine's panics over damaged files from being printed; they are raised as well.

    They come from compiled code, which does not write to Python's ``sys.stderr``.
    """
    kept = -1
    with suppress(OSError):  # there may be no standard error
        kept = os.dup(2)
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 2)
        os.close(nothing)
    try:
        yield
    finally:
        if kept >= 0:
            os.dup2(kept, 2)
            os.close(kept)
