"""Delimited text is parted into records and cells alike by the quick way and by the csv module."""

import csv
import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.tables.cells import proper_cells, raw_cells, replace_cells
from pipeline.tables.records import split

soiled = st.text(st.sampled_from('ab";,\n\r \0'), max_size=40)
clean_rows = st.lists(
    st.lists(st.text(st.sampled_from('ab";,\n\r æ'), max_size=6), min_size=1, max_size=4),
    min_size=1,
    max_size=6,
)


def records(text: str, quick: bool, newline: str = "") -> list:
    return list(split(io.StringIO(text, newline=newline), ";", quick=quick))


@settings(max_examples=1_000, deadline=None)
@given(soiled)
@example('"a""b";c\n')
@example('"";""\n')
@example('a;"b\nc";d\n"e')
@example('"a" ;b\n')
@example('5";6"\n"7;\n8"\n')
@example('""""\n')
def test_the_quick_way_reads_what_the_csv_module_reads(text: str) -> None:
    assert records(text, quick=True) == records(text, quick=False)


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
    found = records(text, quick=True)
    assert [record.cells for record in found] == rows
    assert "".join(record.raw for record in found) == text


@settings(max_examples=500, deadline=None)
@given(soiled, st.integers(0, 3))
def test_a_cell_is_replaced_and_all_others_stay_as_they_are_written(text: str, place: int) -> None:
    for record in records(text, quick=True):
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


@pytest.mark.parametrize("newline", ["\n", ""])
def test_blank_lines_belong_to_the_record_before_them(newline: str) -> None:
    found = records('a;b\n\n"c\n\nd";e\n\n\n', quick=True, newline=newline)
    assert [(record.line, record.cells) for record in found] == [
        (1, ["a", "b"]),
        (3, ["c\n\nd", "e"]),
    ]
    assert found[1].raw == '"c\n\nd";e\n\n\n'
