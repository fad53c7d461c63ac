"""Every nasty file through every command that reads: whole, or refused with one sentence."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline import Tagger
from pipeline.annotate import TAG_COLUMNS
from pipeline.documents import READERS
from pipeline.encoding import readable
from pipeline.posting import Reason
from pipeline.tables import compressed, kind_of, open_table
from pipeline.training import train
from tests.conftest import Result, write_small_corpus
from tests.nasty import names
from tests.nasty.fault import POSTINGS
from tests.nasty.limits import limits
from tests.nasty.make import DOCUMENTS, TABLES, make

#: Kinds that are only read, by the kind that is written instead.
WRITTEN = {".xls": ".xlsx", ".ods": ".xlsx"}
KNOWN_REASONS = {"", *(reason for name, reason in vars(Reason).items() if name.isupper())}
JSON_KINDS = (".jsonl", ".ndjson", ".json", ".jsonld")
#: What may not reach a terminal: it moves the cursor, ends the line or turns the writing round.
_STEERS = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with in/, out/ and tmp/, the system's temporary folder for now; gone afterwards."""
    for name in ("in", "out", "tmp"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    yield tmp_path
    shutil.rmtree(tmp_path)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with a small model: what it says is of no matter here."""
    folder = tmp_path_factory.mktemp("small")
    train([write_small_corpus(folder / "corpus")], folder / "models")
    return folder / "models"


@pytest.fixture(scope="module")
def tagger(models: Path) -> Tagger:
    """A tagger that has tagged once: what is compiled at first use counts in no test."""
    loaded = Tagger.load(models=models)
    titles, texts = zip(*POSTINGS, strict=True)
    loaded.tag_batch(pa.record_batch({"title": titles, "text": texts}))
    loaded.tag(texts, titles)
    return loaded


@pytest.fixture
def run(frontback: Callable[..., Result], tagger: Tagger, monkeypatch) -> Callable[..., Result]:
    """The command line with its model loaded once for all, within limits of time and memory."""
    monkeypatch.setattr(Tagger, "load", lambda *arguments, **more: tagger)
    # A packed bomb is found by unpacking; a small limit finds it sooner.
    monkeypatch.setattr(compressed, "MOST_BYTES", 2**26)
    monkeypatch.setattr(compressed, "MOST_TIMES", 20)

    def limited(*arguments: object) -> Result:
        with limits():
            result = frontback(*arguments)
        said = result.out + result.err
        assert not _STEERS.search(said), ascii(said)
        assert max(map(len, said.split("\n"))) < 2_000, said[:2_000]
        return result

    return limited


def check_refused(result: Result, words: str, folder: Path) -> None:
    """One sentence on stderr that holds the words, a code that is not 0, nothing left behind."""
    said = [line for line in result.err.split("\n") if line.startswith("frontback: ")]
    assert result.code == 1, result
    assert len(said) == 1, result.err
    assert words in said[0]
    assert said[0].endswith(".")
    assert result.err.rstrip("\n").endswith(said[0])
    assert result.out == ""
    assert left_in(folder) == set()


def left_in(folder: Path) -> set[str]:
    """Return what lies in the folders for outputs and temporary files."""
    return {path.name for name in ("out", "tmp") for path in (folder / name).iterdir()}


def columns_of(path: Path) -> list[tuple[str, list[str | None]]]:
    """Return a table's columns as names and texts."""
    reader = open_table(path)
    columns: list[list[str | None]] = [[] for _ in reader.schema]
    for rows in reader.batches(1_000):
        for place, column in enumerate(columns):
            column.extend(readable(rows.text(place)).to_pylist())
    return list(zip(reader.schema.names, columns, strict=True))


def holds_in_order(part: bytes, whole: bytes) -> bool:
    """Whether all bytes of ``part`` occur in ``whole`` in that order: something was put between."""
    rest = iter(whole)
    return all(byte in rest for byte in part)


def check_unchanged(source: Path, output: Path) -> None:
    """Every cell of the source stands in the output where it stood, as it was."""
    before, after = columns_of(source), columns_of(output)
    kind, columns = kind_of(source), dict(after)
    if "model" in dict(before):  # tagged before: what stood there is replaced in its place
        assert [name for name, _ in after] == [name for name, _ in before]
        for old, new in zip(before, after, strict=True):
            assert (old == new) == (old[0] not in TAG_COLUMNS)
        return
    if kind in JSON_KINDS:
        assert {name: columns[name] for name, _ in before} == dict(before)
    else:
        assert after[: len(before)] == before
    if kind in (*JSON_KINDS, ".csv", ".tsv") and "unreadable" not in columns:
        check_only_added(source, output, kind)


def check_only_added(source: Path, output: Path, kind: str) -> None:
    """Nothing of the file is lost but white space between the lines of JSON, which says nothing."""
    old, new = source.read_bytes(), output.read_bytes()
    if codec := {".gz": "gzip", ".zst": "zstd"}.get(source.suffix):
        packed = pa.CompressedInputStream(pa.BufferReader(old), codec)
        old, new = packed.read(), pa.CompressedInputStream(pa.BufferReader(new), codec).read()
    if kind in JSON_KINDS:
        old = old.translate(None, b" \t\r\n")
    assert holds_in_order(old, new)


def own_suffix(name: str) -> str:
    """Return the suffix of an output of the same kind."""
    path = Path(name)
    kind = kind_of(path)
    return WRITTEN.get(kind, kind) + (path.suffix if kind != path.suffix.lower() else "")


CASES = [(name, suffix) for name in TABLES for suffix in sorted({own_suffix(name), ".csv"})]


@pytest.mark.parametrize(("name", "suffix"), CASES)
def test_batch_gives_all_rows_back_or_refuses(run, folder: Path, name: str, suffix: str) -> None:
    source, fault = folder / "in" / name, TABLES[name]
    fault.write(source)
    output = folder / "out" / f"out{suffix}"
    result = run("batch", "-o", output, "--", source)
    in_kind = suffix == own_suffix(name)
    if refusal := fault.refused or (fault.not_copied if in_kind else ""):
        check_refused(result, refusal, folder)
        return
    assert (result.code, result.out) == (0, ""), result.err
    assert left_in(folder) == {output.name}
    assert open_table(output).rows == fault.rows
    if in_kind:
        check_unchanged(source, output)
    else:
        with output.open(encoding="utf-8", newline="") as file:
            assert sum(1 for _ in csv.reader(file)) == fault.rows + 1


@pytest.mark.parametrize("name", TABLES)
def test_detect_gives_all_rows_back_or_refuses(run, folder: Path, name: str) -> None:
    source, fault = folder / "in" / name, TABLES[name]
    fault.write(source)
    output = folder / "out" / "out.parquet"
    result = run("detect", "-o", output, "--", source)
    if fault.rows is None:
        check_refused(result, fault.refused, folder)
        return
    assert (result.code, result.out) == (0, ""), result.err
    assert left_in(folder) == {output.name}
    assert open_table(output).rows == fault.rows


@pytest.mark.parametrize("command", ["tag", "detect"])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_answered_or_refused(run, folder: Path, name: str, command: str) -> None:
    source, fault = folder / "in" / name, DOCUMENTS[name]
    fault.write(source)
    result = run(command, "--json", source)
    if fault.rows is None:
        check_refused(result, fault.refused, folder)
        return
    assert (result.code, result.err) == (0, "")
    assert {"language", "code"} & json.loads(result.out).keys()
    assert left_in(folder) == set()


def test_a_folder_of_nasty_documents_is_a_row_each(run, folder: Path) -> None:
    read = {name: fault for name, fault in DOCUMENTS.items() if Path(name).suffix in READERS}
    for name, fault in read.items():
        fault.write(folder / "in" / name)
    output = folder / "out" / "out.csv"
    result = run("batch", folder / "in", "-o", output)
    assert (result.code, result.out) == (0, ""), result.err
    assert left_in(folder) == {output.name}
    with output.open(encoding="utf-8", newline="") as file:
        reasons = {row["file"]: row["reason"] for row in csv.DictReader(file)}
    assert list(reasons) == sorted(read)
    for name, fault in read.items():
        assert fault.refused in reasons[name]
        assert fault.refused or reasons[name] in KNOWN_REASONS


@pytest.mark.parametrize("name", [name for name in TABLES if name not in names.FAULTS])
def test_what_comes_through_a_pipe_is_read_or_refused(
    run, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    fault = TABLES[name]
    source, output = folder / "in" / name, folder / "out" / "out.csv"
    fault.write(source)
    with source.open("rb") as content:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(content, "utf-8"))
        result = run("batch", "-", "-o", output)
    if result.code == 0:
        assert left_in(folder) == {output.name}
        # A pipe has no name: what is called .csv and is JSON is JSON there.
        assert fault.rows is None or open_table(output).rows == fault.rows
    else:
        assert fault.rows is None
        check_refused(result, "standard input", folder)


LABELLED = {"label": "front", "language": "en", "kind": "plain"}


@pytest.mark.parametrize("command", ["check", "train"])
@pytest.mark.parametrize(
    "name", [name for name in TABLES if name.endswith((".jsonl", ".tsv")) and "/" not in name]
)
def test_a_corpus_with_a_nasty_file_is_refused(run, folder: Path, name: str, command: str) -> None:
    corpus = folder / "in"
    (corpus / "postings").mkdir()
    (corpus / "lines").mkdir()
    good = [dict(LABELLED, title=title, text=text) for title, text in POSTINGS]
    (corpus / "postings" / "en.jsonl").write_text("\n".join(map(json.dumps, good)))
    part = "lines" if name.endswith(".tsv") else "postings"
    TABLES[name].write(corpus / part / name)
    if command == "check":
        result = run("corpus", "check", "--corpus", corpus)
    else:
        result = run("train", "--corpus", corpus, "--models", folder / "out" / "models")
    said = [line for line in result.err.split("\n") if line.startswith("frontback: ")]
    assert result.code == 1, result
    assert len(said) == 1
    assert said[0].endswith(".")
    assert not list((folder / "out").rglob("*.joblib"))


def test_the_files_are_many_and_the_same_every_time(folder: Path) -> None:
    first, again = folder / "in" / "first", folder / "in" / "again"
    for place in (first, again):
        make(place)
    names = sorted(path.name for path in first.iterdir())
    assert len(names) >= 80
    assert names == sorted(path.name for path in again.iterdir())
    for path in first.iterdir():
        if path.is_file() and not path.is_symlink():
            assert path.read_bytes() == (again / path.name).read_bytes(), path.name


def test_every_fault_says_what_must_come_of_it() -> None:
    for name, fault in (TABLES | DOCUMENTS).items():
        assert (fault.rows is None) == bool(fault.refused), name
