"""Workbooks of LibreOffice (.ods)."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from tests.nasty.fault import POSTINGS, kept, refused
from tests.nasty.packages import Entry, entry, swollen, zipped

_NAMES = "urn:oasis:names:tc:opendocument:xmlns"
_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_TABLE = [("title", "description"), *POSTINGS]


def rows(table: Sequence[Sequence[str]], cell: str = "") -> str:
    """The rows of a sheet, each cell with these attributes besides."""
    out = ""
    for texts in table:
        cells = (
            f'<table:table-cell office:value-type="string"{cell}>'
            f"<text:p>{escape(text)}</text:p></table:table-cell>"
            for text in texts
        )
        out += f"<table:table-row>{''.join(cells)}</table:table-row>"
    return out


def content(data: str, head: str = "") -> str:
    spaces = "".join(f' xmlns:{name}="{_NAMES}:{name}:1.0"' for name in ("office", "table", "text"))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<office:document-content{spaces}'
        ' office:version="1.3"><office:body><office:spreadsheet><table:table table:name="Ark1">'
        f"{data}</table:table></office:spreadsheet></office:body></office:document-content>"
    )


def document(inside: bytes | Entry, locked: str = "") -> bytes:
    listed = (
        f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{_NAMES}:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_TYPE}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">'
        f"{locked}</manifest:file-entry></manifest:manifest>"
    )
    return zipped(
        {
            "mimetype": entry(_TYPE.encode()),
            "content.xml": inside,
            "META-INF/manifest.xml": listed.encode(),
        }
    )


def bomb() -> Entry:
    head, tail = content(rows(_TABLE)).split("</table:table>")
    block = rows([("uno " * 50,)]).encode() * 4_000
    return swollen(head.encode(), block, 2_000, f"</table:table>{tail}".encode())


_PLAIN = content(rows(_TABLE)).encode()
_BLANK = "<table:table-row{}><table:table-cell{}/></table:table-row>"
_MANY_ROWS = ' table:number-rows-repeated="1048572"'
_MANY_CELLS = ' table:number-columns-repeated="16384"'

FAULTS = {
    "torn.ods": refused("not a readable .ods", lambda: document(_PLAIN)[:-300]),
    "zip_bomb.ods": refused("zip bomb", lambda: document(bomb())),
    "locked_with_a_password.ods": refused(
        "the file is password-protected",
        lambda: document(
            bytes(range(256)) * 9, '<manifest:encryption-data manifest:checksum="x"/>'
        ),
    ),
    "billion_laughs.ods": refused(
        "declares a document type",
        lambda: document(content(rows(_TABLE), '<!DOCTYPE x [<!ENTITY a "ha">]>').encode()),
    ),
    "blank_rows_to_the_last_one.ods": kept(
        3, lambda: document(content(rows(_TABLE) + _BLANK.format(_MANY_ROWS, _MANY_CELLS)).encode())
    ),
    "one_row_a_million_times.ods": refused(
        "1,048,5",
        lambda: document(
            content(
                rows(_TABLE)
                + rows([["uno dos"]], _MANY_CELLS).replace("row>", f"row{_MANY_ROWS}>", 1)
            ).encode()
        ),
    ),
    "no_cells.ods": refused("no cell with anything in it", lambda: document(content("").encode())),
    "plain.ods": kept(3, lambda: document(_PLAIN)),
}
