"""Every command, as people use it."""

import csv
import json
from pathlib import Path

import click
import docx
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import pipeline
from pipeline.cli import frontback as group
from tests.conftest import SAMPLES
from tests.postings import BACK, FRONT
from tests.test_language import NEIGHBOURS


def every_command(command: click.Command, path: tuple[str, ...] = ()):
    yield path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            yield from every_command(command.get_command(None, name), (*path, name))


@pytest.mark.parametrize("path", [path for path, _ in every_command(group)], ids=" ".join)
def test_every_command_has_help(frontback, path) -> None:
    for flag in ("-h", "--help"):
        result = frontback(*path, flag)
        assert result.code == 0
        assert "Usage: frontback" in result.out


@pytest.mark.parametrize("path", [path for path, _ in every_command(group)], ids=" ".join)
def test_every_option_has_help(path) -> None:
    command = dict(every_command(group))[path]
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


def test_the_version_is_the_packages(frontback) -> None:
    assert frontback("--version").out == f"frontback, version {pipeline.__version__}\n"


@pytest.mark.parametrize("arguments", [["tag"], ["batch", "x.csv"], ["nonsense"], ["tag", "--no"]])
def test_wrong_use_leaves_with_2(frontback, arguments) -> None:
    result = frontback(*arguments)
    assert result.code == 2
    assert "Usage:" in result.err


@pytest.mark.parametrize("language", ["es", "no", "en"])
def test_tag_answers_a_text(frontback, language) -> None:
    result = frontback("tag", FRONT[language])
    assert result.code == 0
    assert result.out.startswith("front ")
    assert {"es": "Spanish", "no": "Norwegian", "en": "English"}[language] in result.out
    assert "\x1b" not in result.out


def test_tag_as_json_is_one_object_a_line(frontback, tmp_path: Path) -> None:
    for name, text in (("a.txt", FRONT["es"]), ("b.md", BACK["no"]), ("c.txt", NEIGHBOURS["da"])):
        (tmp_path / name).write_text(text, encoding="utf-8")
    result = frontback("tag", "--json", *(tmp_path / name for name in ("a.txt", "b.md", "c.txt")))
    tags = [json.loads(line) for line in result.out.splitlines()]
    assert [tag["office"] for tag in tags] == ["front", "back", "review"]
    assert [tag["reason"] for tag in tags] == ["", "", "other language"]
    assert [Path(tag["source"]).name for tag in tags] == ["a.txt", "b.md", "c.txt"]
    assert set(tags[0]) == {"source", "office", "p_front", "language", "language_confidence",
                            "share", "mixed", "reason", "model", "words"}  # fmt: skip


