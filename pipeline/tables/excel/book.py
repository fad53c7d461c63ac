"""Which parts a workbook has: its sheets in their order, and where each of them lies."""

from __future__ import annotations

import posixpath
from typing import NamedTuple
from xml.parsers import expat

from pipeline.posting import InputError
from pipeline.tables.excel.archive import Archive
from pipeline.tables.excel.parts import elements

_MACROS = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"


class Sheet(NamedTuple):
    """A sheet with cells.

    Attributes:
        name: as on its tab.
        part: name of its entry.
        visible: whether its tab is shown.
        place: among all sheets, charts included, from 0; names of the workbook refer to it.
    """

    name: str
    part: str
    visible: bool
    place: int


class Relation(NamedTuple):
    """A part that another part refers to: by which id, as what, and the entry's name."""

    id: str
    kind: str
    part: str


class Book:
    """The parts of a workbook.

    Attributes:
        main: the part that lists the sheets.
        sheets: those with cells.
        macros: whether it may hold macros.

    Raises:
        InputError: it is no workbook, or lacks parts.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        try:
            self._read()
        except (expat.ExpatError, ValueError, KeyError) as error:
            raise InputError(
                f"{archive.path}: not a readable {archive.path.suffix.lower()}; open it in Excel"
                " and save it again."
            ) from error
        if not self.sheets:
            raise InputError(f"{archive.path}: the workbook has no sheet with cells.")

    def _read(self) -> None:
        path = self._archive.path
        mains = [each.part for each in self.relations("") if each.kind == "officeDocument"]
        if not mains or mains[0] not in self._archive:
            raise InputError(
                f"{path}: a zip file and no workbook; if it is packed, unpack it first."
            )
        self.main = mains[0]
        if self.main.endswith(".bin"):
            raise InputError(f"{path}: a binary workbook (.xlsb); save it as .xlsx in Excel.")
        types = self._archive.read("[Content_Types].xml")
        self.macros = _MACROS.encode() in types
        root, *inner = elements(self._archive.read(self.main))
        if root.name != "workbook":
            raise InputError(
                f"{path}: not a workbook but another file of Office; save it as .xlsx."
            )
        related = {each.id: each for each in self.relations(self.main)}
        sheets = [each for each in inner if each.name == "sheet" and each.depth == 3]
        self.sheets = []
        for place, sheet in enumerate(sheets):
            (id_,) = (value for key, value in sheet.attributes.items() if key.endswith(":id"))
            relation = related[id_]
            if relation.kind == "worksheet" and relation.part in self._archive:
                visible = sheet.attributes.get("state", "visible") == "visible"
                found = Sheet(sheet.attributes["name"], relation.part, visible, place)
                self.sheets.append(found)

    def relations(self, part: str) -> list[Relation]:
        """Return what a part refers to inside the file; the file itself where ``part`` is ''."""
        name = relations_of(part)
        if name not in self._archive:
            return []
        folder = posixpath.dirname(part)
        found = []
        for each in elements(self._archive.read(name)):
            if each.name == "Relationship" and each.attributes.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, each.attributes["Target"]))
                kind = each.attributes["Type"].rpartition("/")[2]
                found.append(Relation(each.attributes["Id"], kind, target.lstrip("/")))
        return found


def relations_of(part: str) -> str:
    """Return the name of the entry that lists what a part refers to."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")
