"""Workbooks of Excel that are damaged, hostile, not what they are called, or written otherwise."""

from __future__ import annotations

import re

from tests.nasty.encodings import sheet as csv_sheet
from tests.nasty.fault import kept, refused
from tests.nasty.packages import Entry, compound, entry, lying, old_workbook, swollen, zipped
from tests.nasty.spreadsheet import (
    MAIN,
    PLAIN,
    RELATIONS,
    SHEET,
    TABLE,
    book,
    cell,
    edited,
    parts,
    replaced,
    rows,
    with_row,
    worksheet,
)


def with_document_type(definitions: str, use: str) -> bytes:
    head = f"<!DOCTYPE worksheet [{definitions}]>\n<worksheet"
    text = PLAIN.replace("<worksheet", head, 1).replace("Receptionist", use)
    return replaced(SHEET, text.encode())


def bomb() -> Entry:
    """A sheet of three gigabytes, well-formed, in three megabytes."""
    head, tail = PLAIN.split("</sheetData>")
    row = b'<row><c t="inlineStr"><is><t>' + b"uno " * 50 + b"</t></is></c></row>"
    return swollen(head.encode(), row * 4_000, 2_900, f"</sheetData>{tail}".encode())


def edited_by(pattern: str, new: str) -> bytes:
    """A good workbook whose sheet is edited by a regular expression."""
    return replaced(SHEET, re.sub(pattern, new, PLAIN).encode())


def absolute() -> bytes:
    """A workbook whose parts name each other by paths from the root."""
    name = "xl/_rels/workbook.xml.rels"
    relations = parts(PLAIN)[name]
    return replaced(name, bytes(relations).replace(b'"worksheets', b'"/xl/worksheets'))


def dates_of_1904() -> bytes:
    """A workbook that counts days from 1904, as Excel for Mac did, with a date in it."""
    name = "xl/_rels/workbook.xml.rels"
    table = [*TABLE, ("x", "uno", '<c r="C5" s="1"><v>1.5</v></c>')]
    whole = parts(worksheet(rows(table)), settings='<workbookPr date1904="1"/>')
    styles = f'<Relationship Id="rId9" Type="{RELATIONS}/styles" Target="styles.xml"/></Relations'
    formats = '<cellXfs count="2"><xf/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs>'
    return zipped(
        whole
        | {
            name: bytes(whole[name]).replace(b"</Relations", styles.encode()),
            "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{formats}</styleSheet>'.encode(),
        }
    )


def old() -> bytes:
    """The postings in a workbook of Excel 97."""
    cells = (
        (row, column, text) for row, line in enumerate(TABLE) for column, text in enumerate(line)
    )
    return old_workbook(*cells)


def prefixed() -> bytes:
    """A workbook whose sheet gives every element's namespace by a prefix."""
    text = re.sub(r"<(/?)(\w)", r"<\1x:\2", PLAIN).replace("xmlns=", "xmlns:x=")
    return replaced(SHEET, text.encode())


def damaged() -> bytes:
    content = bytearray(book(PLAIN))
    content[content.index(SHEET.encode()) + 150] ^= 0xFF
    return bytes(content)


