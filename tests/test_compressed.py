"""Packed tables, folders of documents, and what comes by a pipe."""

import csv
import gc
import gzip
import io
import json
import os
import random
import tempfile
import zlib
from pathlib import Path

import docx
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import InputError, OutputError
from pipeline.batch import run
from pipeline.job import prepare
from pipeline.tables import compressed, is_table, open_table
from pipeline.tables.streams import kind_in, received, send
from tests.test_cli import write_pdf
from tests.test_tables import COUNTED, through

CSV = "ref;text\r\n1;uno dos\r\n2;\xe6\r\n"
TAGGED = "ref;text;office;p_front\r\n1;uno dos;w2;0,25\r\n2;\xe6;w1;0,125\r\n"


@pytest.fixture(autouse=True)
def temporary(tmp_path_factory, monkeypatch):
    """A folder for temporary files of its own, and that nothing is left in it."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    gc.collect()
    assert list(folder.iterdir()) == []


def pack(content: bytes, codec: str) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, codec) as packed:
        packed.write(content)
    return sink.getvalue().to_pybytes()


def unpack(content: bytes, codec: str) -> bytes:
    with pa.CompressedInputStream(pa.BufferReader(content), codec) as packed:
        return packed.read()


def _gzip(content: bytes) -> bytes:
    """Return it packed without the time, which would be in a test's name."""
    return gzip.compress(content, mtime=0)


@pytest.mark.parametrize(("suffix", "codec"), [("gz", "gzip"), ("zst", "zstd")])
def test_a_packed_csv_comes_back_packed_and_byte_for_byte(tmp_path, suffix, codec) -> None:
    source, output = tmp_path / f"in.csv.{suffix}", tmp_path / f"out.csv.{suffix}"
    source.write_bytes(pack(CSV.encode("cp1252"), codec))
    assert is_table(source)
    reader = open_table(source)
    assert reader.path == source
    assert reader.described == f"{codec}, cp1252, semicolon-separated, CRLF"
    assert through(source, output).rows == 2
    assert unpack(output.read_bytes(), codec) == TAGGED.encode("cp1252")
    through(source, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == output.read_bytes()
    through(source, tmp_path / "plain.csv")
    assert (tmp_path / "plain.csv").read_bytes() == TAGGED.encode("cp1252")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [source.name, output.name, "again", "plain.csv"]
    )


@pytest.mark.parametrize("kind", ["tsv", "xlsx", "parquet", "jsonl", "ndjson", "json"])
def test_every_kind_can_be_packed(tmp_path: Path, kind: str) -> None:
    (tmp_path / "in.csv").write_text("ref,text\n1,uno dos\n2,uno\n")
    packed = tmp_path / f"a.{kind}.gz"
    through(tmp_path / "in.csv", packed)
    again = tmp_path / f"b.{kind}.zst"
    through(packed, again)
    reader = open_table(again)
    (rows,) = reader.batches(9)
    assert reader.schema.names[:3] == ["ref", "text", "office"]
    assert rows.text(2).to_pylist() == ["w2", "w1"]
    assert rows.text(1).to_pylist() == ["uno dos", "uno"]
    reader.path.unlink()
    assert sum(each.cells.num_rows for each in open_table(packed).batches(1)) == 2


def test_files_packed_in_parts_and_names_without_kind_are_read(tmp_path: Path) -> None:
    content = CSV.encode()
    (tmp_path / "jobs.gz").write_bytes(gzip.compress(content[:9]) + gzip.compress(content[9:]))
    reader = open_table(tmp_path / "jobs.gz")
    assert reader.rows == 2
    (tmp_path / "jobs.zst").write_bytes(pack(b'[{"text": "a"}]', "zstd"))
    assert open_table(tmp_path / "jobs.zst").schema.names == ["text"]


