"""How large the sheets of an .ods are: one cell may stand for a million, and a row for as many."""

from __future__ import annotations

from xml.parsers import expat

from pipeline.posting import InputError
from pipeline.tables.excel.archive import Archive
from pipeline.tables.excel.parts import parser_of_utf8
from pipeline.tables.excel.places import Area
from pipeline.tables.excel.scan import Scan

_MIME = b"application/vnd.oasis.opendocument.spreadsheet"


def is_opendocument(archive: Archive) -> bool:
    """Return whether a zip is an .ods.

    Raises:
        InputError: it is one that is encrypted.
    """
    if "mimetype" not in archive or not archive.read("mimetype").startswith(_MIME):
        return False
    manifest = "META-INF/manifest.xml"
    if "encrypted-package" in archive or (
        manifest in archive and b"encryption-data" in archive.read(manifest)
    ):
        raise InputError(
            f"{archive.path}: the file is password-protected; save a copy without a password."
        )
    return True


def scans(archive: Archive) -> dict[str, Scan]:
    """Return how large each sheet is, by its name.

    Raises:
        InputError: the file is damaged.
    """
    handlers = _Handlers()
    try:
        parser = None
        for chunk in archive.content("content.xml"):
            if parser is None:
                parser = parser_of_utf8(chunk[:2])
                parser.StartElementHandler = handlers.start
                parser.EndElementHandler = handlers.end
                parser.CharacterDataHandler = handlers.letters
            parser.Parse(chunk, False)
    except (expat.ExpatError, ValueError, KeyError) as error:
        raise InputError(
            f"{archive.path}: not a readable .ods; open it and save it again as .xlsx."
        ) from error
    return handlers.found


class _Handlers:
    def __init__(self) -> None:
        self.found: dict[str, Scan] = {}
        self._scan = Scan()
        self._row = self._right = self._repeated = self._column = 0
        self._depth = self._cells = self._letters = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "table" and name.startswith("table:"):
            self._depth += 1
            if self._depth == 1:
                self._scan = self.found[attributes.get("table:name", "")] = Scan()
                self._row = 0
        elif local == "table-row":
            self._repeated = int(attributes.get("table:number-rows-repeated", "1"))
            self._column = self._right = self._letters = 0
        elif local in ("table-cell", "covered-table-cell"):
            self._cells = int(attributes.get("table:number-columns-repeated", "1"))
            self._column += self._cells
            if "office:value-type" in attributes or "calcext:value-type" in attributes:
                self._value()
        elif name == "text:p":
            self._value()

    def _value(self) -> None:
        self._right = self._column
        self._scan.filled += 1

    def letters(self, text: str) -> None:
        self._letters += len(text) * self._cells

    def end(self, name: str) -> None:
        if name == "table:table-row":
            self._row += self._repeated
            self._scan.letters += self._letters * self._repeated
            if self._right:
                right = max(self._right, self._scan.area.right if self._scan.area else 0)
                self._scan.area = Area(1, 1, right, self._row)
                self._scan.far = f"row {self._row:,}"
        elif name == "table:table":
            self._depth -= 1
