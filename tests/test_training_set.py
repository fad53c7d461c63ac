"""Folders and tables come together, and what cannot be learned from is left out and named."""

import csv
import errno
import gc
import io
import json
import sys
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.checking.finding import Finding
from pipeline.fitting import groups_of
from pipeline.labelled import Labelled
from pipeline.layout import Layout
from pipeline.near_duplicates import near_duplicates
from pipeline.posting import CorpusError, InputError, OutputError, Posting
from pipeline.training_set import key_of, training_set
from tests.postings import BACK, FRONT

HEADER = ("title", "text", "label")
ROWS = [
    (f"{label} {code}", text, label)
    for label, texts in (("front", FRONT), ("back", BACK))
    for code, text in texts.items()
]
DANISH = "Vi søger en dygtig kok til vores køkken i København, som kan lave god mad hver dag."


def table(path: Path, rows=ROWS, header=HEADER) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def folder(path: Path, rows=ROWS) -> Path:
    (path / "postings").mkdir(parents=True)
    names = ("title", "text", "label", "language")
    lines = [json.dumps(dict(zip(names, (*row, "en"), strict=True))) for row in rows]
    (path / "postings" / "en.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return path


def found(*sources: Path) -> tuple[list, list[str]]:
    """What is learned from, and what was reported but for small numbers."""
    said: list[Finding] = []
    with training_set(sources, report=said.append) as texts:
        learned = list(texts.read())
        assert len(texts) == len(learned)
    return learned, [f"{each.where}: {each.what}" for each in said if "the least" not in each.what]


def test_a_table_is_read_with_languages_detected_and_each_row_s_place(tmp_path: Path) -> None:
    path = table(tmp_path / "labels.csv")
    learned, said = found(path)
    assert not said
    assert [(each.posting, each.label) for each in learned] == [
        (Posting(title, text), label) for title, text, label in ROWS
    ]
    assert [each.language for each in learned] == ["es", "no", "en"] * 2
    assert [each.where for each in learned] == [f"{path}, row {n}" for n in range(2, 8)]
    assert {each.kind for each in learned} == {"plain"}


def test_a_language_that_the_table_names_is_believed(tmp_path: Path) -> None:
    rows = [(*row, "Norsk") for row in ROWS]
    learned, _ = found(table(tmp_path / "labels.csv", rows, (*HEADER, "language")))
    assert {each.language for each in learned} == {"no"}


def test_folders_and_tables_follow_one_another(tmp_path: Path) -> None:
    one = folder(tmp_path / "corpus", ROWS[:2])
    two = table(tmp_path / "b.csv", ROWS[2:4])
    three = table(tmp_path / "a.csv", ROWS[4:])
    learned, said = found(one, two, three)
    assert not said
    assert [each.posting.title for each in learned] == [title for title, _, _ in ROWS]
    assert learned[1].where == f"{one}/postings/en.jsonl:2"


def test_what_cannot_be_learned_from_is_left_out_and_named_with_its_row(tmp_path: Path) -> None:
    rows = [*ROWS, ("no text", " ", "back"), ("other", DANISH, "back"), ("open", DANISH, "")]
    path = table(tmp_path / "labels.csv", [*rows, ("little", "ab", "front")])
    learned, said = found(path)
    assert len(learned) == len(ROWS)
    assert said == [
        f"{path}, row 8: no text; left out",
        f"{path}, row 9: in another language; left out",
        f"{path}, row 11: too little text to tell its language; left out",
        f"{path}: rows without label: 1; left out",
    ]


def test_of_the_same_text_the_first_is_learned_from(tmp_path: Path) -> None:
    one, two = table(tmp_path / "a.csv"), folder(tmp_path / "corpus", ROWS[:1])
    title, text, label = ROWS[1]
    again = table(tmp_path / "b.csv", [(title.upper(), f"{text}!", label)])
    learned, said = found(one, two, again)
    assert len(learned) == len(ROWS)
    assert said == [
        f"{two}/postings/en.jsonl:1: the same text stands at {one}, row 2; left out",
        f"{again}, row 2: the same text stands at {one}, row 3; left out",
    ]


def test_a_text_with_both_labels_is_not_learned_from_at_all(tmp_path: Path) -> None:
    one = table(tmp_path / "a.csv")
    title, text, _ = ROWS[0]
    two = table(tmp_path / "b.csv", [(title, text, "back"), (title, text, "front")])
    learned, said = found(one, two)
    assert [each.posting.title for each in learned] == [title for title, _, _ in ROWS[1:]]
    end = "and the same text is front at"
    assert said == [
        f"{two}, row 2: back, {end} {one}, row 2; all with this text are left out",
        f"{two}, row 3: front, {end} {one}, row 2; all with this text are left out",
    ]


def test_a_language_with_too_little_of_a_label_is_named(tmp_path: Path) -> None:
    said: list[Finding] = []
    path = table(tmp_path / "labels.csv", [row for row in ROWS if row[0] != "back es"])
    with training_set([path], report=said.append):
        pass
    assert Finding(str(path), "es: 0 back postings; 10 are the least to learn from") in said
    assert Finding(str(path), "no: 1 front postings; 10 are the least to learn from") in said


def test_the_hash_is_of_what_is_learned_not_of_the_file(tmp_path: Path) -> None:
    def sha256(*sources: Path, **layout: tuple[str, ...]) -> str:
        with training_set(sources, Layout(**layout)) as texts:
            return texts.sha256

    plain = sha256(table(tmp_path / "a.csv"))
    own = [(title, text, {"front": "A", "back": "B"}[label]) for title, text, label in ROWS]
    assert sha256(table(tmp_path / "b.csv", own), front=("A",), back=("B",)) == plain
    assert sha256(table(tmp_path / "b.csv", own), front=("B",), back=("A",)) != plain
    assert sha256(table(tmp_path / "c.csv", ROWS[1:])) != plain
    both = sha256(tmp_path / "a.csv", tmp_path / "c.csv")
    assert both not in (plain, sha256(tmp_path / "c.csv", tmp_path / "a.csv"))


@pytest.mark.parametrize(
    ("name", "error", "told"),
    [("missing", CorpusError, "no such folder or file"),
     ("missing.csv", InputError, "no such file"),
     ("notes.txt", InputError, "no corpus folder and no table"),
     ("empty", CorpusError, "no labelled postings")],
)  # fmt: skip
def test_what_is_no_corpus_is_refused(tmp_path: Path, name, error, told) -> None:
    (tmp_path / "notes.txt").write_text("front")
    (tmp_path / "empty").mkdir()
    with pytest.raises(error, match=told), training_set([tmp_path / name]):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="there a file has a name until it is closed")
