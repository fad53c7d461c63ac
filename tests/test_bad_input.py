"""Bad input gets one sentence, a non-zero exit, no traceback, and destroys nothing."""

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import docx
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pypdf
import pytest

from pipeline import InputError
from pipeline.annotate import languages_by
from pipeline.batch import run
from pipeline.documents import read_document
from pipeline.job import prepare
from pipeline.tables import open_table
from tests.conftest import SAMPLES
from tests.postings import BACK, FRONT
from tests.test_cli import write_pdf

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500


def encrypted_workbook(path: Path) -> None:
    path.write_bytes(OLE + "EncryptedPackage".encode("utf-16-le") + b"\0" * 100)


def encrypted_pdf(path: Path) -> None:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret", algorithm="AES-256")
    writer.write(path)


def header_only_workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Tittel", "Beskrivelse"])
    book.save(path)


TABLES = {
    "empty.csv": (b"", "the file is empty; export it again"),
    "empty.xlsx": (b"", "the file is empty"),
    "blank.csv": (b"\n\r\n  \n", "nothing in it but blank lines"),
    "header.csv": (b"title,description\n", "there is no row below the header"),
    "header.xlsx": (header_only_workbook, "there is no row below the header"),
    "nothing.xlsx": (lambda p: openpyxl.Workbook().save(p), "no cell with anything in it"),
    "header.parquet": (
        lambda p: pq.write_table(pa.table({"text": pa.array([], pa.string())}), p),
        "there is no row below the header",
    ),
    "columns.csv": (b"ref,city\n1,Oslo\n", "like the posting's text among: ref, city"),
    "twice.csv": (b"description,description\na,b\n", "'description' and 'description' could both"),
    "koi8.csv": ("text\nбармен\n".encode("koi8-r") + b"\x81", "neither UTF-8 nor cp1252"),
    "bom.csv": (b"\xef\xbb\xbftext\nbl\xe5b\xe6r\n", "begins like utf-8-sig and is not readable"),
    "torn16.csv": ("text\nuno\n".encode("utf-16-le")[:-1], "begins like utf-16-le"),
    "zip.csv": (b"PK\x03\x04" + b"\0" * 99, "this is a zip or Office file, not text"),
    "garbage.csv": (bytes(range(256)) * 9, "this is binary data, not text"),
    "not.xlsx": (b"title,description\na,b\n", "really a text table, whatever its name"),
    "torn.xlsx": ((SAMPLES / "stillinger.xlsx").read_bytes()[:3000], "not a readable .xlsx"),
    "secret.xlsx": (encrypted_workbook, "the file is password-protected; save a copy without"),
    "old.xlsx": (OLE, "an Office file of the old kind"),
    "not.parquet": (b"title,description\na,b\n", "not a readable Parquet file"),
    "empty.tsv": (b"", "the file is empty"),
    "empty.jsonl": (b"", "the file is empty"),
    "empty.parquet": (b"", "the file is empty"),
    "header.tsv": (b"title\tdescription\n", "there is no row below the header"),
    "not.jsonl": (b"title,description\na,b\n", "no line holds a JSON object"),
    "latin.jsonl": ('{"text": "på"}\n'.encode("cp1252"), "not UTF-8, as JSON is"),
    "table.odb": (b"x", "a .odb is no table that is read here; use .csv"),
    "nosuffix": (b"x", "a file without suffix is no table"),
}  # fmt: skip


def make(path: Path, content) -> Path:
    if callable(content):
        content(path)
    else:
        path.write_bytes(content)
    return path


def check(result, sentence: str, named: object = "") -> None:
    """One line on stderr that says it, exit code 1, nothing on stdout."""
    lines = [line for line in result.err.splitlines() if line.startswith("frontback: ")]
    assert result.code == 1, result
    assert len(lines) == 1
    assert sentence in lines[0]
    assert str(named) in lines[0]
    assert lines[0].endswith(".")
    assert "Traceback" not in result.err
    assert result.out == ""


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("command", ["batch", "detect"])
def test_a_table_that_cannot_be_read_is_said(frontback, tmp_path: Path, name, command) -> None:
    content, sentence = TABLES[name]
    source = make(tmp_path / name, content)
    check(frontback(command, source, "-o", tmp_path / "out.csv"), sentence, source)
    assert [path.name for path in tmp_path.iterdir()] == [name]