_LAUGHS = '<!ENTITY a "ha ha ha ha ha ha ha ha ha ha">' + "".join(
    f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
_SHARED = '<c r="A{0}" t="s"><v>{1}</v></c>'
_FORMULA = '<c r="B{0}" t="str"><f>CONCATENATE("uno"," dos")</f>{1}</c>'
_MERGED = '<mergeCells count="1"><mergeCell ref="{}"/></mergeCells>'
_TAGS = ("office", "p_front", "share", "language", "reason", "model")
_OLD_TAGS = ("back", "0.5", "1", "xx", "old", "old")
_HTML = "<html><head></head><body><table><tr><td>title</td><td>description</td></tr></table>"

FAULTS = {
    # Damaged and hostile
    "torn.xlsx": refused("not a readable .xlsx", lambda: book(PLAIN)[:-900]),
    "damaged_in_the_middle.xlsx": refused("not a readable .xlsx", damaged),
    "zip_bomb.xlsx": refused("zip bomb", lambda: replaced(SHEET, bomb())),
    "zip_bomb_beside_the_sheet.xlsx": refused(
        "zip bomb", lambda: replaced("xl/media/a.bin", bomb())
    ),
    "sizes_that_lie.xlsx": refused(
        "zip bomb", lambda: replaced(SHEET, lying(bomb(), PLAIN[:600].encode()))
    ),
    "30_000_files_inside.xlsx": refused(
        "files", lambda: zipped(parts(PLAIN) | {f"xl/x{n}": b"" for n in range(30_000)})
    ),
    "names_that_lead_out.xlsx": refused("..", lambda: replaced("../../evil.txt", b"x")),
    "two_files_of_one_name.xlsx": refused(
        "not a readable .xlsx", lambda: zipped(parts(PLAIN), (SHEET, worksheet("").encode()))
    ),
    "external_entity.xlsx": refused(
        "declares a document type",
        lambda: with_document_type('<!ENTITY a SYSTEM "file:///etc/hostname">', "&a;"),
    ),
    "billion_laughs.xlsx": refused(
        "declares a document type", lambda: with_document_type(_LAUGHS, "&i;")
    ),
    "billion_laughs_in_the_book.xlsx": refused(
        "declares a document type",
        lambda: replaced(
            "xl/workbook.xml", b"<!DOCTYPE x [" + _LAUGHS.encode() + b"]><workbook>&i;</workbook>"
        ),
    ),
    "cell_in_the_last_corner.xlsx": refused(
        "XFD1048576",
        lambda: book(worksheet(rows(TABLE) + rows([[cell("XFD1048576", "x")]], 1_048_576))),
    ),
    "blank_cell_in_the_last_corner.xlsx": kept(
        3, lambda: book(worksheet(rows(TABLE) + rows([['<c r="XFD1048576"/>']], 1_048_576)))
    ),
    "dimension_that_lies.xlsx": kept(
        3, lambda: book(worksheet(rows(TABLE), '<dimension ref="A1:XFD1048576"/>'))
    ),
    "locked_with_a_password.xlsx": refused(
        "the file is password-protected",
        lambda: compound({"EncryptionInfo": b"\4\0\4\0", "EncryptedPackage": b"x" * 5_000}),
    ),
    "locked_with_a_password.xls": refused(
        "the file is password-protected", lambda: old_workbook((0, 0, "x"), locked=True)
    ),
    # Without anything to read
    "no_sheets.xlsx": refused("no sheet", book),
    "only_a_chart_sheet.xlsx": refused(
        "no sheet", lambda: book(f'<chartsheet xmlns="{MAIN}"/>', kind="chartsheet")
    ),
    "no_cells.xlsx": refused("no cell with anything in it", lambda: book(worksheet(""))),
    "header_only.xlsx": refused(
        "no row below the header", lambda: book(worksheet(rows(TABLE[:1])))
    ),
    "sheet_is_missing.xlsx": refused(
        "no sheet with cells",
        lambda: zipped({name: part for name, part in parts(PLAIN).items() if name != SHEET}),
    ),
    "shared_strings_are_missing.xlsx": refused(
        "not a readable .xlsx", lambda: with_row(_SHARED.format(5, 7), "uno")
    ),
    # Not what the suffix says
    "really_csv.xlsx": refused("really a text table", lambda: csv_sheet().encode()),
    "really_a_web_page.xlsx": refused("HTML", _HTML.encode()),
    "really_a_web_page.xls": refused("HTML", _HTML.encode()),
    "really_tabs.xls": refused("text", lambda: csv_sheet("\t").encode()),
    "really_xml_of_2003.xls": refused(
        "XML",
        b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook'
        b' xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
    ),
    "really_a_zip.xlsx": refused("no workbook", lambda: zipped({"a.txt": b"b"})),
    "really_an_old_workbook.xlsx": kept(3, old),
    "really_new.xls": kept(3, lambda: book(PLAIN)),
    # Written otherwise
    "without_references.xlsx": kept(3, lambda: edited_by(r' r="[A-Z0-9]+"', "")),
    "without_formats.xls": kept(3, old),
    "prefixed_names.xlsx": kept(3, prefixed),
    "sheet_in_utf-16.xlsx": refused(
        "not a readable .xlsx",
        lambda: replaced(SHEET, PLAIN.replace("UTF-8", "UTF-16").encode("utf-16")),
    ),
    "absolute_targets.xlsx": kept(3, absolute),
    "rows_out_of_order.xlsx": kept(
        3,
        lambda: book(worksheet(rows(TABLE[:1]) + rows(TABLE[3:], 4) + rows(TABLE[1:3], 2))),
        not_copied="are not in order",
    ),
    "gaps_between_rows_and_cells.xlsx": kept(
        4,
        lambda: book(
            worksheet(rows(TABLE[:2], 3) + "<row/>" + rows([("uno", cell("D7", "dos"))], 7))
        ),
    ),
    "blank_rows_in_the_middle.xlsx": kept(
        6, lambda: book(worksheet(rows(TABLE[:3]) + '<row r="4"/>' + rows(TABLE[2:], 6)))
    ),
    "blank_rows_at_the_end.xlsx": kept(
        3,
        lambda: book(
            worksheet(rows(TABLE) + "".join(f'<row r="{n}" ht="20"/>' for n in range(5, 5_000)))
        ),
    ),
    "all_sheets_hidden.xlsx": kept(3, lambda: book(PLAIN, states=("veryHidden",))),
    "postings_on_a_hidden_sheet.xlsx": kept(
        3, lambda: book(worksheet(rows([("Read me",)])), PLAIN, states=("visible", "hidden"))
    ),
    "odd_sheet_name.xlsx": kept(3, lambda: book(PLAIN, names=("a&#10;b'‮&#x9B;31m =1+1",))),
    "merged_title_above.xlsx": kept(
        3,
        lambda: book(
            worksheet(rows([("Report 2027",)]) + rows(TABLE, 2), after=_MERGED.format("A1:D1"))
        ),
    ),
    "merged_header.xlsx": kept(
        3, lambda: book(worksheet(rows(TABLE), after=_MERGED.format("B1:D1")))
    ),
    "merged_rows.xlsx": kept(
        3, lambda: book(worksheet(rows(TABLE), after=_MERGED.format("A2:A4")))
    ),
    "hidden_rows.xlsx": kept(3, lambda: edited('<row r="3">', '<row r="3" hidden="1">')),
    "protected_sheet.xlsx": kept(
        3,
        lambda: book(worksheet(rows(TABLE), after='<sheetProtection sheet="1" password="CC1A"/>')),
    ),
    "dates_of_1904.xlsx": kept(4, dates_of_1904),
    "formulas_without_results.xlsx": kept(4, lambda: with_row("x", _FORMULA.format(5, ""))),
    "formulas_with_results.xlsx": kept(4, lambda: with_row("x", _FORMULA.format(5, "<v>uno</v>"))),
    "error_cells.xlsx": kept(
        5,
        lambda: book(
            worksheet(
                rows(
                    [
                        *TABLE,
                        ('<c r="A5" t="e"><v>#REF!</v></c>', '<c r="B5" t="e"><v>#N/A</v></c>'),
                        ('<c r="A6" t="b"><v>1</v></c>', '<c r="B6"><v>1E+99</v></c>'),
                    ]
                )
            )
        ),
    ),
    "numbers_for_texts.xlsx": kept(
        5,
        lambda: book(
            worksheet(
                rows([*TABLE, ("x", '<c r="B5"><v>7</v></c>'), ("y", '<c r="B6"><v>-1E-9</v></c>')])
            )
        ),
    ),
    "cells_that_begin_like_formulas.xlsx": kept(
        5, lambda: book(worksheet(rows([*TABLE, ("=1+1", "=cmd|' /C calc'!A0"), ("@x", "-1+1")])))
    ),
    "escaped_control_characters.xlsx": kept(
        4, lambda: with_row("a_x0000_b", "_x001B_[2J_x005F_x000D_")
    ),
    "cell_of_32_767_characters.xlsx": kept(4, lambda: with_row("x", "å" * 32_767)),
    "cell_longer_than_excel_allows.xlsx": kept(4, lambda: with_row("x", "å" * 40_000)),
    "headers_are_numbers.xlsx": kept(
        3, lambda: book(worksheet(rows([(*TABLE[0], '<c r="C1"><v>2027</v></c>'), *TABLE[1:]])))
    ),
    "duplicate_headers.xlsx": kept(
        3, lambda: book(worksheet(rows([(*TABLE[0], "id", "id", "<c/>"), *TABLE[1:]])))
    ),
    "tagged_before.xlsx": kept(
        3,
        lambda: book(
            worksheet(rows([(*TABLE[0], *_TAGS), *((*row, *_OLD_TAGS) for row in TABLE[1:])]))
        ),
    ),
    "macros.xlsm": kept(
        3,
        lambda: zipped(
            parts(PLAIN, main="application/vnd.ms-excel.sheet.macroEnabled.main+xml")
            | {"xl/vbaProject.bin": entry(b"\xd0\xcf" * 999)}
        ),
    ),
}