def test_a_killed_process_leaves_no_posting_on_disk(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    with training_set([table(tmp_path / "labels.csv")]) as texts:
        assert len(list(texts.read())) == len(ROWS)
        assert not list((tmp_path / "tmp").iterdir())


def test_a_full_disk_for_temporary_files_is_named_with_its_folder(tmp_path, monkeypatch) -> None:
    class Full(io.BytesIO):
        def flush(self) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        close = flush

    monkeypatch.setattr("pipeline.table_lines.TemporaryFile", lambda **_: Full())
    path = table(tmp_path / "labels.csv")
    told = "find no room in .*the disk is full.*TMPDIR"
    with pytest.raises(OutputError, match=told), training_set([path]):
        pass


def test_no_folder_for_temporary_files_is_said(tmp_path, monkeypatch) -> None:
    def nowhere(**_: object) -> None:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr("pipeline.table_lines.TemporaryFile", nowhere)
    with pytest.raises(OutputError, match="TMPDIR"), training_set([table(tmp_path / "a.csv")]):
        pass


def test_a_source_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    one, two = table(tmp_path / "a.csv"), folder(tmp_path / "corpus", ROWS[:1])
    again = tmp_path / "sub" / ".." / "a.csv"
    again.parent.parent.mkdir()
    learned, said = found(one, two, again, two)
    assert len(learned) == len(ROWS)
    assert f"{again}: named twice; read once" in said
    assert f"{two}: named twice; read once" in said
    assert len(said) == 3, "and the posting of the folder that is in the table"
    with training_set([two, two]) as twice, training_set([two]) as once:
        assert twice.sha256 == once.sha256


def test_what_two_folders_hold_beside_their_postings_does_not_weigh_double(tmp_path) -> None:
    line = "label\tisco2\tline\ncontact\t51\tYou greet the guests.\n"
    for name, more in (("one", ""), ("two", "other\t94\tYou wash the dishes.\n")):
        lines = folder(tmp_path / name) / "lines"
        lines.mkdir()
        (lines / "en.tsv").write_text(line + more)
    with training_set([tmp_path / "one", tmp_path / "two"]) as texts:
        assert [each.posting.text for each in texts.beside.lines] == [
            "You greet the guests.", "You wash the dishes.",
        ]  # fmt: skip


def test_a_table_that_repeats_itself_is_not_held_in_memory(tmp_path: Path) -> None:
    held: list[int] = []

    def report(finding: Finding) -> None:
        if "the same text" in finding.what:
            held.append(sum(isinstance(each, Labelled) for each in gc.get_objects()))

    path = table(tmp_path / "labels.csv", [("Desk", FRONT["en"], "front")] * 20)
    before = sum(isinstance(each, Labelled) for each in gc.get_objects())
    with training_set([path], report=report):
        pass
    assert len(held) == 19
    assert max(held) - before <= 4


@pytest.mark.parametrize(
    ("written", "language"),
    [("nb-NO", "no"), ("en_GB", "en"), ("es-419", "es"), ("ES-mx", "es"), ("nn", "no")],
)
def test_a_language_may_be_written_with_its_country(tmp_path: Path, written, language) -> None:
    rows = [(*row, written) for row in ROWS]
    learned, said = found(table(tmp_path / "labels.csv", rows, (*HEADER, "language")))
    assert not said
    assert {each.language for each in learned} == {language}


def test_words_are_no_language_with_its_country(tmp_path: Path) -> None:
    rows = [(*row, "no sé") for row in ROWS]
    learned, _ = found(table(tmp_path / "labels.csv", rows, (*HEADER, "language")))
    assert not learned


def test_a_field_that_is_null_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    names = ("isco08", "id", "variety", "second_label", "share")
    path = folder(tmp_path / "corpus")
    file = path / "postings" / "en.jsonl"
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    with training_set([path]) as texts:
        plain = list(texts.read())
    file.write_text("\n".join(json.dumps(line | dict.fromkeys(names)) for line in lines))
    with training_set([path]) as texts:
        assert list(texts.read()) == plain


def test_a_row_nearly_a_posting_of_the_corpus_goes_with_its_occupation() -> None:
    text, other = FRONT["en"], BACK["en"]
    postings = [
        Labelled(Posting("", text), "en", "front", isco="4226"),
        Labelled(Posting("", other), "en", "back", isco="9412"),
        Labelled(Posting("", f"{text} Apply today."), "en", "front"),
        Labelled(Posting("", BACK["no"]), "no", "back"),
    ]
    groups = groups_of(postings)
    assert groups is not None
    assert groups[:3] == ["42", "94", "42"]
    assert groups[3].startswith("text")


@given(st.lists(st.integers(0, 5), max_size=12))
@settings(max_examples=25, deadline=None)
def test_postings_are_read_in_any_order_as_often_as_wanted(tmp_path_factory, order) -> None:
    path = table(tmp_path_factory.mktemp("order") / "labels.csv")
    with training_set([path]) as texts:
        assert [each.posting.title for each in texts.read(order)] == [ROWS[at][0] for at in order]


@given(st.text(), st.text())
def test_any_texts_have_a_key(title: str, text: str) -> None:
    assert 0 <= key_of(Posting(title, text)) < 2**64


WORDS = st.lists(st.sampled_from([f"w{n}" for n in range(400)]), min_size=60, max_size=120)


@given(WORDS, WORDS, st.integers(1, 5))
@settings(deadline=None)
def test_a_text_with_a_few_other_words_is_a_near_duplicate(one, other, changed) -> None:
    nearly = [*one[:-changed], *other[:changed]]
    groups = near_duplicates([" ".join(other), " ".join(one), " ".join(nearly)])
    assert groups[1] == groups[2]


@given(st.lists(st.text(), max_size=8))
@settings(deadline=None)
def test_texts_that_are_the_same_are_in_one_group_whatever_they_are(texts: list[str]) -> None:
    groups = near_duplicates([*texts, *texts])
    assert groups.shape == (2 * len(texts),)
    assert (groups[: len(texts)] == groups[len(texts) :]).all()


def test_postings_of_one_kind_are_not_near_duplicates() -> None:
    assert len(np.unique(near_duplicates([*FRONT.values(), *BACK.values()]))) == 6


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    rows = [*ROWS[:3], ("none", " ", "back"), *ROWS[3:]]
    book = openpyxl.Workbook()
    for row in [["Our postings, spring"], [], HEADER, *rows]:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    path = table(tmp_path / "b.csv", rows)
    path.write_text("Our postings\n\n" + path.read_text("utf-8"), "utf-8")
    for source in (tmp_path / "a.xlsx", path):
        assert found(source)[1] == [f"{source}, row 7: no text; left out"]
