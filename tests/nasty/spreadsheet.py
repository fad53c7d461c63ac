"""Workbooks of Excel written by hand: the least that makes one, so that all of it can be wrong."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from tests.nasty.fault import POSTINGS
from tests.nasty.packages import Entry, zipped

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org"
MAIN = f"{_OFFICE}/spreadsheetml/2006/main"
RELATIONS = f"{_OFFICE}/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
SHEET = "xl/worksheets/sheet1.xml"
TABLE = [("title", "description"), *POSTINGS]


def cell(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def rows(table: Sequence[Sequence[str]], first: int = 1) -> str:
    """The rows of a sheet; a cell that begins with < stands as it is."""
    out = ""
    for number, texts in enumerate(table, first):
        cells = (
            text if text.startswith("<") else cell(f"{chr(65 + place)}{number}", text)
            for place, text in enumerate(texts)
        )
        out += f'<row r="{number}">{"".join(cells)}</row>'
    return out


def worksheet(data: str, before: str = "", after: str = "") -> str:
    return (
        f'{DECLARATION}<worksheet xmlns="{MAIN}" xmlns:r="{RELATIONS}">{before}'
        f"<sheetData>{data}</sheetData>{after}</worksheet>"
    )


def parts(
    *sheets: str,
    names: Sequence[str] = ("Sheet1", "Sheet2"),
    states: Sequence[str] = ("visible", "visible"),
    settings: str = "",
    kind: str = "worksheet",
    main: str = f"{_TYPE}.sheet.main+xml",
) -> dict[str, bytes | Entry]:
    """The files of a workbook with these sheets, the least that Excel opens."""
    numbers = range(1, len(sheets) + 1)
    book = "".join(
        f'<sheet name="{names[n - 1]}" sheetId="{n}" state="{states[n - 1]}" r:id="rId{n}"/>'
        for n in numbers
    )
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{RELATIONS}/{kind}" Target="{kind}s/sheet{n}.xml"/>'
        for n in numbers
    )
    types = "".join(
        f'<Override PartName="/xl/{kind}s/sheet{n}.xml" ContentType="{_TYPE}.{kind}+xml"/>'
        for n in numbers
    )
    relations = f"{_OFFICE}/package/2006/relationships"
    texts = {
        "[Content_Types].xml": f'<Types xmlns="{_OFFICE}/package/2006/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{main}"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{relations}"><Relationship Id="rId1"'
        f' Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">{settings}'
        f"<sheets>{book}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{relations}">{related}'
        "</Relationships>",
    }  # fmt: skip
    found: dict[str, bytes | Entry] = {
        name: (DECLARATION + text).encode() for name, text in texts.items()
    }
    return found | {f"xl/{kind}s/sheet{n}.xml": text.encode() for n, text in enumerate(sheets, 1)}


PLAIN = worksheet(rows(TABLE))


def book(*sheets: str, **how: object) -> bytes:
    return zipped(parts(*sheets, **how))  # type: ignore[arg-type]


def replaced(name: str, content: bytes | Entry, **how: object) -> bytes:
    """A good workbook with one file of it replaced."""
    return zipped(parts(PLAIN, **how) | {name: content})  # type: ignore[arg-type]


def edited(old: str, new: str) -> bytes:
    """A good workbook whose sheet is edited as text."""
    if old not in PLAIN:
        raise ValueError(f"{old} is not in the sheet")
    return replaced(SHEET, PLAIN.replace(old, new).encode())


def with_row(*cells: str) -> bytes:
    return book(worksheet(rows([*TABLE, cells])))
