"""frontback explain, tag --explain and batch --explain at the command line."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from pipeline import Tagger
from pipeline.annotate import TAG_COLUMNS, tags_by
from pipeline.batch import run
from pipeline.cli import explained
from pipeline.explanation import explain_posting
from pipeline.job import prepare
from pipeline.journal import journal_path
from pipeline.posting import ResumeError
from tests.models import refused
from tests.postings import BACK, FRONT
from tests.test_explain import DESK, HOSTILE

DANISH = "Vi søger en medarbejder til vores butik"
POSTINGS = [*FRONT.values(), "Kokk", "", DESK, DANISH, BACK["no"]]


def table(path: Path, texts: list[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["title", "text"])
        rows.writerows([f"Title {number}", text] for number, text in enumerate(texts))
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_posting_is_shown_line_by_line_with_what_each_adds(frontback, tmp_path: Path) -> None:
    file = tmp_path / "desk.txt"
    file.write_text(DESK, encoding="utf-8")
    result = frontback("explain", file)
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0] == str(file)
    assert lines[1].startswith("front ")
    assert [line.split()[1] for line in lines[2:7]] == [
        "contact",
        "contact",
        "other",
        "other",
        "Vi",
    ]
    assert [line.split()[1] for line in lines[7:9]] == ["bias", "logit"]
    assert "Without this line: back" in result.out
    assert "Norwegian rather than Danish (+" in result.out
    assert "bokmål rather than nynorsk (+" in result.out


def test_json_holds_offsets_into_the_cleaned_text_and_sums_that_hold(frontback) -> None:
    result = frontback("explain", "--json", "--title", "Kokk", f"<p>{FRONT['no']}</p>")
    content = json.loads(result.out)
    assert content["text"] == FRONT["no"]
    for word in content["words"]:
        assert content[word["part"]][word["start"] : word["end"]] == word["word"]
    total = content["bias"] + sum(word["weight"] for word in content["words"])
    assert total == pytest.approx(content["logit"], abs=1e-9)


def test_tag_explains_as_explain_does(frontback, tmp_path: Path) -> None:
    for arguments in ((DESK,), ("--json", DESK), ("--json", "--title", "Kokk", BACK["no"])):
        assert frontback("tag", "--explain", *arguments) == frontback("explain", *arguments)
    files = [tmp_path / name for name in ("a.txt", "b.txt")]
    for file in files:
        file.write_text(DESK, encoding="utf-8")
    lines = frontback("tag", "--explain", "--json", *files).out.splitlines()
    assert [json.loads(line)["source"] for line in lines] == list(map(str, files))


def test_what_cannot_be_tagged_is_answered_with_its_language_alone(frontback) -> None:
    result = frontback("explain", DANISH)
    assert result.code == 0
    assert result.out.splitlines()[0].endswith("(other language)")
    assert result.out.splitlines()[1].startswith("Danish rather than Norwegian (+")
    assert len(result.out.splitlines()) == 2


def test_a_posting_steers_neither_the_terminal_nor_the_markup(tagger, monkeypatch) -> None:
    found = explain_posting(tagger, f"{HOSTILE} {FRONT['en']}\n{HOSTILE}")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for system in ("truecolor", None):
        console = Console(force_terminal=bool(system), width=300, color_system=system)
        with console.capture() as captured:
            console.print(explained.lines_table(found))
        shown = captured.get()
        assert ("\x1b[" in shown) == bool(system)
        assert not any(sign in shown for sign in ("\x1b]", "\x07", "\u202e"))
        assert "[bold " in shown


def test_colour_is_left_out_where_it_is_not_wanted(models: Path) -> None:
    code = "from pipeline.cli import main; main()"
    command = [sys.executable, "-c", code, "explain", FRONT["en"], "--models", str(models)]
    colour = {"PYTHONUTF8": "1", "TERM": "xterm-256color", "FORCE_COLOR": "1"}
    for wish in ({}, {"NO_COLOR": "1"}, {"TERM": "dumb"}):
        environment = {**os.environ, **colour, **wish}
        if not wish:
            environment.pop("NO_COLOR", None)
        done = subprocess.run(command, env=environment, capture_output=True, check=True)
        # Bold and underlined are no colours.
        assert bool(re.search(rb"\x1b\[[\d;]*(3\d|48)", done.stdout)) == (not wish)


def test_an_explanation_comes_without_the_heavy_libraries(models: Path) -> None:
    code = (
        "import sys; from pipeline import Tagger; from pipeline.explanation import explain_posting;"
        f"explain_posting(Tagger.load(models=sys.argv[1]), {DESK!r});"
        "print({'sklearn', 'scipy', 'numba', 'pyarrow', 'pipeline.training'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code, str(models)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_tag_that_is_not_explained_loads_nothing_for_it(models: Path) -> None:
    code = (
        "import sys; from pipeline.cli import main\n"
        "try: main(['tag', sys.argv[2], '--models', sys.argv[1]])\n"
        "except SystemExit: pass\n"
        "print({'rich', 'pipeline.explanation', 'pipeline.counterfactual'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code, str(models), FRONT["en"]]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


def test_a_page_is_written_once_and_replaced_only_where_that_is_said(frontback, tmp_path) -> None:
    page = tmp_path / "why.html"
    assert frontback("explain", "--html", page, DESK).code == 0
    before = page.read_bytes()
    assert b"Du tar" in before
    refused(frontback("explain", "--html", page, BACK["no"]), page, "--overwrite")
    assert page.read_bytes() == before
    assert frontback("explain", "--html", page, "--overwrite", BACK["no"]).code == 0
    assert page.read_bytes() != before
    refused(frontback("explain", "--html", tmp_path / "no" / "why.html", DESK), "no such folder")


def test_a_page_never_takes_the_place_of_the_posting(frontback, tmp_path: Path) -> None:
    file = tmp_path / "posting.html"
    file.write_text(DESK, encoding="utf-8")
    result = frontback("explain", "--html", file, "--overwrite", file)
    refused(result, "this is the input itself")
    assert file.read_text("utf-8") == DESK


def test_a_missing_file_is_said_in_one_sentence(frontback, tmp_path: Path) -> None:
    refused(frontback("explain", tmp_path / "missing.txt"), "missing.txt", "no such file")


def test_a_batch_says_why_as_explain_does(frontback, tagger: Tagger, tmp_path: Path) -> None:
    source, output = table(tmp_path / "in.csv", POSTINGS), tmp_path / "out.csv"
    result = frontback("batch", source, "-o", output, "--explain")
    assert result.code == 0
    assert "office, p_front, share, language, reason, model, why" in result.err
    rows = read(output)
    assert list(rows[0]) == ["title", "text", *TAG_COLUMNS, "why"]
    expected = [explain_posting(tagger, row["text"], row["title"]) for row in rows]
    assert [row["why"] for row in rows] == [each.why for each in expected]
    assert [bool(row["why"]) for row in rows] == [bool(row["p_front"]) for row in rows]


def test_why_is_added_in_batches_of_any_size_alike(tagger: Tagger, tmp_path: Path) -> None:
    source = table(tmp_path / "in.csv", POSTINGS * 60)
    run(prepare(source, tmp_path / "out.csv"), tags_by(tagger, explained=True))
    whys = [row["why"] for row in read(tmp_path / "out.csv")]
    assert whys == whys[: len(POSTINGS)] * 60


def test_a_sheet_that_was_explained_before_gets_it_in_its_place(frontback, tmp_path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    frontback("batch", table(tmp_path / "in.csv", POSTINGS), "-o", first, "--explain")
    assert frontback("batch", first, "-o", second, "--explain").code == 0
    assert second.read_bytes() == first.read_bytes()


def test_a_phrase_that_a_spreadsheet_would_run_is_made_safe(frontback, tmp_path: Path) -> None:
    text = "=Kundebehandler +kunder @skranken " + FRONT["no"]
    source, output = table(tmp_path / "in.csv", [text]), tmp_path / "out.csv"
    assert frontback("batch", source, "-o", output, "--explain").code == 0
    assert not read(output)[0]["why"].startswith(("=", "+", "@", "-"))


def test_a_run_with_why_is_not_gone_on_with_without_it(tagger: Tagger, tmp_path: Path) -> None:
    from pipeline.cli.tagging import Telling, tag_table

    source, output = table(tmp_path / "in.csv", POSTINGS * 100), tmp_path / "out.csv"

    def begin(explained: bool, resume: bool, problem=lambda *row: None):
        job = prepare(source, output, resume=resume)
        return tag_table(job, tagger, Telling(quiet=True), problem, explained=explained)

    def stop(_: Path, row: int, reason: str) -> None:
        if row > 500:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        begin(True, False, stop)
    assert journal_path(output).exists()
    with pytest.raises(ResumeError, match=r"what is added is office, .* model now and was .* why;"):
        begin(False, True)
    with pytest.raises(KeyboardInterrupt):
        begin(True, False, stop)
    assert begin(True, True).recalled > 0
    run(prepare(source, tmp_path / "whole.csv"), tags_by(tagger, explained=True))
    assert output.read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_a_cluster_does_not_explain(frontback, tmp_path: Path) -> None:
    result = frontback("batch", "a.parquet", "-o", tmp_path, "--cluster", "local", "--explain")
    assert result.code == 2
    assert "--explain is not for a cluster" in result.err