@pytest.mark.parametrize(("suffix", "codec"), [("gz", "gzip"), ("zst", "zstd")])
@pytest.mark.parametrize("cut", [5, 20, -3])
def test_a_torn_packed_file_is_said_by_its_own_name(tmp_path, suffix, codec, cut) -> None:
    source = tmp_path / f"in.csv.{suffix}"
    words = " ".join(str(number) for number in range(2_000))
    source.write_bytes(pack(f"text\n{words}\n".encode(), codec)[:cut])
    with pytest.raises(InputError) as raised:
        open_table(source)
    assert str(raised.value) == f"{source}: not a readable {codec} file; export it again."


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"text\nuno\n", "not a readable gzip file"), (_gzip(b""), "is empty"),
     (_gzip(b"a,b\n1,2\n"), "no column looks like"), (b"", "the file is empty"),
     (_gzip(CSV.encode()) + b"more", "not a readable gzip file"),
     (_gzip(b"PK\x03\x04" + b"\0" * 99), "a zip or Office file, not text")],
)  # fmt: skip
def test_what_is_wrong_inside_is_said_by_the_name_outside(tmp_path, content, sentence) -> None:
    source = tmp_path / "in.csv.gz"
    source.write_bytes(content)
    with pytest.raises(InputError, match=sentence) as raised:
        prepare(source, tmp_path / "out.csv")
    assert str(raised.value).startswith(f"{source}: ")


def test_a_bomb_is_refused_and_leaves_nothing(tmp_path: Path, monkeypatch) -> None:
    source = tmp_path / "in.csv.gz"
    source.write_bytes(gzip.compress(b"text\n" + b"a" * 30_000_000))
    monkeypatch.setattr(compressed, "MOST_BYTES", 10_000_000)
    with pytest.raises(InputError, match=r"in\.csv\.gz: unpacks to more than 0\.0 GB, 200 times"):
        open_table(source)


