"""Workbooks made part by part, for shapes that no library writes, and what each must keep to."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

from pipeline.tables.excel.places import area, column
from pipeline.tables.excel.tail import RANK

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
ROWS = (
    '<row r="1" spans="1:2"><c r="A1" t="inlineStr"><is><t>Tittel</t></is></c>'
    '<c r="B1" t="inlineStr" s="1"><is><t>Beskrivelse</t></is></c></row>'
    '<row r="2" spans="1:2"><c r="A2" t="inlineStr"><is><t>Kokk</t></is></c>'
    '<c r="B2" t="inlineStr"><is><t>uno dos</t></is></c></row>'
    '<row r="3" spans="1:2"><c r="A3" t="inlineStr"><is><t>Kelner</t></is></c>'
    '<c r="B3" t="inlineStr"><is><t>uno</t></is></c></row>'
)


def sheet(rows: str = ROWS, before: str = "", behind: str = "") -> str:
    """Return a sheet's XML with these rows, and elements before and behind them."""
    return (
        f'<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}">{before}<sheetData>{rows}</sheetData>'
        f"{behind}</worksheet>"
    )


def relations(*each: tuple[str, str, str]) -> str:
    """Return a part of relations: id, kind, target of each."""
    inner = "".join(
        f'<Relationship Id="{id_}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for id_, kind, target in each
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{inner}</Relationships>'


def parts(xml: str, main: str = "sheet.main", **more: str) -> dict[str, str]:
    """Return the parts of a workbook of one sheet."""
    return {
        "[Content_Types].xml": (
            f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml"'
            f' ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType='
            f'"{TYPE}.{main}+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType='
            f'"{TYPE}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType='
            f'"{TYPE}.styles+xml"/></Types>'
        ),
        "_rels/.rels": relations(("rId1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": (
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
            '<sheet name="Jan\'s &amp; Co" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": relations(
            ("rId1", "worksheet", "worksheets/sheet1.xml"), ("rId2", "styles", "/xl/styles.xml")
        ),
        "xl/worksheets/sheet1.xml": xml,
        "xl/styles.xml": (
            f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill>'
            '<patternFill/></fill></fills><borders count="1"><border/></borders>'
            '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf/></cellXfs>'
            '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
            "</styleSheet>"
        ),
        **more,
    }


def package(path: Path, content: Mapping[str, str | bytes]) -> Path:
    """Write a workbook of these parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, part in content.items():
            info = zipfile.ZipInfo(name, (2027, 3, 4, 5, 6, 8))
            info.compress_type = zipfile.ZIP_DEFLATED
            zipped.writestr(info, part)
    return path


def one_sheet(path: Path, rows: str = ROWS, before: str = "", behind: str = "") -> Path:
    """Write a workbook of one sheet."""
    return package(path, parts(sheet(rows, before, behind)))


def contents(path: Path) -> dict[str, bytes]:
    """Return what is in a zip, in its order; the zip's own check is made as well."""
    with zipfile.ZipFile(path) as zipped:
        assert zipped.testzip() is None
        return {name: zipped.read(name) for name in zipped.namelist()}


def sheet_of(path: Path, part: str = "xl/worksheets/sheet1.xml") -> str:
    """Return a sheet's XML, once it has been found to keep to what Excel asks of it."""
    xml = contents(path)[part].decode()
    check_sheet(xml)
    return xml


def check_sheet(xml: str) -> None:
    """Assert what Excel calls a sheet damaged without: order, places that are given once."""
    root = ElementTree.fromstring(xml)
    names = [child.tag.partition("}")[2] for child in root]
    ranks = [RANK[name] for name in names if name in RANK]
    assert ranks == sorted(ranks), names
    assert all(names.count(name) == 1 for name in names if name != "conditionalFormatting")
    for element in root.iter():
        assert element.tag.startswith("{"), element.tag  # a prefix that was forgotten
    row_number = 0
    for row in root.iterfind(f"{{{MAIN}}}sheetData/{{{MAIN}}}row"):
        following = int(row.get("r", row_number + 1))
        assert following > row_number
        row_number, place = following, 0
        for cell in row.iterfind(f"{{{MAIN}}}c"):
            reference = cell.get("r")
            if reference:
                assert reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == str(row_number)
            following = column(reference.rstrip("0123456789")) if reference else place + 1
            assert following > place
            place = following
    check_columns(root)
    priorities = [rule.get("priority") for rule in root.iter(f"{{{MAIN}}}cfRule")]
    assert len(priorities) == len(set(priorities))


def check_columns(root: ElementTree.Element) -> None:
    """Assert that no two elements speak of one column."""
    spans = [
        (int(each.get("min", "0")), int(each.get("max", "0")))
        for each in root.iter(f"{{{MAIN}}}col")
    ]
    assert all(first <= last for first, last in spans)
    assert all(last < first for (_, last), (first, _) in pairwise(spans))


def check_table(part: str, header: Sequence[str]) -> None:
    """Assert that a table's columns are those of its header, each with an id of its own."""
    root = ElementTree.fromstring(part)
    columns = list(root.iter(f"{{{MAIN}}}tableColumn"))
    assert [each.get("name") for each in columns] == list(header)
    assert len({each.get("id") for each in columns}) == len(columns)
    assert root.find(f"{{{MAIN}}}tableColumns").get("count") == str(len(columns))
    covered = area(root.get("ref", ""))
    assert covered is not None
    assert covered.right - covered.left + 1 == len(columns)


def plain_cells(xml: str) -> dict[str, str]:
    """Return what each cell with an ``r`` says, as it stands in the XML."""
    found = re.findall(r'<c r="([A-Z]+\d+)"[^>]*?(?:/>|>(.*?)</c>)', xml)
    return {place: re.sub(r"<[^>]*>", "", inner) for place, inner in found}
