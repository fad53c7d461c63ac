"""Documents of one posting: .txt, .html, .docx and .pdf with faults; rows=1 means an answer."""

from __future__ import annotations

import zlib

from tests.nasty.fault import POSTINGS, kept, refused
from tests.nasty.packages import Entry, compound, entry, lying, swollen, zipped

_TEXT = POSTINGS[2][1]
_OFFICE = "http://schemas.openxmlformats.org"
_WORD = f"{_OFFICE}/wordprocessingml/2006/main"


def word(inside: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<w:document xmlns:w="{_WORD}"><w:body>{inside}</w:body></w:document>'
    ).encode()


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def docx(document: bytes | Entry, name: str = "word/document.xml", **more: bytes | Entry) -> bytes:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    relation = f"{_OFFICE}/officeDocument/2006/relationships/officeDocument"
    types = (
        f'<Types xmlns="{_OFFICE}/package/2006/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="bin" ContentType="application/octet-stream"/>'
        f'<Override PartName="/word/document.xml" ContentType="{kind}"/></Types>'
    )
    relations = (
        f'<Relationships xmlns="{_OFFICE}/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{relation}" Target="word/document.xml"/></Relationships>'
    )
    parts = {"[Content_Types].xml": types.encode(), "_rels/.rels": relations.encode()}
    return zipped(parts | {name: document} | more)


def docx_bomb() -> Entry:
    head, tail = word("").split(b"</w:body>")
    return swollen(head, paragraph("uno " * 50).encode() * 4_000, 3_000, b"</w:body>" + tail)


def with_entities(definition: str) -> bytes:
    head = f"<!DOCTYPE x [{definition}]><w:document"
    return docx(word(paragraph("&a;" + _TEXT)).replace(b"<w:document", head.encode(), 1))


def nested_tables(depth: int) -> bytes:
    return docx(
        word("<w:tbl><w:tr><w:tc>" * depth + paragraph(_TEXT) + "</w:tc></w:tr></w:tbl>" * depth)
    )


def pdf(*pages: bytes, root: str = "", trailer: str = "", extra: str = "") -> bytes:
    """A PDF by hand: each page the content stream given."""
    font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
    kids = " ".join(f"{5 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        (root or f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>").encode(),
        font.encode(),
        (extra or "null").encode(),
    ]
    for number, content in enumerate(pages):
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R"
            b"/Resources<</Font<</F1 3 0 R>>>>>>" % (6 + 2 * number)
        )
        objects.append(
            b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(content), content)
        )
    out, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, each)
    begin, size = len(out), len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + f"trailer<</Size {size}/Root 1 0 R{trailer}>>\nstartxref\n{begin}\n%%EOF".encode()


def shown(text: bytes) -> bytes:
    """A page's content, packed: the text in lines of 80 characters."""
    lines = [text[start : start + 80] for start in range(0, len(text), 80)]
    drawn = b" ".join(b"(" + line + b") Tj T*" for line in lines)
    return zlib.compress(b"BT /F1 10 Tf 40 780 Td 12 TL " + drawn + b" ET", 9)


def blanks(megabytes: int) -> bytes:
    packer = zlib.compressobj(9)
    block = b" " * 1_000_000
    return b"".join(packer.compress(block) for _ in range(megabytes)) + packer.flush()


def looped() -> bytes:
    """A PDF whose list of objects names itself as the one before."""
    begin = pdf(_SHOWN).rindex(b"xref\n0")
    return pdf(_SHOWN, trailer=f"/Prev {begin}")


_SHOWN = shown(_TEXT.encode())
_LOCK = f"<</Filter/Standard/V 2/R 3/Length 128/P -4/O<{'41' * 32}>/U<{'42' * 32}>>>"