def test_a_writer_that_is_let_go_of_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text\nuno\n")

    def fail(batch: pa.RecordBatch) -> pa.RecordBatch:
        raise OutputError("x")

    with pytest.raises(OutputError):
        run(prepare(tmp_path / "in.csv", tmp_path / "out.jsonl.gz"), COUNTED._replace(answer=fail))
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_damaged_packed_file_is_read_or_refused(tmp_path: Path) -> None:
    rows = "".join(f"{number};uno dos {zlib.crc32(b'%d' % number)}\n" for number in range(500))
    chance, refusals = random.Random(5), []
    for codec, suffix in (("gzip", "gz"), ("zstd", "zst")):
        whole = pack(f"ref;text\n{rows}".encode(), codec)
        source = tmp_path / f"in.csv.{suffix}"
        for _ in range(30):
            flipped = bytearray(whole)
            flipped[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
            source.write_bytes(flipped)
            try:
                list(open_table(source).batches(99))
            except InputError as error:
                refusals.append(str(error).removeprefix(str(tmp_path)))
    assert all(refusal.startswith("/in.csv.") for refusal in refusals)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Documents of every kind, a damaged one and what is none among them."""
    folder = tmp_path / "ads"
    (folder / "old").mkdir(parents=True)
    (folder / "b.txt").write_bytes("blåbær uno".encode("cp1252"))
    (folder / "a.HTML").write_text("<h1>Kokk</h1><p>uno dos</p>")
    (folder / "c.pdf").write_bytes(b"no pdf")
    write_pdf(folder / "d.pdf", "uno dos tres")
    document = docx.Document()
    document.add_paragraph("uno")
    document.save(str(folder / "e.docx"))
    (folder / "empty.md").write_bytes(b"")
    (folder / ".hidden.txt").write_text("x")
    (folder / "~$e.docx").write_text("x")
    (folder / "logo.png").write_bytes(b"\x89PNG")
    return folder


@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_folder_of_documents_is_a_table_of_one_row_a_file(folder: Path, size: int) -> None:
    reader = open_table(folder)
    batches = list(reader.batches(size))
    assert reader.rows == 6
    assert reader.notes == ["2 other files and folders in it are left out"]
    table = pa.Table.from_batches([rows.cells for rows in batches])
    assert table.column("file").to_pylist() == [
        "a.HTML", "b.txt", "c.pdf", "d.pdf", "e.docx", "empty.md",
    ]  # fmt: skip
    texts = table.column("text").to_pylist()
    assert texts[0] == "<h1>Kokk</h1><p>uno dos</p>"
    assert texts[1] == "blåbær uno"
    assert texts[2] is texts[5] is None
    assert texts[3].split() == ["uno", "dos", "tres"]
    faults = [fault for rows in batches for fault in rows.faults.values()]
    assert faults == ["not a readable PDF; export it again", "the file is empty; export it again"]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "jsonl", "json", "tsv.zst"])
def test_a_folder_can_be_written_as_any_kind_of_table(folder: Path, kind: str) -> None:
    output = folder.with_name(f"out.{kind}")
    assert through(folder, output).rows == 6
    reader = open_table(output)
    rows = next(reader.batches(99))
    assert reader.schema.names == ["file", "text", "office", "p_front"]
    assert rows.text(2).to_pylist()[1:] == ["w2", "w0", "w3", "w1", "w0"]


def test_a_folder_without_documents_is_said(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text\nuno\n")
    with pytest.raises(InputError, match=r"this is a folder, and no document \(\.txt, "):
        open_table(tmp_path)


def bytes_of(kind: str, tmp_path: Path) -> bytes:
    file = tmp_path / f"x.{kind}"
    if kind == "xlsx":
        book = openpyxl.Workbook()
        book.active.append(["text"])
        book.active.append(["uno"])
        book.save(file)
    else:
        pq.write_table(pa.table({"text": ["uno"]}), file)
    return file.read_bytes()


@pytest.mark.parametrize(
    ("content", "kind"),
    [("xlsx", ".xlsx"), ("parquet", ".parquet"), (b"\xef\xbb\xbf text;a\nuno;b\n", ".csv"),
     ("text\ta\nuno\tb\n".encode("utf-16"), ".csv"), (b' \n[{"text": "uno"}]', ".json"),
     (b'{"text": "uno"}\n{"text": "dos"}\n', ".jsonl"),
     (b'{\n"text": "uno"}\n', ".json"), (_gzip(b"text\nuno\n"), ".csv.gz"),
     (pack(b'{"text": "uno"}', "zstd"), ".json.zst")],
)  # fmt: skip
def test_the_kind_of_what_comes_by_a_pipe_is_found(tmp_path: Path, content, kind: str) -> None:
    content = bytes_of(content, tmp_path) if isinstance(content, str) else content
    with received(io.BytesIO(content)) as file:
        assert "".join(file.suffixes) == kind
        assert file.read_bytes() == content
        reader = open_table(file, name=Path("standard input"))
        assert reader.path == Path("standard input")
        assert next(reader.batches(9)).text(0).to_pylist()[0] == "uno"
        del reader
    assert not file.exists()


def test_what_is_wrong_with_a_pipe_is_said_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="standard input: there is nothing in it"):  # noqa: SIM117
        with received(io.BytesIO()):
            pass
    with received(io.BytesIO(b"\x1f\x8bxxxx")) as file:
        assert kind_in(file) == ".csv.gz"
        with pytest.raises(InputError, match=r"^standard input: not a readable gzip file"):
            open_table(file, name=Path("standard input"))


def test_a_table_goes_out_by_a_pipe_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_bytes(TAGGED.encode("cp1252"))
    sink = io.BytesIO()
    send(tmp_path / "out.csv", sink)
    assert sink.getvalue() == TAGGED.encode("cp1252")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_behind_a_pipe_is_said(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_bytes(b"x" * 100_000)
    with (
        open("/dev/full", "wb", buffering=0) as full,  # noqa: PTH123
        pytest.raises(OutputError, match=r"^standard output: the disk is full; free some space"),
    ):
        send(tmp_path / "out.csv", full)


def test_a_reader_that_stops_early_is_no_fault_of_the_output(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_bytes(b"x" * 1_000_000)
    ours, theirs = os.pipe()
    os.close(ours)
    with open(theirs, "wb", buffering=0) as stream, pytest.raises(BrokenPipeError):  # noqa: PTH123
        send(tmp_path / "out.csv", stream)


def test_a_table_may_be_tagged_from_pipe_to_pipe(tmp_path: Path) -> None:
    sink = io.BytesIO()
    with received(io.BytesIO(gzip.compress(CSV.encode("cp1252")))) as file:
        output = tmp_path / f"out{''.join(file.suffixes)}"
        through(file, output)
        send(output, sink)
    rows = list(csv.reader(gzip.decompress(sink.getvalue()).decode("cp1252").splitlines()))
    assert len(rows) == 3
    assert json.dumps(gzip.decompress(sink.getvalue()).decode("cp1252")) == json.dumps(TAGGED)


def test_what_is_packed_twice_is_refused(tmp_path: Path) -> None:
    twice = gzip.compress(gzip.compress(CSV.encode()))
    for name in ("jobs.csv.gz.gz", "jobs.gz"):
        (tmp_path / name).write_bytes(twice)
        with pytest.raises(InputError, match="packed twice; unpack it once, and name that"):
            open_table(tmp_path / name)
