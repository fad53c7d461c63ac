"""CSV and TSV that are not clean: every cell and every byte comes back, and what is odd is said."""

import csv
import io
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import InputError
from pipeline.batch import run
from pipeline.encoding import decode, detect_file_encoding
from pipeline.job import prepare
from pipeline.tables import open_table
from pipeline.tables.delimited import DelimitedReader
from pipeline.tables.delimited_writer import delimited_writer
from tests.test_tables import ADDED, COUNTED, annotate, through


def tagged(tmp_path: Path, content: bytes | str, name: str = "in.csv", **options) -> bytes:
    """Write a file, tag it, and return the output's bytes."""
    source = tmp_path / name
    source.write_bytes(content.encode() if isinstance(content, str) else content)
    output = tmp_path / f"out{source.suffix}"
    through(source, output, overwrite=True, **options)
    return output.read_bytes()


def without_tags(content: bytes, columns: int = 2, delimiter: bytes = b",") -> bytes:
    """Cut the last cells off each line."""
    lines = content.splitlines(keepends=True)
    ends = [line[len(line.rstrip(b"\r\n")) :] for line in lines]
    cut = [line.rstrip(b"\r\n").rsplit(delimiter, columns)[0] for line in lines]
    return b"".join(a + b for a, b in zip(cut, ends, strict=True))


