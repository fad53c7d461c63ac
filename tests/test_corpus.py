import json
from pathlib import Path

import pytest

from pipeline import CorpusError
from pipeline.checking import Finding, check_corpus
from pipeline.labelled import Corpus, corpus_hash, read_corpus
from pipeline.training import train
from tests.postings import BACK, FRONT

POSTING = {"id": "1", "language": "en", "variety": "en-GB", "isco08": "4226", "title": "Desk",
           "text": FRONT["en"], "label": "front", "share": 80, "kind": "plain"}  # fmt: skip


def write(folder: Path, *postings: dict) -> Path:
    (folder / "postings").mkdir(exist_ok=True)
    lines = [json.dumps(POSTING | changes) for changes in postings]
    (folder / "postings" / "en.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def findings(folder: Path) -> list[Finding]:
    return [each for each in check_corpus(read_corpus(folder)) if each.where != str(folder)]


def test_the_corpus_that_came_with_frontback_holds_what_it_should(corpus: Corpus) -> None:
    assert len(corpus.postings) >= 2_451
    assert len(corpus.lines) >= 8_700
    assert len(corpus.titles) >= 6_000
    assert len(corpus.other_languages) >= 270
    for language in ("es", "no", "en"):
        assert len({p.isco for p in corpus.postings if p.language == language}) == 436
    assert all(p.share >= 0 and p.isco and p.id and p.variety for p in corpus.postings)


def test_the_corpus_that_came_with_frontback_passes_its_check(corpus: Corpus) -> None:
    assert list(check_corpus(corpus)) == []


def test_a_good_posting_has_no_finding(tmp_path: Path) -> None:
    assert findings(write(tmp_path, {})) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"share": 20}, "label front and share 20 disagree"),
        ({"label": "back"}, "label back and share 80 disagree"),
        ({"isco08": "42"}, "isco08 '42' is no unit group"),
        ({"title": " "}, "title or text is empty"),
        ({"text": FRONT["es"]}, "language is given as en and detected as es"),
    ],
)
def test_what_is_wrong_with_a_posting_is_found_with_file_and_line(tmp_path, change, expected):
    found = findings(write(tmp_path, {}, {"id": "2", "text": BACK["en"]} | change))
    assert any(expected in each.what for each in found)
    assert {each.where for each in found} == {f"{tmp_path}/postings/en.jsonl:2"}


def test_duplicates_near_duplicates_and_ids_are_found(tmp_path: Path) -> None:
    near = FRONT["en"].replace("complaints", "their complaints and their luggage")
    folder = write(tmp_path, {}, {"label": "back", "share": 5}, {"id": "3", "text": near})
    said = [each.what for each in findings(folder)]
    assert any("id 1 stands at" in what for what in said)
    assert any("back, and the same text is front at" in what for what in said)
    assert any("near-duplicate: " in what for what in said)


def test_a_corpus_of_one_label_is_out_of_balance(tmp_path: Path) -> None:
    found = list(check_corpus(read_corpus(write(tmp_path, {}))))
    assert any("en: 100% of 1 postings are front" in each.what for each in found)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("not json", r"postings/en\.jsonl:2: not JSON"),
        ("[1]", r"postings/en\.jsonl:2: not a JSON object"),
        ('{"title": "a"}', r"postings/en\.jsonl:2: text, label, language missing"),
        (json.dumps(POSTING | {"label": "maybe"}), "label 'maybe' must be front or back"),
        (json.dumps(POSTING | {"share": "many"}), "share 'many' must be a whole number"),
        (json.dumps(POSTING | {"share": 12.5}), "share 12.5 must be a whole number"),
        (json.dumps(POSTING | {"kind": "odd"}), "kind 'odd' must be one of plain, blurb"),
        (json.dumps(POSTING | {"language": "fr"}), "language 'fr' must be es, no or en"),
    ],
)
def test_a_line_that_cannot_be_read_is_said_with_file_and_line(tmp_path, line, message) -> None:
    with (write(tmp_path, {}) / "postings" / "en.jsonl").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(CorpusError, match=message):
        read_corpus(tmp_path)


def test_tables_of_lines_and_titles_are_read_with_their_language(tmp_path: Path) -> None:
    write(tmp_path, {})
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines" / "no.tsv").write_text("label\tisco2\tline\ncontact\t52\tBetjene kunder\n")
    (tmp_path / "titles").mkdir()
    (tmp_path / "titles" / "es.tsv").write_text("front_share\tisco08\ttitle\n90\t5223\tCajera\n")
    corpus = read_corpus(tmp_path)
    assert (corpus.lines[0].language, corpus.lines[0].label) == ("no", "contact")
    assert (corpus.titles[0].label, corpus.titles[0].share) == ("front", 90)
    (tmp_path / "lines" / "no.tsv").write_text("label\tisco2\tline\ncontact\tBetjene\n")
    with pytest.raises(CorpusError, match=r"no\.tsv:2: 2 cells where the header has 3"):
        read_corpus(tmp_path)


def test_four_fields_are_enough_for_a_corpus_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "postings").mkdir()
    rows = [
        {"title": None, "text": f"{text} {n}", "label": label, "language": "en", "share": None}
        for n in range(12)
        for text, label in ((FRONT["en"][:40], "front"), (BACK["en"][:40], "back"))
    ]
    content = "\ufeff" + "\n".join(map(json.dumps, rows))  # as Notepad saves it
    (tmp_path / "postings" / "mine.jsonl").write_text(content, encoding="utf-8")
    corpus = read_corpus(tmp_path)
    assert [p.posting.title for p in corpus.postings] == [""] * 24
    assert train(tmp_path, tmp_path / "models")["id"].startswith("own-")
    whats = {each.what.split(":")[0] for each in check_corpus(corpus)}
    assert not whats & {"share is missing"}
    assert not any("isco08" in what or "0 postings" in what for what in whats)


def test_an_empty_folder_is_no_corpus(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no such folder; name one that holds"):
        read_corpus(tmp_path / "none")
    with pytest.raises(CorpusError, match="no labelled postings"):
        read_corpus(tmp_path)


def test_a_corpus_too_small_to_train_on_says_so(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="1 front and 0 back postings of kind plain"):
        train(write(tmp_path, {}), tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_the_hash_follows_the_texts_and_not_the_line_ends(tmp_path: Path) -> None:
    file = write(tmp_path, {}) / "postings" / "en.jsonl"
    before = corpus_hash(tmp_path)
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert corpus_hash(tmp_path) == before
    (tmp_path / "notes.md").write_text("not part of it")
    assert corpus_hash(tmp_path) == before
    write(tmp_path, {"share": 81})
    assert corpus_hash(tmp_path) != before
