"""The parts of a workbook that must know of new columns: tables, styles and names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from pipeline.tables.excel import tail
from pipeline.tables.excel.archive import Archive
from pipeline.tables.excel.book import Book, Sheet, relations_of
from pipeline.tables.excel.parts import (
    Edit,
    Element,
    edited,
    elements,
    extended,
    quoted,
    with_attribute,
)
from pipeline.tables.excel.places import Area, area
from pipeline.tables.excel.scan import Scan

_FILTER_NAME = "_xlnm._FilterDatabase"


class ListTable(NamedTuple):
    """What Excel calls a table: a range with a header, a filter and a name of its own.

    Attributes:
        name: shown to its users.
        part: name of its entry.
        covered: header and totals included.
        header: whether its first row names the columns.
        totals: how many of its last rows are totals.
        columns: names of its columns.
        linked: whether it shows the result of a query, so that a column cannot just be added.
    """

    name: str
    part: str
    covered: Area
    header: bool
    totals: int
    columns: list[str]
    linked: bool


def tables_of(archive: Archive, book: Book, sheet: Sheet, scan: Scan) -> list[ListTable]:
    """Return the tables on a sheet."""
    found = []
    for relation in book.relations(sheet.part) if scan.tables else ():
        if relation.id not in scan.tables or relation.part not in archive:
            continue
        root, *inner = elements(archive.read(relation.part))
        covered = area(root.attributes.get("ref", ""))
        if covered is None:
            continue
        of = root.attributes.get
        names = [each.attributes.get("name", "") for each in inner if each.name == "tableColumn"]
        found.append(
            ListTable(
                of("displayName", of("name", "")), relation.part, covered,
                of("headerRowCount", "1") != "0", int(of("totalsRowCount", "0")), names,
                of("tableType", "worksheet") != "worksheet",
            )
        )  # fmt: skip
    return found


def table_with(part: bytes, names: Sequence[str]) -> bytes:
    """Return a table with columns behind its last."""
    root, *inner = elements(part)
    ref = _wider(root, len(names))
    edits: list[Edit] = []
    edits += [(root.start, root.opened, with_attribute(_tag(part, root), "ref", ref))]
    for each in inner:
        if each.name == "autoFilter" and each.depth == 2:
            tag = with_attribute(_tag(part, each), "ref", _wider(each, len(names)))
            edits.append((each.start, each.opened, tag))
        elif each.name == "tableColumns":
            of = [other for other in inner if other.name == "tableColumn"]
            first = max((int(other.attributes["id"]) for other in of), default=0) + 1
            new = "".join(
                f'<{each.prefix}tableColumn id="{number}" name="{quoted(name)}"/>'
                for number, name in enumerate(names, first)
            )
            edits += extended(part, each, new.encode(), count=str(len(of) + len(names)))
    return edited(part, edits)


def with_formats(part: bytes) -> tuple[bytes, int]:
    """Return styles with the formats of `tail.COLOURS` added, and the number of the first."""
    root, *inner = elements(part)
    children = [each for each in inner if each.depth == 2]
    new = tail.formats(root.prefix).encode()
    for each in children:
        if each.name == "dxfs":
            first = sum(other.name == "dxf" for other in inner if other.depth == 3)
            count = str(first + len(tail.COLOURS))
            return edited(part, extended(part, each, new, count=count)), first
    before = "numFmts fonts fills borders cellStyleXfs cellXfs cellStyles".split()
    name = f"{root.prefix}dxfs"
    whole = f'<{name} count="{len(tail.COLOURS)}">'.encode() + new + f"</{name}>".encode()
    at = max((each.stop for each in children if each.name in before), default=root.opened)
    return edited(part, [(at, at, whole)]), 0


def with_filter(part: bytes, sheet: Sheet, covered: Area) -> bytes:
    """Return the workbook's main part with the name that Excel gives to what a filter covers."""
    root, *inner = elements(part)
    quoted_name = sheet.name.replace("'", "''")
    text = escape(f"'{quoted_name}'!{covered.absolute()}").encode()
    for each in inner:
        of = each.attributes.get
        here = of("localSheetId") == str(sheet.place)
        if each.name == "definedName" and of("name") == _FILTER_NAME and here:
            return edited(part, [(each.opened, each.closing, text)])
    tag = f"{root.prefix}definedName"
    new = f'<{tag} name="{_FILTER_NAME}" localSheetId="{sheet.place}" hidden="1">'.encode()
    new += text + f"</{tag}>".encode()
    for each in inner:
        if each.name == "definedNames" and each.depth == 2:
            return edited(part, extended(part, each, new))
    before = ("sheets", "functionGroups", "externalReferences")
    at = max(each.stop for each in inner if each.name in before and each.depth == 2)
    name = f"{root.prefix}definedNames".encode()
    return edited(part, [(at, at, b"<" + name + b">" + new + b"</" + name + b">")])


def without_chain(archive: Archive, book: Book) -> dict[str, bytes | None]:
    """Return what becomes of entries (None: left out) where formulas are taken out of a sheet.

    The chain lists all formulas in the order of computing. Excel makes a new one where there is
    none, but calls a workbook damaged where the chain names a cell without a formula.
    """
    chains = [each for each in book.relations(book.main) if each.kind == "calcChain"]
    changes: dict[str, bytes | None] = {}
    for chain in chains:
        changes[chain.part] = None
        for name, key, value in (
            (relations_of(book.main), "Id", chain.id),
            ("[Content_Types].xml", "PartName", f"/{chain.part}"),
        ):
            part = archive.read(name)
            gone = [each for each in elements(part) if each.attributes.get(key) == value]
            changes[name] = edited(part, [(each.start, each.stop, b"") for each in gone])
    return changes


def _tag(part: bytes, element: Element) -> bytes:
    return part[element.start : element.opened]


def _wider(element: Element, columns: int) -> str:
    was = area(element.attributes["ref"])
    if was is None:
        raise ValueError("a table covers nothing")
    return str(was._replace(right=was.right + columns))
