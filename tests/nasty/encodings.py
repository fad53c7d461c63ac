"""CSV files in encodings, line ends and characters that trip readers up."""

from __future__ import annotations

import codecs

from tests.nasty.fault import POSTINGS, kept, refused


def sheet(delimiter: str = ",", end: str = "\n") -> str:
    """The three postings with a header, in a dialect."""
    rows = [("title", "description"), *POSTINGS]
    return "".join(delimiter.join(f'"{cell}"' for cell in row) + end for row in rows)


def with_text(text: str) -> bytes:
    """A sheet of the three postings and one more, whose text is this."""
    return (sheet() + f'x,"{text}"\n').encode("utf-8", "surrogatepass")


_UTF8 = sheet().encode()
_CP1252 = sheet().encode("cp1252")
_WITHOUT_BOM = sheet().encode("utf-16-le")

FAULTS = {
    "utf-16_without_bom.csv": kept(3, _WITHOUT_BOM),
    "utf-16_big_endian_without_bom.csv": kept(3, sheet().encode("utf-16-be")),
    "utf-16_with_bom.csv": kept(3, codecs.BOM_UTF16_LE + _WITHOUT_BOM),
    "utf-16_torn_in_a_character.csv": refused(
        "begins like utf-16-le", codecs.BOM_UTF16_LE + _WITHOUT_BOM[:-1]
    ),
    "utf-32.csv": kept(3, sheet().encode("utf-32")),
    "utf-8_with_one_bad_byte.csv": kept(3, _UTF8.replace("Ås".encode(), b"\xe5s", 1)),
    "utf-8_torn_in_a_character.csv": kept(4, _UTF8 + "x,vi søk".encode() + b"\xc3"),
    "cp1252_with_undefined_bytes.csv": refused(
        "neither UTF-8 nor cp1252", _CP1252 + b"x,Rec\x81ption\x9dist\n"
    ),
    "cp1252_with_one_undefined_byte_in_much.csv": kept(
        181, _CP1252 + b"x,Rec\x81ptionist\n" + _CP1252.partition(b"\n")[2] * 59
    ),
    "latin-1_norwegian.csv": kept(3, sheet(";", "\r\n").encode("latin-1")),
    "cp1252_with_curly_quotes.csv": kept(4, (sheet() + "x,“vi søker” – €5…\n").encode("cp1252")),
    "lone_surrogates_as_cesu-8.csv": kept(4, with_text("a \ud83d\ude00 b \ud800 c")),
    "overlong_utf-8.csv": kept(4, _UTF8 + b"x,\xc0\xafetc\xc0\xafpasswd\n"),
    "bom_twice.csv": kept(3, codecs.BOM_UTF8 * 2 + _UTF8),
    "bom_in_the_middle.csv": kept(7, (codecs.BOM_UTF8 + _UTF8) * 2),
    "only_a_bom.csv": refused("nothing in it but blank lines", codecs.BOM_UTF8),
    "mixed_newlines.csv": kept(4, b"title,description\r\na,uno dos\nb,tres\rc,cuatro\r\nd,cinco\n"),
    "lone_carriage_returns.csv": kept(3, sheet(end="\r").encode()),
    "two_carriage_returns_a_line.csv": kept(3, sheet(end="\r\r\n").encode()),
    "no_line_end_at_the_end.csv": kept(3, _UTF8.rstrip()),
    "other_line_separators_in_a_cell.csv": kept(
        4, with_text("uno\u2028dos\u2029tres\x0bcuatro\x0ccinco\x1cseis\x85siete")
    ),
    "nul_in_a_cell.csv": kept(4, with_text("uno\0dos \0")),
    "nul_tail_of_a_torn_copy.csv": refused("export it again", _UTF8 + b"\0" * 4096),
    "control_characters.csv": kept(4, with_text("".join(map(chr, range(1, 32))) + "\x7f")),
    "control_characters_of_latin-1.csv": kept(4, with_text("".join(map(chr, range(128, 160))))),
    "terminal_escapes.csv": kept(
        4, with_text("\x1b[2J\x1b]0;owned\x07 \x1b[31mred \x9b31m \x1b]8;;http://x\x1b\\")
    ),
    "right_to_left.csv": kept(4, with_text("مطلوب موظف \u202egnp.exe\u202c וגם \u2067x\u2069")),
    "zero_width.csv": kept(4, with_text("ku\u200bnde\u00adbe\u2060hand\ufeffler\u200d")),
    "emoji_joined.csv": kept(4, with_text("👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 " * 20)),
    "marks_without_end.csv": kept(4, with_text("a" + "\u0301" * 50_000)),
    "not_characters.csv": kept(4, with_text("\ufffe \uffff \U0010ffff \ue000")),
}
