"""Delimited text is parted into records and cells alike by the quick way and by the csv module."""

import csv
import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.tables.cells import proper_cells, raw_cells, replace_cells
from pipeline.tables.records import split
from pipeline.tables.source import Source

soiled = st.lists(st.sampled_from(["a", "b", '"', '"', ";", ";", "\n", "\r\n", " ", "\0"])).map(
    "".join
)
clean_rows = st.lists(
    st.lists(st.text(st.sampled_from('ab";,\n\r æ'), max_size=6), min_size=1, max_size=4),
    min_size=1,
    max_size=6,
)


def records(text: str, quick: bool = True, piece: int = 1_000, lone_returns: bool = False) -> list:
    """The records of a text that comes in pieces of this size."""
    pieces = (text[start : start + piece] for start in range(0, len(text), piece))
    return list(split(pieces, ";", lone_returns=lone_returns, quick=quick))


@settings(max_examples=1_000, deadline=None)
@given(soiled, st.integers(1, 9))
@example('"a""b";c\n', 1)
@example('"";""\n', 2)
@example('a;"b\nc";d\n"e', 3)
@example('"a" ;b\n', 4)
@example('5";6"\n"7;\n8"\n', 5)
@example('""""\n', 6)
def test_the_quick_way_reads_what_the_csv_module_reads(text: str, piece: int) -> None:
    assert records(text, True, piece) == records(text, False, 1_000)


@settings(max_examples=300, deadline=None)
@given(soiled.map(lambda text: text.replace("\0", "\r")), st.integers(1, 9))
def test_lines_that_end_in_a_return_alone_are_parted_alike_in_all_pieces(text, piece) -> None:
    lines = list(io.StringIO(text, newline=""))
    assert records(text, piece=piece, lone_returns=True) == list(
        split(iter(lines), ";", lone_returns=True)
    )
    source = Source(text[at : at + piece] for at in range(0, len(text), piece))
    universal = Source((text[at : at + piece] for at in range(0, len(text), piece)), True)
    assert list(iter(source.line, None)) == list(io.StringIO(text, newline="\n"))
    assert list(iter(universal.line, None)) == lines


def test_a_record_of_many_lines_or_megabytes_is_a_record(monkeypatch) -> None:
    for text in ("x;" + '"a\n"' * 1 + "\n", 'h;t\nx;"' + "a\n" * 9_000 + '"\ny;z\n',
                 'h;t\nx;"' + "a" * 5_000_000 + '"\ny;z\n'):  # fmt: skip
        assert records(text, piece=100_000) == records(text, quick=False)
    unclosed = 'h;t\nx;"' + "a;b\n" * 11_000 + 'c"\n'
    found = records(unclosed, piece=100_000)
    assert found == records(unclosed, quick=False)
    assert len(found) == 11_002


@settings(max_examples=300, deadline=None)
@given(clean_rows, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_what_the_csv_module_writes_is_read_back(rows, end: str, all_quoted: bool) -> None:
    file = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL
    csv.writer(file, delimiter=";", lineterminator=end, quoting=quoting).writerows(rows)
    text = file.getvalue()
    if not all_quoted and end == "\r" and any("\n" in cell for row in rows for cell in row):
        return  # the module leaves a line feed bare there
    if not all_quoted and end == "\n" and any("\r" in cell for row in rows for cell in row):
        return
    found = records(text, lone_returns=end == "\r")
    assert [record.cells for record in found] == rows
    assert "".join(record.raw for record in found) == text


@settings(max_examples=500, deadline=None)
@given(soiled, st.integers(0, 3))
def test_a_cell_is_replaced_and_all_others_stay_as_they_are_written(text: str, place: int) -> None:
    for record in records(text):
        body = record.raw.rstrip("\r\n")
        old = raw_cells(body, ";")
        assert ";".join(old) == body
        if not record.cells:
            continue
        assert len(old) == len(record.cells)
        place = min(place, len(old) - 1)
        raw = replace_cells(record.raw, ";", {place: '"new;"'})
        new = raw_cells(raw.rstrip("\r\n"), ";")
        assert new[:place] + new[place + 1 :] == old[:place] + old[place + 1 :]
        assert raw[len(raw.rstrip("\r\n")) :] == record.raw[len(body) :]
        (again,) = records(raw, quick=False)
        assert again.cells == [*record.cells[:place], "new;", *record.cells[place + 1 :]]


@pytest.mark.parametrize("record", ['a"b";c', '"a"b;c', 'a;"b" ;c', '"a;b"c"d"', 'a;b"";c'])
def test_a_quote_out_of_place_is_left_to_the_csv_module(record: str) -> None:
    assert proper_cells(record, ";") is None


@pytest.mark.parametrize("lone_returns", [True, False])
def test_blank_lines_belong_to_the_record_before_them(lone_returns: bool) -> None:
    found = records('a;b\n\n"c\n\nd";e\n\n\n', lone_returns=lone_returns)
    assert [(record.line, record.cells) for record in found] == [
        (1, ["a", "b"]),
        (3, ["c\n\nd", "e"]),
    ]
    assert found[1].raw == '"c\n\nd";e\n\n\n'