DOCUMENTS = {
    "empty.txt": (b"", "the file is empty"),
    "not.docx": (b"plain text", "not a readable .docx; open it in Word"),
    "secret.docx": (encrypted_workbook, "the file is password-protected"),
    "not.pdf": (b"plain text", "not a readable PDF"),
    "secret.pdf": (encrypted_pdf, "the PDF is password-protected; save a copy"),
    "garbage.txt": (bytes(range(256)) * 9, "this is binary data, not text"),
    "picture.html": (b"\x89PNG" + b"\0" * 99, "this is a picture, not text"),
    "sheet.odt": (b"x", "a .odt is not read here; use .txt"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("command", ["tag", "detect"])
def test_a_document_that_cannot_be_read_is_said(frontback, tmp_path: Path, name, command) -> None:
    content, sentence = DOCUMENTS[name]
    source = make(tmp_path / name, content)
    check(frontback(command, source), sentence, source)


def test_a_pdf_locked_against_editing_only_is_read(tmp_path: Path) -> None:
    write_pdf(tmp_path / "open.pdf", FRONT["no"])
    writer = pypdf.PdfWriter(clone_from=tmp_path / "open.pdf")
    writer.encrypt(user_password="", owner_password="secret", algorithm="AES-256")
    writer.write(tmp_path / "locked.pdf")
    assert read_document(tmp_path / "locked.pdf") == read_document(tmp_path / "open.pdf")


def test_a_scan_is_told_from_a_text(frontback, tmp_path: Path) -> None:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(tmp_path / "scan.pdf")
    check(frontback("tag", tmp_path / "scan.pdf"), "holds no text (a scan?)")


@pytest.mark.parametrize(
    "arguments",
    [["tag", "no/such.txt"], ["tag", "missing.pdf"], ["batch", "no.csv", "-o", "out.csv"],
     ["detect", "no.csv", "-o", "out.csv"], ["tag", "corpus.txt", "missing.txt"]],
)  # fmt: skip
def test_a_missing_file_is_said(frontback, tmp_path, monkeypatch, arguments) -> None:
    monkeypatch.chdir(tmp_path)
    check(frontback(*arguments), "no such file")


def test_a_folder_is_no_file(frontback, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("description\nx\n")
    result = frontback("batch", tmp_path, "-o", tmp_path / "out.csv")
    check(result, "those of a folder, go into a folder; name one with -o", tmp_path)
    check(frontback("tag", tmp_path), "this is a folder", tmp_path)
    result = frontback("batch", tmp_path / "in.csv", "-o", tmp_path)
    check(result, "in.csv: this is the input itself", tmp_path)


def test_a_wrong_encoding_is_said(frontback, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes("description\nblåbær\n".encode("cp1252"))
    for encoding, sentence in (
        ("utf-8", "not readable as utf-8"),
        ("klingon", "'klingon' is no encoding"),
    ):
        check(
            frontback("batch", source, "-o", tmp_path / "o.csv", "--encoding", encoding), sentence
        )
    assert frontback("batch", source, "-o", tmp_path / "o.csv", "--encoding", "latin-1").code == 0


@pytest.mark.parametrize(
    ("output", "sentence"),
    [("no/such/folder/out.csv", "there is no such folder; create it first"),
     ("out.docx", "a .docx cannot be written"), ("/sys/out.csv", "not written"),
     ("x" * 300 + ".csv", "the name is too long")],
)  # fmt: skip
def test_an_output_that_cannot_be_written_is_said(
    frontback, tmp_path, monkeypatch, output, sentence
):
    monkeypatch.chdir(tmp_path)
    Path("in.csv").write_text(f'description\n"{FRONT["en"]}"\n')
    check(frontback("batch", "in.csv", "-o", output), sentence)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_no_permission_is_said(frontback, tmp_path: Path, as_nobody, monkeypatch) -> None:
    source, home, models = tmp_path / "in.csv", tmp_path / "home", tmp_path / "models"
    source.write_text(f'description\n"{FRONT["en"]}"\n')
    for folder in (home, models):
        folder.mkdir()
        folder.chmod(0o555)
    frontback("batch", source, "-o", tmp_path / "warm.csv")  # what it imports, root may read
    with as_nobody():
        result = frontback("batch", source, "-o", home / "out.csv")
    check(result, "not written, you may not do that there; choose a folder of", home / "out.csv")
    with as_nobody():
        result = frontback("tag", FRONT["en"], "--models", models)
    check(result, "the models folder cannot be written (Permission denied)", models)
    source.chmod(0)
    tmp_path.chmod(0o777)
    with as_nobody():
        result = frontback("batch", source, "-o", tmp_path / "out.csv", "--overwrite")
    check(result, "you may not read this file; ask for access to it", source)
    assert not list(home.iterdir())
    assert not list(models.iterdir())


def test_odd_rows_stay_and_get_their_reason(frontback, tmp_path: Path) -> None:
    rows = {
        "": "no text",
        "\x00\x01\x02": "no text",
        f"\x00{FRONT['en']}\x07": "",
        f"<ul><li>{BACK['en']}</li></ul>": "",
        f"{FRONT['en']} " * 40_000: "",
        "🙂 " * 400: "too short",
    }
    lines = ["title\ttext", *(f"x\t{text}" for text in rows)]
    (tmp_path / "in.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert frontback("batch", tmp_path / "in.tsv", "-o", tmp_path / "out.tsv").code == 0
    back = (tmp_path / "out.tsv").read_text("utf-8").split("\n")
    assert [line.split("\t")[1] for line in back[1:-1]] == list(rows)
    for line, reason in zip(back[1:-1], rows.values(), strict=True):
        assert line.split("\t")[6] == reason


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_a_huge_cell_and_control_characters_pass_every_kind(frontback, tmp_path, kind) -> None:
    texts = [f"{FRONT['es']} " * 40_000, "\x00\x01", f"\x00{FRONT['en']}\x07", None]
    source, output = tmp_path / f"in.{kind}", tmp_path / f"out.{kind}"
    if kind == "parquet":
        pq.write_table(pa.table({"text": texts}), source)
    else:
        source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    assert frontback("batch", source, "-o", output).code == 0
    (rows,) = open_table(output).batches(9)
    assert rows.text(0).to_pylist() == texts
    assert rows.text(5).to_pylist()[1:] == ["no text", "", "no text"]


def test_a_line_that_cannot_be_read_is_tagged_so(frontback, tmp_path: Path) -> None:
    lines = [json.dumps({"text": FRONT["en"]}), '{"text": "torn', json.dumps({"text": BACK["en"]})]
    (tmp_path / "in.jsonl").write_text("\n".join(lines) + "\n")
    assert frontback("batch", tmp_path / "in.jsonl", "-o", tmp_path / "out.jsonl").code == 0
    back = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["reason"] for row in back] == ["", "unreadable row", ""]
    assert [row["office"] for row in back] == ["front", "review", "back"]
    assert back[1]["unreadable"] == lines[1]


def test_a_workbook_cell_that_is_too_long_is_said_with_its_row(frontback, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(f"x,text\n{'x' * 40_000},uno\n")
    result = frontback("batch", tmp_path / "in.csv", "-o", tmp_path / "out.xlsx")
    check(result, "in.csv: row 2, column 'x' has 40,000 characters, an Excel cell holds 32,767")
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals, pipes and limits")


def big_csv(path: Path, rows: int) -> Path:
    row = f'"{FRONT["en"]} {BACK["en"]}"\n'
    path.write_text("description\n" + row * rows)
    return path


def default_signals() -> None:
    """Undo what a test run under nohup hands down."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@posix
@pytest.mark.parametrize(
    ("name", "kind"), [("SIGINT", "csv"), ("SIGTERM", "xlsx"), ("SIGHUP", "parquet")]
)
def test_an_interruption_says_one_line_and_leaves_nothing_half_written(
    start, tmp_path: Path, name: str, kind: str
) -> None:
    number = getattr(signal, name)
    source = big_csv(tmp_path / "in.csv", 100_000)
    (tmp_path / "tmp").mkdir()
    process = start(
        "batch", source, "-o", tmp_path / f"out.{kind}",
        preexec_fn=default_signals, env={"TMPDIR": str(tmp_path / "tmp")},
    )  # fmt: skip
    journal = tmp_path / f"out.{kind}.journal"
    while not journal.exists() or len(journal.read_bytes().splitlines()) < 3:
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert err.splitlines()[-1] == "frontback: interrupted; no file is half-written."
    assert "Traceback" not in err
    assert out == ""
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["in.csv", f"out.{kind}.journal", "tmp"]
    assert f"out.{kind}: " in err
    assert "rows are done; the same command with --resume goes on from there" in err
    assert list((tmp_path / "tmp").iterdir()) == []


@posix
@pytest.mark.parametrize("delay", [0.3, 0.7, 1.1, 1.5])
def test_an_interruption_at_any_time_is_no_traceback(start, tmp_path: Path, delay: float) -> None:
    code = "import pipeline.cli\nprint('ready', flush=True)\npipeline.cli.main()"
    process = start("-c", code, "tag", FRONT["es"], program=True, preexec_fn=default_signals)
    assert process.stdout.readline() == "ready\n"
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    if process.returncode != 0:  # it may have been done by then
        assert process.returncode in (130, -signal.SIGINT)
        assert "Traceback" not in err


def test_a_library_that_swallows_the_interruption_does_not_hide_it(monkeypatch) -> None:
    from pipeline import cli

    def swallow(arguments: list[str] | None) -> int:
        try:
            signal.raise_signal(signal.SIGINT)
        except BaseException:
            raise RuntimeError("profile format error") from None
        return 0

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.setattr(cli, "_run", swallow)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    with pytest.raises(SystemExit) as exit_:
        cli.main([])
    for number, handler in before.items():
        signal.signal(number, handler)
    assert exit_.value.code == 130


@posix
def test_a_broken_pipe_is_silent(start, tmp_path: Path) -> None:
    for n in range(40):
        (tmp_path / f"{n:02}.txt").write_text(FRONT["en"])
    process = start("tag", "--json", *sorted(tmp_path.glob("*.txt")), env={"PYTHONUNBUFFERED": "1"})
    assert process.stdout.readline().startswith('{"source"')
    process.stdout.close()
    assert process.wait(60) == 1
    assert process.stderr.read() == ""
    process.stderr.close()


@posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_behind_stdout_is_said(start) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        process = start("detect", FRONT["en"], stdout=full)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert (
        err
        == "frontback: standard output: the disk is full; free some space, or write elsewhere.\n"
    )


@posix
@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "jsonl"])
def test_a_disk_that_fills_up_leaves_nothing_half_written(start, tmp_path: Path, kind: str) -> None:
    import resource

    source = big_csv(tmp_path / "in.csv", 600)
    limit = {"csv": 100_000, "jsonl": 100_000, "parquet": 1_500, "xlsx": 2_000}[kind]
    process = start(
        "batch", source, "-o", tmp_path / f"out.{kind}",
        preexec_fn=lambda: (
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        ),
    )  # fmt: skip
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert f"out.{kind}: not written, the file would be larger than is allowed here" in err
    assert "Traceback" not in err
    assert {path.name for path in tmp_path.iterdir()} <= {"in.csv", f"out.{kind}.journal"}


def test_a_full_disk_has_its_sentence() -> None:
    from pipeline.output import cause

    assert (
        cause(OSError(errno.ENOSPC, "x")) == "the disk is full; free some space, or write elsewhere"
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_standard_input_is_read_by_the_rule_of_files(start, encoding: str) -> None:
    process = start("tag", "--json", "-", stdin=subprocess.PIPE, text=False)
    out, _ = process.communicate(FRONT["no"].encode(encoding), timeout=60)
    process = start("tag", "--json", FRONT["no"])
    expected, _ = process.communicate(timeout=60)
    assert json.loads(out) == json.loads(expected) | {"source": "-"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "there is nothing in it; pipe a text in"),
     (bytes(range(256)) * 9, "this is binary data, not text")],
)  # fmt: skip
def test_standard_input_that_is_no_text_is_said(start, content, sentence) -> None:
    process = start("tag", "-", stdin=subprocess.PIPE, text=False)
    out, err = process.communicate(content, timeout=60)
    assert (process.returncode, out) == (1, b"")
    assert err.decode().startswith(f"frontback: standard input: {sentence}")


def test_output_that_is_not_utf_8_degrades_and_does_not_fail(start) -> None:
    process = start(
        "tag", FRONT["no"], text=False, env={"PYTHONUTF8": "0", "PYTHONIOENCODING": "cp1252"}
    )
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")
    assert out.decode("cp1252").startswith("front")


@posix
@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_a_terminal_gets_colour_unless_it_is_declined(start, environment, coloured) -> None:
    import pty

    ours, theirs = pty.openpty()
    settings = {"TERM": "xterm"} | environment
    process = start("tag", FRONT["en"], stdout=theirs, env=settings)
    process.wait(60)
    process.stderr.close()
    os.close(theirs)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    assert "front" in shown
    assert ("\x1b[" in shown) == coloured


def test_standard_input_is_read(start) -> None:
    process = start("tag", "--json", "-", stdin=subprocess.PIPE)
    out, _ = process.communicate(FRONT["es"], timeout=60)
    assert '"office": "front"' in out
    assert '"source": "-"' in out


def test_help_comes_without_the_heavy_libraries(start) -> None:
    code = "import sys, pipeline.cli as c\ntry: c.main(['--help'])\nexcept SystemExit: pass\n"
    code += "print({'sklearn', 'scipy', 'pyarrow', 'openpyxl', 'rich'} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.splitlines()[-1] == "set()"


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "csv", "jsonl", "docx"])
def test_damaged_bytes_are_read_or_refused_and_never_crash(tmp_path: Path, kind: str) -> None:
    whole = tmp_path / f"whole.{kind}"
    if kind == "docx":
        document = docx.Document()
        document.add_paragraph(FRONT["en"])
        document.save(str(whole))
    else:
        run(prepare(SAMPLES / "ofertas.csv", whole), languages_by("frontback"))
    content, chance = whole.read_bytes(), random.Random(kind)
    damaged, refusals = tmp_path / f"damaged.{kind}", []
    for _ in range(40):
        flipped = bytearray(content)
        for _ in range(chance.choice([1, 8, 64])):
            flipped[chance.randrange(len(flipped))] = chance.randrange(256)
        damaged.write_bytes(
            flipped[: chance.choice([len(flipped), chance.randrange(len(flipped))])]
        )
        try:
            if kind == "docx":
                read_document(damaged)
            else:
                list(open_table(damaged).batches(9))
        except InputError as refusal:
            refusals.append(str(refusal))
    assert all(refusal.startswith(str(damaged)) for refusal in refusals)


def test_what_a_file_holds_does_not_steer_the_terminal(frontback, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number, name in enumerate(("../[/red]x", "\x1b]0;OWNED\x07\x1b[31m.xml")):
        with zipfile.ZipFile(tmp_path / "in" / f"{number}.docx", "w") as archive:
            archive.writestr(name, "<!DOCTYPE x><x/>")
    result = frontback("batch", tmp_path / "in", "-o", tmp_path / "out.csv")
    assert result.code == 0
    assert "\x1b" not in result.err
    assert len((tmp_path / "out.csv").read_text("utf-8").splitlines()) == 3
