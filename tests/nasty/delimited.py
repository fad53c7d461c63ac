"""CSV and TSV files whose delimiters, quotes, headers or sizes are not as they should be."""

from __future__ import annotations

import gzip

from tests.nasty.encodings import sheet
from tests.nasty.fault import POSTINGS, kept, refused
from tests.nasty.packages import zipped
from tests.postings import BACK, FRONT

_HEAD = "title,description,city\n"
_ROWS = f"A,{FRONT['no'].replace(',', '')},Oslo\nB,uno dos tres,Madrid\nC,four five,Leeds\n"


def csv(text: str) -> bytes:
    return text.encode()


def _wide(rows: int, width: int) -> bytes:
    names = ["description", *(f"c{n}" for n in range(1, width))]
    row = [FRONT["en"].replace(",", ""), *("x" * (width - 1))]
    return csv("\n".join([",".join(names), *[",".join(row)] * rows]) + "\n")


def _tagged() -> bytes:
    head = "title,office,p_front,share,language,reason,model,description\n"
    row = '"{}",back,0.0123,7,xx,old reason,default-0000000000,"{}"\n'
    return csv(head + "".join(row.format(*posting) for posting in POSTINGS))


FAULTS = {
    "blank.csv": refused("the file is empty", b""),
    "only_newlines.csv": refused("nothing in it but blank lines", b"\n\r\n \n\t\n\n"),
    "only_delimiters.csv": refused("no column looks like the posting's text", b",,,\n,,,\n,,,\n"),
    "header_only.csv": refused("there is no row below the header", csv(_HEAD)),
    "header_only.tsv": refused("there is no row below the header", b"title\tdescription"),
    # What stands before, between and below the rows
    "leading_blank_lines.csv": kept(3, csv("\n\r\n  \n" + _HEAD + _ROWS)),
    "blank_lines_between.csv": kept(3, csv((_HEAD + _ROWS).replace("\n", "\n\n\n"))),
    "comment_lines_on_top.csv": kept(3, csv("# made by X, v. 2\n# 2027-01-01\n" + _HEAD + _ROWS)),
    "title_lines_on_top.csv": kept(3, csv('Report,,\n"Oslo, 2027",,\n,,\n' + _HEAD + _ROWS)),
    "totals_at_the_foot.csv": kept(5, csv(_HEAD + _ROWS + ",,\nTotal,3,\n")),
    "header_twice.csv": kept(7, csv(_HEAD + _ROWS + _HEAD + _ROWS)),
    # Delimiters
    "sep_line.csv": kept(3, csv("sep=;\r\n" + sheet(";", "\r\n"))),
    "sep_line_in_quotes.csv": kept(3, csv('"sep=|"\n' + sheet("|"))),
    "sep_line_that_lies.csv": refused("no column looks like", csv("sep=;\n" + _HEAD + _ROWS)),
    "delimiter_in_the_header_only.csv": kept(2, b"title;description\nuno dos\ntres cuatro\n"),
    "semicolons_and_decimal_commas.csv": kept(
        2, b"title;description;hours;pay\nA;uno, dos;37,5;1.234,50\nB;tres;7,5;-0,01\n"
    ),
    "bars.csv": kept(3, csv(sheet("|"))),
    "tabs.csv": kept(3, csv(sheet("\t"))),
    "mixed_delimiters.csv": kept(3, b"title;description\nA;uno\nB,dos\nC\ttres\n"),
    "trailing_delimiters.csv": kept(3, csv((_HEAD + _ROWS).replace("\n", ",,,\n"))),
    "spaces_after_delimiters.csv": kept(2, b'title, description\nA, "uno, dos"\nB, "tres"\n'),
    "commas_in_a.tsv": kept(3, csv(sheet(","))),
    "tabs.tsv": kept(3, csv(sheet("\t"))),
    "one_column.csv": kept(3, b"description\nuno, dos; tres\n\"cuatro, 'cinco'\"\nseis | siete\n"),
    "ragged.csv": kept(4, csv(_HEAD + "A\nB,uno\nC,uno,Oslo,x,y,z\n" + "D,dos,Bergen\n")),
    # Quotes
    "unclosed_quote_in_the_header.csv": kept(3, csv('"title,description,city\n' + _ROWS)),
    "unclosed_quote_in_the_first_row.csv": kept(4, csv(_HEAD + 'X,"never closed,Ås\n' + _ROWS)),
    "unclosed_quote_in_the_middle.csv": kept(
        7, csv(_HEAD + _ROWS + 'X,"never closed,Ås\n' + _ROWS)
    ),
    "unclosed_quote_in_the_last_row.csv": kept(4, csv(_HEAD + _ROWS + 'X,"never closed,Ås')),
    "unclosed_quote_in_every_row.csv": kept(
        3, b'title,description,city\nA,"uno,Oslo\nB,"dos,Madrid\nC,"tres,Leeds\n'
    ),
    "quote_in_an_unquoted_cell.csv": kept(
        2, b'title,description\nA,a 5" screen\nB,the "best" ones\n'
    ),
    "text_behind_a_closed_quote.csv": kept(2, b'title,description\nA,"uno" dos\nB,"a"b"c"\n'),
    "quotes_escaped_with_backslashes.csv": kept(
        2, rb"title,description" + b"\n" + rb'A,"say \"hello\", please"' + b'\nB,"tres"\n'
    ),
    "newlines_in_cells.csv": kept(2, b'title,description\nA,"uno\n\n\r\ndos\rtres"\nB,"\n"\n'),
    "cell_of_9_000_lines.csv": kept(
        2, csv('title,description\nA,"' + "uno dos,\n" * 9_000 + '"\nB,x\n')
    ),
    # Headers
    "duplicate_headers.csv": kept(2, b"id,id,description,id\n1,2,uno,3\n4,5,dos,6\n"),
    "two_columns_of_text.csv": refused(
        "could both be the posting's text", b"description,Description\na,b\n"
    ),
    "blank_header_cells.csv": kept(2, b",description,,\n1,uno,,x\n2,dos,y,\n"),
    "headers_in_capitals_and_spaces.csv": kept(3, csv(sheet().replace("title", "  TÍTULO ", 1))),
    "terminal_escapes_in_the_header.csv": refused(
        "no column looks like", b"\x1b]0;owned\x07ref,\x1b[2Jcity\r\x9b31m,\xe2\x80\xaex\n1,2,3\n"
    ),
    "column_called_language.csv": kept(2, b"language,description\nen,uno\nes,dos\n"),
    "tagged_before.csv": kept(3, _tagged()),
    # Cells
    "formula_cells.csv": kept(
        4,
        b"title,description,phone\n=cmd|' /C calc'!A0,"
        b'"=HYPERLINK(""http://x"")",+47 22 33 44 55\n'
        b'@SUM(1+1),-2+3+cmd|x,-5\n"\t=1+1"," =1",\'=1\n"\r=1",+1,%00=1\n',
    ),
    "formula_in_the_header.csv": kept(1, b"=1+1,description,@x,-y\n1,uno dos,2,3\n"),
    "leading_zeros_and_long_digits.csv": kept(
        3, b"id,description,date\n007,uno,01.02.03\n123456789012345678,dos,2027-02-30\n1e5,x,1/2\n"
    ),
    "spaces_around_cells.csv": kept(
        2, b"title , description\n  A ,  uno  \n\xc2\xa0B, dos\xe3\x80\x80\n"
    ),
    # Sizes
    "cell_of_5_mb.csv": kept(2, lambda: csv(f'description\n"{BACK["en"] * 40_000}"\nuno\n')),
    "16_000_columns.csv": kept(2, lambda: _wide(2, 16_000)),
    "one_row_of_5_000_cells.csv": kept(
        101, lambda: csv(_HEAD + "A,uno,Oslo\n" * 100 + "B,dos" + ",x" * 5_000 + "\n")
    ),
    "line_of_5_mb_without_end.csv": refused("no row below the header", lambda: b"x" * 5_000_000),
    "header_of_5_mb.csv": kept(1, lambda: b"description," + b"y" * 5_000_000 + b"\nuno dos,z\n"),
    "names_of_5_mb.csv": refused(
        "no column looks like", lambda: b"ref," + b"y" * 5_000_000 + b"\nuno dos,z\n"
    ),
    "20_000_names_alike.csv": kept(
        1, lambda: csv("description" + ",x" * 20_000 + "\nuno" + ",1" * 20_000 + "\n")
    ),
    "200_000_quotes.csv": kept(1, lambda: b"title,description\nA," + b'"' * 200_000 + b"\n"),
    # Not what the suffix says
    "really_a_web_page.csv": refused(
        "no column looks like",
        b"<!DOCTYPE html>\n<html><body><p>Your session has expired.</p>\n</body></html>\n",
    ),
    "really_json_lines.csv": refused("no column looks like", b'{"title": "A"}\n{"title": "B"}\n'),
    "really_a_workbook.csv": refused("a zip or Office file, not text", lambda: zipped({"a": b"b"})),
    "really_gzip.csv": refused(
        "a gzip file, not text", lambda: gzip.compress(csv(sheet()), mtime=0)
    ),
    "really_parquet.csv": refused("a Parquet file, not text", b"PAR1" + b"\0" * 99 + b"PAR1"),
    "really_a_program.csv": refused("binary data, not text", b"\x7fELF" + bytes(range(256)) * 9),
}