def write_pdf(path: Path, text: str) -> None:
    """Write a PDF of one page by hand, Helvetica, cp1252 text."""
    lines = [text[start : start + 80] for start in range(0, len(text), 80)]
    shown = b" ".join(
        b"(" + line.encode("cp1252").replace(b"(", b"").replace(b")", b"") + b") Tj T*"
        for line in lines
    )
    stream = b"BT /F1 10 Tf 40 780 Td 12 TL " + shown + b" ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"xref\n0 6\n0000000000 65535 f \n" + table
    path.write_bytes(
        out + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % out.rindex(b"xref")
    )


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".docx", ".pdf"])
def test_tag_reads_documents(frontback, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"stilling{suffix}"
    if suffix == ".docx":
        document = docx.Document()
        document.add_paragraph("Vi ønsker deg velkommen til oss på kundesenteret i Bodø.")
        document.add_table(1, 1).cell(0, 0).text = FRONT["no"]
        document.save(str(path))
    elif suffix == ".pdf":
        write_pdf(path, FRONT["no"])
    elif suffix == ".html":
        path.write_text(f"<html><head><title>x</title></head><body><p>{FRONT['no']}</p>", "utf-8")
    else:
        path.write_bytes(FRONT["no"].encode("cp1252"))
    tag = json.loads(frontback("tag", "--json", path).out)
    assert (tag["office"], tag["language"]) == ("front", "no")


def test_tag_takes_the_title(frontback) -> None:
    text = "Vi er en liten bedrift på Hamar og trenger en kollega til i hel stilling fra august."
    p = [json.loads(frontback("tag", "--json", "--title", title, text).out)["p_front"]
         for title in ("Resepsjonist", "Maskinoperatør")]  # fmt: skip
    assert p[0] > 0.5 > p[1]


def test_tag_never_writes_control_characters(frontback) -> None:
    result = frontback("tag", FRONT["en"].replace("guests", "gue\x1b[31msts\x07") + " \x9b2J")
    assert result.out.replace("\n", "").isprintable()


def test_batch_tags_a_sheet_as_norwegian_excel_writes_it(frontback, tmp_path: Path) -> None:
    output = tmp_path / "tagged.csv"
    result = frontback("batch", SAMPLES / "ofertas.csv", "-o", output)
    assert result.code == 0
    assert result.out == ""
    assert (
        "(cp1252, semicolon-separated, CRLF): text from 'Descripción', title from 'Título del"
        in result.err
    )
    with (SAMPLES / "ofertas.csv").open(encoding="cp1252", newline="") as file:
        before = list(csv.reader(file, delimiter=";"))
    with output.open(encoding="cp1252", newline="") as file:
        after = list(csv.reader(file, delimiter=";"))
    assert [row[:-6] for row in after] == before
    assert after[0][-6:] == ["office", "p_front", "share", "language", "reason", "model"]
    tags = [dict(zip(after[0][-6:], row[-6:], strict=True)) for row in after[1:]]
    assert {tag["office"] for tag in tags} == {"front", "back", "review"}
    assert {tag["language"] for tag in tags} == {"es", "no", "en", "other", "unknown"}
    for tag in tags:
        assert (tag["office"] == "review") == (tag["reason"] != "")
        assert tag["p_front"] == "" or 0 <= float(tag["p_front"].replace(",", ".")) <= 1
        assert tag["model"].startswith("default-")
    empty = next(row for row in after if row[4] == "")
    assert empty[-6:-1] == ["review", "", "", "unknown", "no text"]


def test_batch_tags_a_workbook(frontback, tmp_path: Path) -> None:
    output = tmp_path / "tagged.xlsx"
    assert frontback("batch", SAMPLES / "stillinger.xlsx", "-o", output).code == 0
    before = list(openpyxl.load_workbook(SAMPLES / "stillinger.xlsx")["Stillinger"].values)
    after = list(openpyxl.load_workbook(output)["Stillinger"].values)
    assert [row[:-6] for row in after] == before
    assert {row[-6] for row in after[1:]} == {"front", "back", "review"}


def test_batch_gives_the_same_tags_in_every_kind_and_alone(
    frontback, tmp_path: Path, tagger
) -> None:
    for kind in ("csv", "parquet", "jsonl"):
        frontback("batch", SAMPLES / "ofertas.csv", "-o", tmp_path / f"out.{kind}")
    table = pq.read_table(tmp_path / "out.parquet")
    lines = (tmp_path / "out.jsonl").read_text("utf-8").splitlines()
    with (tmp_path / "out.csv").open(encoding="cp1252", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    texts = table.column("Descripción").to_pylist()
    alone = tagger.tag(texts, table.column("Título del puesto").to_pylist())
    assert table.column("office").to_pylist() == [tag.office for tag in alone]
    assert table.column("p_front").to_pylist() == [tag.p_front for tag in alone]
    assert [json.loads(line)["p_front"] for line in lines] == [tag.p_front for tag in alone]
    assert [row["office"] for row in rows] == [tag.office for tag in alone]


def test_batch_refuses_to_overwrite_and_to_write_onto_its_input(frontback, tmp_path: Path) -> None:
    source, output = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(f'title,description\nx,"{FRONT["en"]}"\n')
    before = source.read_bytes()
    output.write_text("precious")
    result = frontback("batch", source, "-o", output)
    assert result.code == 1
    assert "exists already; choose another name, or replace it with --overwrite" in result.err
    assert output.read_text() == "precious"
    (tmp_path / "link.csv").symlink_to(source)
    (tmp_path / "hard.csv").hardlink_to(source)
    for same in (source, tmp_path / "link.csv", tmp_path / "hard.csv", tmp_path / "." / "in.csv"):
        result = frontback("batch", source, "-o", same, "--overwrite")
        assert result.code == 1
        assert "this is the input itself" in result.err
    assert source.read_bytes() == before
    assert frontback("batch", source, "-o", output, "--overwrite").code == 0
    assert output.read_text().startswith("title,description,office")


def test_batch_reads_schema_org_job_postings(frontback, tmp_path: Path) -> None:
    posting = {"@context": "https://schema.org", "@type": "JobPosting", "title": "Receptionist",
               "description": f"<p>{FRONT['en']}</p>",
               "hiringOrganization": {"@type": "Organization", "name": "Hotel"}}  # fmt: skip
    (tmp_path / "in.jsonl").write_text(json.dumps(posting) + "\n")
    assert frontback("batch", tmp_path / "in.jsonl", "-o", tmp_path / "out.jsonl").code == 0
    tagged = json.loads((tmp_path / "out.jsonl").read_text())
    assert {key: tagged[key] for key in posting} == posting
    assert tagged["office"] == "front"


def test_detect_answers_a_text_a_file_and_a_table(frontback, tmp_path: Path) -> None:
    assert frontback("detect", FRONT["no"]).out == "no (nb) 1.00\n"
    assert json.loads(frontback("detect", "--json", NEIGHBOURS["da"]).out)["code"] == "other"
    (tmp_path / "a.txt").write_text(FRONT["es"])
    assert frontback("detect", tmp_path / "a.txt").out == "es 1.00\n"
    pq.write_table(
        pa.table({"text": [FRONT["es"], None, NEIGHBOURS["da"]]}), tmp_path / "in.parquet"
    )
    assert frontback("detect", tmp_path / "in.parquet", "-o", tmp_path / "out.parquet").code == 0
    back = pq.read_table(tmp_path / "out.parquet")
    assert back.column_names == ["text", "language", "language_confidence", "variety", "mixed"]
    assert back.column("language").to_pylist() == ["es", "unknown", "other"]
    asked = frontback("detect", tmp_path / "in.parquet")
    assert asked.code == 2
    assert "say where to write with -o" in asked.err


def test_train_stores_a_model_of_ones_own_and_tag_uses_it(
    frontback, small_corpus, tmp_path
) -> None:
    trained = frontback("train", "--corpus", small_corpus, "--models", tmp_path / "models")
    assert trained.code == 0
    model = trained.out.strip()
    assert model.startswith("own-")
    assert "accuracy" in trained.err
    listed = frontback("models", "list", "--models", tmp_path / "models")
    assert f"│ * │ {model} │ " in listed.out
    tag = json.loads(frontback("tag", "--json", "--models", tmp_path / "models", FRONT["en"]).out)
    assert tag["model"] == model


def test_models_path_follows_option_variable_and_checkout(frontback, tmp_path, models, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert frontback("models", "path").out == f"{models}\n"
    assert frontback("models", "path", "--models", "here").out == f"{tmp_path / 'here'}\n"
    monkeypatch.delenv("FRONTBACK_MODELS")
    checkout = Path(pipeline.__file__).parents[1] / "models"
    assert frontback("models", "path").out == f"{checkout}\n"
    monkeypatch.setattr("pipeline.places.checkout", lambda: None)
    assert frontback("models", "path").out.endswith("frontback/models\n")
    assert str(tmp_path) not in frontback("models", "path").out


def test_corpus_check_and_stats(frontback, small_corpus: Path) -> None:
    stats = frontback("corpus", "stats")
    assert stats.code == 0
    assert "postings" in stats.out
    good = frontback("corpus", "check", "--corpus", small_corpus)
    assert (good.code, good.out) == (0, "")
    file = small_corpus / "postings" / "en.jsonl"
    lines = file.read_text("utf-8").splitlines()
    file.write_text("\n".join([lines[0], *lines]) + "\n", encoding="utf-8")
    bad = frontback("corpus", "check", "--corpus", small_corpus)
    assert bad.code == 1
    assert f"{file}:2: the same text stands at {file}:1" in bad.out
    assert "findings; mend the lines named above" in bad.err