FAULTS = {
    # Plain text
    "blank.txt": refused("the file is empty", b""),
    "white_space.txt": kept(1, b" \n\t\r\n \xc2\xa0"),
    "utf-16_without_bom.txt": kept(1, _TEXT.encode("utf-16-le")),
    "binary.txt": refused("binary data, not text", bytes(range(256)) * 9),
    "nul_between.txt": kept(1, _TEXT.replace(" ", " \0", 5).encode()),
    "terminal_escapes.txt": kept(1, f"\x1b[2J\x1b]0;owned\x07{_TEXT}\x9b31m".encode()),
    "one_line_of_10_mb.txt": kept(1, lambda: _TEXT.encode() * 50_000),
    "bad_byte.md": kept(1, _TEXT.encode() + b" \xff"),
    "undefined_bytes.txt": refused("neither UTF-8 nor cp1252", _TEXT.encode() + b" \x81 \xff"),
    # HTML
    "10_mb_without_text.html": kept(
        1, lambda: b"<html><body>" + b"<div class='x'></div>" * 480_000
    ),
    "nested_100_000_deep.html": kept(1, lambda: b"<div>" * 100_000 + _TEXT.encode()),
    "only_a_script.html": kept(1, b"<html><script>document.write('x')</script></html>"),
    "comment_never_closed.html": kept(1, f"<p>{_TEXT}</p><!-- <p>more".encode()),
    "tag_never_closed.html": kept(1, f"<p>{_TEXT}</p><a href='".encode() + b"x" * 100_000),
    "charset_that_lies.html": kept(1, f'<meta charset="utf-16"><p>{_TEXT} på Ås'.encode()),
    "200_000_attributes.html": kept(
        1, lambda: b"<p " + b" ".join(b"a%d=1" % n for n in range(200_000)) + f">{_TEXT}".encode()
    ),
    "entities_without_end.html": kept(
        1, lambda: f"<p>{_TEXT}".encode() + b"&amp;#x26;&lt;p&gt;" * 50_000
    ),
    "external_entity.html": kept(
        1, f'<!DOCTYPE html [<!ENTITY a SYSTEM "file:///etc/passwd">]><p>&a;{_TEXT}'.encode()
    ),
    "control_references.html": kept(1, f"<p>&#0;&#27;[2J&#11;&#x9b;&#xd800;{_TEXT}".encode()),
    # Word
    "blank.docx": refused("the file is empty", b""),
    "plain.docx": kept(1, lambda: docx(word(paragraph(_TEXT)))),
    "without_text.docx": kept(1, lambda: docx(word(""))),
    "torn.docx": refused("not a readable .docx", lambda: docx(word(paragraph(_TEXT)))[:-90]),
    "zip_bomb.docx": refused("zip bomb", lambda: docx(docx_bomb())),
    "zip_bomb_in_a_picture.docx": refused(
        "zip bomb", lambda: docx(word(paragraph(_TEXT)), **{"word/media/a.bin": docx_bomb()})
    ),
    "sizes_that_lie.docx": refused("zip bomb", lambda: docx(lying(docx_bomb(), word("")[:99]))),
    "external_entity.docx": refused(
        "declares a document type",
        lambda: with_entities('<!ENTITY a SYSTEM "file:///etc/hostname">'),
    ),
    "billion_laughs.docx": refused(
        "declares a document type",
        lambda: with_entities(
            '<!ENTITY a "&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY b "ha ha ha ha ha ha ha">'
        ),
    ),
    "document_is_missing.docx": refused(
        "not a readable .docx", lambda: docx(word(""), name="word/other.xml")
    ),
    "nested_tables.docx": kept(1, lambda: nested_tables(40)),
    "tables_nested_2_000_deep.docx": refused("not a readable .docx", lambda: nested_tables(2_000)),
    "locked_with_a_password.docx": refused(
        "the file is password-protected",
        lambda: compound({"EncryptionInfo": b"\4\0\4\0", "EncryptedPackage": b"x" * 5_000}),
    ),
    "really_an_old_document.docx": refused("old kind", lambda: compound({"WordDocument": b"x"})),
    "really_a_web_page.docx": refused("not a readable .docx", b"<html><body>x</body></html>"),
    "really_a_zip.docx": refused("not a readable .docx", lambda: zipped({"a": entry(b"b")})),
    # PDF
    "blank.pdf": refused("the file is empty", b""),
    "plain.pdf": kept(1, lambda: pdf(_SHOWN)),
    "scan.pdf": refused("holds no text (a scan?)", lambda: pdf(zlib.compress(b"0 0 9 9 re f"))),
    "no_pages.pdf": refused("holds no text", pdf),
    "torn.pdf": refused("not a readable PDF", lambda: pdf(_SHOWN)[:200]),
    "table_is_not_where_it_should_be.pdf": kept(
        1, lambda: pdf(_SHOWN).replace(b"startxref\n", b"startxref\n9")
    ),
    "page_stream_is_damaged.pdf": refused("PDF", lambda: pdf(b"\xff" * 200)),
    "locked_with_a_password.pdf": refused(
        "the PDF is password-protected",
        lambda: pdf(_SHOWN, extra=_LOCK, trailer="/Encrypt 4 0 R/ID[<00><00>]"),
    ),
    "pages_that_hold_themselves.pdf": refused(
        "PDF", lambda: pdf(_SHOWN, root="<</Type/Pages/Kids[2 0 R]/Count 1>>")
    ),
    "table_that_leads_to_itself.pdf": kept(1, looped),
    "page_of_200_mb.pdf": refused("not a readable PDF", lambda: pdf(blanks(200))),
    "a_million_pages_said.pdf": kept(
        1, lambda: pdf(_SHOWN, root="<</Type/Pages/Kids[5 0 R]/Count 1000000>>")
    ),
    "terminal_escapes.pdf": kept(1, lambda: pdf(shown(_TEXT.encode() + b" \x1b[2J \x9b31m"))),
    "really_a_web_page.pdf": refused("not a readable PDF", b"<html><body>x</body></html>"),
    # Not read
    "open_document.odt": refused("a .odt is not read here", b"x"),
    "old.doc": refused("a .doc is not read here", lambda: compound({"WordDocument": b"x"})),
    "rich_text.rtf": refused("a .rtf is not read here", rb"{\rtf1 x}"),
    "without_suffix": refused("a file without suffix is not read here", b"x"),
}
