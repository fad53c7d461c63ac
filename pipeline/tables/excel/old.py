"""Workbooks of Excel 97 to 2003 (.xls): how large their sheets are, and whether they are locked."""

from __future__ import annotations

import struct

from pipeline.tables.excel.compound import Compound
from pipeline.tables.excel.places import Area, letters
from pipeline.tables.excel.scan import Scan

_BEGIN, _SHEET, _LOCK = 0x0809, 0x0085, 0x002F
# Records of one cell with a value; all begin with row and column. Blank cells are not among them.
_CELLS = {0x0006, 0x0203, 0x0204, 0x0205, 0x00D6, 0x00FD, 0x027E}
_MANY = 0x00BD  # numbers side by side; the last column is at its end


class OldBook:
    """What an .xls says of itself.

    Attributes:
        locked: whether it has a password.
        scans: how large each sheet is, by its name.

    Raises:
        ValueError: it is damaged, or no workbook.
    """

    def __init__(self, content: bytes) -> None:
        container = Compound(content)
        name = next((each for each in ("Workbook", "Book") if each in container.streams), None)
        if name is None:
            raise ValueError("no workbook in it")
        self._stream = container.stream(name)
        self.locked = False
        self.scans: dict[str, Scan] = {}
        self._read()

    def _read(self) -> None:
        sheets: dict[int, str] = {}
        scan = Scan()
        at, end = 0, len(self._stream) - 4
        while at <= end:
            kind, length = struct.unpack_from("<2H", self._stream, at)
            body = at + 4
            if kind in _CELLS and length >= 4:
                row, column = struct.unpack_from("<2H", self._stream, body)
                _reach(scan, row + 1, column + 1)
            elif kind == _MANY and length >= 6:
                (row,) = struct.unpack_from("<H", self._stream, body)
                (column,) = struct.unpack_from("<H", self._stream, body + length - 2)
                _reach(scan, row + 1, column + 1)
            elif kind == _BEGIN and at in sheets:
                scan = self.scans[sheets[at]] = Scan()
            elif kind == _SHEET and length >= 8:
                (place,) = struct.unpack_from("<I", self._stream, body)
                count, wide = self._stream[body + 6], self._stream[body + 7] & 1
                name = self._stream[body + 8 : body + 8 + count * (1 + wide)]
                sheets[place] = name.decode("utf-16-le" if wide else "latin-1", "replace")
            elif kind == _LOCK:
                self.locked = True
            at = body + length


def _reach(scan: Scan, row: int, column: int) -> None:
    was = scan.area or Area(1, 1, 0, 0)
    if column > was.right:
        scan.far = f"{letters(column)}{row}"
    scan.area = Area(1, 1, max(was.right, column), max(was.bottom, row))
    scan.filled += 1