@pytest.mark.parametrize(
    ("content", "described"),
    [("a,text\n1,x\n", "UTF-8, comma-separated, LF"),
     ("\ufeffsep=;\r\na;text\r\n1;x\r\n", "UTF-8 with BOM, semicolon-separated, with a sep= line, "
      "CRLF"),
     ("a|text\r1|x\r2|y", "UTF-8, bar-separated, CR"),
     ("text\nx", "UTF-8, one column, LF"), ("text\r\nx\ny\n", "UTF-8, one column, mixed line ends"),
     ("a\ttext\nå\tx\n".encode("cp1252"), "cp1252, tab-separated, LF"),
     ("a\ttext\n1\tx\n".encode("utf-16"), "UTF-16-le with BOM, tab-separated, LF"),
     ("a\ttext\n1\tx\n".encode("utf-32"), "UTF-32-le with BOM, tab-separated, LF")],
)  # fmt: skip
def test_what_was_found_out_is_told_in_a_line(tmp_path: Path, content, described: str) -> None:
    (tmp_path / "in.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert open_table(tmp_path / "in.csv").described == described


@pytest.mark.parametrize(
    "content",
    ["ref,text\r1,x\r2,y\r", "ref,text\r\n1,x\n2,y\r3,z\n\r\n4,w", "ref,text\r1,\"x\r\ny\"\r",
     "ref,text\n1,x\r\r\n2,y\r\r\n", "\r\n\rref,text\r1,x"],
)  # fmt: skip
def test_line_ends_of_every_kind_come_back_as_they_were(tmp_path: Path, content: str) -> None:
    with (tmp_path / "in.csv").open("w", newline="") as file:
        file.write(content)
    reader = open_table(tmp_path / "in.csv")
    back = tagged(tmp_path, content).decode()
    assert back.count("\r") == content.count("\r")
    assert back.count("\n") == content.count("\n")
    for word in (",office,p_front", *(f",w{n},0.{n}25" for n in (1, 2)), ",w2,0.25"):
        back = back.replace(word, "")
    assert back == content
    assert reader.rows == len([line for line in content.splitlines() if "," in line]) - 1


def test_nul_characters_stay_in_their_cells(tmp_path: Path) -> None:
    content = b'ref,text\n\x001,uno \x00 dos\n2,"\x00,\x00"\n'
    assert without_tags(tagged(tmp_path, content)) == content
    assert next(open_table(tmp_path / "in.csv").batches(9)).text(0).to_pylist() == ["\x001", "2"]


def test_what_a_spreadsheet_would_change_is_not_touched(tmp_path: Path) -> None:
    content = (
        "id;text;n;d;t\r\n0047;uno;1.234,50;01/02/2027;1E5\r\n"
        '12345678901234567890; dos ;"0,5";2027-02-01;TRUE\r\n"007";"""a""";-0;1-2;  \r\n'
    )
    assert without_tags(tagged(tmp_path, content), delimiter=b";") == content.encode()


def test_the_delimiter_can_be_given(tmp_path: Path) -> None:
    content = "title;text~a;b~c\nx;y~d~e\n"
    (tmp_path / "in.csv").write_text(content)
    assert open_table(tmp_path / "in.csv", delimiter="~").schema.names == ["title;text", "a;b", "c"]
    (tmp_path / "in.tsv").write_text("a,b\ttext\n1,2\tx\n")
    for name in ("tab", "TAB", "\\t", "\t"):
        assert open_table(tmp_path / "in.tsv", delimiter=name).schema.names == ["a,b", "text"]
    assert open_table(tmp_path / "in.tsv", delimiter="comma").schema.names == ["a", "b\ttext"]
    with pytest.raises(InputError, match=r"'ab' cannot stand between cells; give one character"):
        open_table(tmp_path / "in.csv", delimiter="ab")
    for wrong in ('"', "\n", "x", "7", " "):
        with pytest.raises(InputError, match="cannot stand between cells"):
            open_table(tmp_path / "in.csv", delimiter=wrong)
    (tmp_path / "in.jsonl").write_text('{"text": "x"}\n')
    with pytest.raises(InputError, match=r"a \.jsonl has no delimiter; leave --delimiter out"):
        open_table(tmp_path / "in.jsonl", delimiter=";")


def test_a_given_delimiter_that_is_not_there_leaves_one_column(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text,a\nuno dos,b\n")
    reader = open_table(tmp_path / "in.csv", delimiter="|")
    assert reader.schema.names == ["text,a"]


def test_a_header_with_blank_and_double_names_is_told_and_kept(tmp_path: Path) -> None:
    content = "id,note,,text,note, \n1,2,3,x,4,5\n"
    (tmp_path / "in.csv").write_text(content)
    assert open_table(tmp_path / "in.csv").notes == [
        "the header has no name for column 3, 6; kept",
        "columns 2, 5 are all called 'note'; kept",
    ]
    assert without_tags(tagged(tmp_path, content)) == content.encode()


def test_a_broken_letter_does_not_make_nonsense_of_the_others(tmp_path: Path) -> None:
    good = "ref,text\n" + "".join(f"{n},blåbær på norsk\n" for n in range(50))
    content = good.encode() + b"50,bl\xe5b\xe6r \x81\n51,cut \xc3\n"
    assert without_tags(tagged(tmp_path, content)) == content
    reader = open_table(tmp_path / "in.csv")
    assert reader.described == "UTF-8, comma-separated, LF"
    assert reader.notes == [
        "2 rows have bytes that are not UTF-8 (lines 52, 53); the bytes are kept, and read as"
        " cp1252"
    ]
    texts = next(reader.batches(99)).text(1).to_pylist()
    assert texts[49:] == ["blåbær på norsk", "blåbær �", "cut Ã"]


def test_a_byte_that_cp1252_has_not_is_kept_where_it_is_rare(tmp_path: Path) -> None:
    words = "Søker kokk på fjellet, gjerne med erfaring fra før. ".encode("cp1252")
    content = b"ref;text\n" + b"1;" + words * 40 + b"\n2;x \x81\n"
    assert without_tags(tagged(tmp_path, content), delimiter=b";") == content
    assert "bytes that are not cp1252 (lines 3)" in open_table(tmp_path / "in.csv").notes[0]
    plain = b"ref,text\n" + b"1,plain words only\n" * 200 + b"2,x \x9d\n"
    assert without_tags(tagged(tmp_path, plain)) == plain


@pytest.mark.parametrize("encoding", ["cp850", "shift-jis"])
def test_a_file_of_another_encoding_is_refused_where_it_shows(tmp_path: Path, encoding) -> None:
    text = "Å søke" if encoding == "cp850" else "日本語の文章"
    (tmp_path / "in.csv").write_bytes(f"ref,text\n1,{text}\n".encode(encoding) * 9)
    with pytest.raises(InputError, match="neither UTF-8 nor cp1252"):
        open_table(tmp_path / "in.csv")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["å".encode(), "€".encode(), b"a", b"\xe5", b"\xff", b"\x81"])))
def test_a_text_is_decoded_or_refused_and_its_bytes_can_be_had_back(tmp_path_factory, parts):
    content = b"a" + b"".join(parts)
    file = tmp_path_factory.mktemp("bytes") / "x.txt"
    file.write_bytes(content)
    try:
        name, errors = detect_file_encoding(file)
    except InputError:
        return
    assert content.decode(name, errors).encode(name, errors) == content
    decode(content, "x").encode("utf-8")


IN_PLACE = [
    ("office,text,p_front\nold,x y,1\n\nold,z,\n",
     "office,text,p_front\nw2,x y,0.25\n\nw1,z,0.125\n"),
    ('"p_front";a;"office";text\r\n 1 ;"a;""b""";old;x\r\n2;;"o\r\nld"; y y \r\n',
     '"p_front";a;"office";text\r\n0,125;"a;""b""";w1;x\r\n0,25;;w2; y y \r\n'),
    ("a\ttext\toffice\n1\tx\told\textra\n2\ty\n",
     "a\ttext\toffice\t\tp_front\n1\tx\tw1\textra\t0.125\n2\ty\tw1\t\t0.125\n"),
    ("text,office,office\nx,1,2\n", "text,office,office,p_front\nx,w1,2,0.125\n"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "expected"), IN_PLACE)
def test_a_column_that_is_there_is_replaced_where_it_stands(tmp_path, content, expected) -> None:
    (tmp_path / "in.csv").write_bytes(content.encode())
    reader = DelimitedReader(tmp_path / "in.csv")
    writer = delimited_writer(tmp_path / "out.csv", reader, ADDED)
    for rows in reader.batches(1):
        text = rows.text(reader.schema.names.index("text"))
        writer.write(rows, annotate(rows.cells.from_arrays([text], names=["text"])))
    writer.close()
    assert (tmp_path / "out.csv").read_bytes().decode() == expected


def test_an_output_without_suffix_keeps_the_dialect(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes("ref;text\n1;på\n".encode("cp1252"))
    run(prepare(tmp_path / "in.csv", tmp_path / "out"), COUNTED)
    assert (tmp_path / "out").read_bytes() == "ref;text;office;p_front\n1;på;w1;0,125\n".encode(
        "cp1252"
    )


def test_the_sizes_in_which_rows_come_do_not_show(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("pipeline.tables.rows._BATCH_BYTES", 1)
    rows = "".join(f'{n},"uno, ""{n}""\nx"\n{n},y\n' for n in range(50))
    (tmp_path / "in.csv").write_text(f"ref,text\n{rows}")
    outputs = set()
    for size in (1, 7, 1_000):
        reader = open_table(tmp_path / "in.csv")
        writer = delimited_writer(tmp_path / "out.csv", reader, ADDED)
        sizes = []
        for some in reader.batches(size):
            sizes.append(some.cells.num_rows)
            writer.write(some, annotate(some.cells))
        writer.close()
        assert max(sizes) == min(size, 100)
        outputs.add((tmp_path / "out.csv").read_bytes())
    assert len(outputs) == 1


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.just("1"), st.text(st.sampled_from('aåñ"; ,\n\xa0-='), max_size=8)),
        min_size=1,
        max_size=5,
    ),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16", "cp850", "latin-1"]),
    delimiter=st.sampled_from(";|¦"),
)
def test_cells_are_read_and_bytes_kept_in_every_encoding(
    tmp_path_factory, rows, encoding, delimiter
) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows([("ñ", "text"), *rows])
    source = tmp_path_factory.mktemp("encodings") / "in.csv"
    source.write_bytes(file.getvalue().encode(encoding))
    reader = open_table(source, encoding.replace("-sig", ""), delimiter=delimiter)
    assert reader.schema.names[0].removeprefix("\ufeff") == "ñ"
    (found,) = reader.batches(9)
    assert found.text(1).to_pylist() == [text for _, text in rows]
    output = source.with_name("out.csv")
    writer = delimited_writer(output, reader, ADDED.empty_table().select([]).schema)
    writer.write(found, found.cells.select([]))
    writer.close()
    assert output.read_bytes() == source.read_bytes()


def test_a_column_of_odd_text_is_put_behind_in_the_files_encoding(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes("ref;text\n1;på\n".encode("cp1252"))
    reader = open_table(tmp_path / "in.csv")
    writer = delimited_writer(tmp_path / "out.csv", reader, pa.schema([("ñ", pa.string())]))
    (rows,) = reader.batches(9)
    writer.write(rows, pa.record_batch([['så; "å"']], names=["ñ"]))
    writer.close()
    assert (tmp_path / "out.csv").read_bytes().decode("cp1252") == (
        'ref;text;ñ\n1;på;"så; ""å"""\n'
    )
