import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline import CorpusError, Posting
from pipeline.checking import Finding, check_corpus
from pipeline.checking.conflicts import confidently_other
from pipeline.checking.whole import agreement, check_whole
from pipeline.labelled import Corpus, Labelled, read_corpus
from pipeline.labelled_files import corpus_hash
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
        ({"text": " "}, "the text is empty"),
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


def test_a_sentence_belongs_to_one_posting(tmp_path: Path) -> None:
    sentence = "Everybody is welcome here, the shy ones most of all."
    folder = write(
        tmp_path,
        {"text": f"{FRONT['en']}\n{sentence}"},
        {"id": "2", "text": f"{BACK['en']}\n{sentence}", "label": "back", "share": 0},
    )
    (found,) = findings(folder)
    assert found.where == f"{tmp_path}/postings/en.jsonl:2"
    assert "the sentence 'everybody is welcome here the shy ones most'…" in found.what


def test_a_text_worded_much_alike_is_found_though_no_run_of_words_is_the_same(tmp_path) -> None:
    # Every sixth word is another one, so that no six stand together; two pairs in three still do.
    words = [f"word{n}" for n in range(200)]
    other = [f"other{n}" if n % 6 == 0 else word for n, word in enumerate(words)]
    folder = write(tmp_path, {"text": " ".join(words)}, {"id": "2", "text": " ".join(other)})
    assert any("of its word pairs stand at" in each.what for each in findings(folder))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Write to jobs@harbour-hotel.com today.", "jobs@harbour-hotel.com could be a real addr"),
        ("Apply at www.harbourhotel.ie today.", "www.harbourhotel.ie could be a real address"),
        ("Ring us on 000 000 0018 today.", None),
        ("Ring us on 020 7946 1018 today.", "020 7946 1018 could be a real number"),
        ("Write to jobs@harbour.example today.", None),
        ("Pay is 385 000-462 000 a year, ref. 2027-01-15.", None),
    ],
)
def test_an_address_or_number_that_could_be_somebodys_is_found(tmp_path, text, said) -> None:
    found = findings(write(tmp_path, {"text": f"{FRONT['en']} {text}"}))
    assert [each.what.startswith(said or "-") for each in found] == ([True] if said else [])


def test_a_large_corpus_is_held_to_its_proportions(tmp_path: Path) -> None:
    rows = [
        POSTING | {"id": str(n), "text": f"{n} {FRONT['en']}", "isco08": "4226", "kind": "thin",
                   "label": label, "share": share}
        for n in range(500)
        for label, share in (("front", 80), ("back", 0))
    ]  # fmt: skip
    whole = Corpus(tmp_path, [
        Labelled(Posting("x", row["text"]), "en", row["label"], row["share"], kind=row["kind"],
                 isco=row["isco08"]) for row in rows
    ])  # fmt: skip
    said = [each.what for each in check_whole(whole)]
    assert said == [
        "en: 1 of the 436 unit groups of ISCO-08 have a posting",
        "en: 0% of the postings are plain; keep it at 85% at least",
        "en: 0% of the postings have 250 words or more; 30% should",
    ]


def test_readers_who_disagree_are_found_and_texts_read_once(tmp_path: Path) -> None:
    write(tmp_path, *({"id": str(n), "second_label": "front"} for n in range(20)),
          {"id": "20", "second_label": "back"}, {"id": "21"})  # fmt: skip
    corpus = read_corpus(tmp_path)
    assert agreement(corpus.postings) == pytest.approx(20 / 21)
    said = [each.what for each in check_whole(corpus)]
    assert "en, postings: two readers agree on 95.2%; settle or drop until it is 97%" in said
    assert "en, postings: 1 texts have had one reader only" in said


def test_a_label_is_doubtful_where_the_other_one_is_as_likely_as_it_usually_is() -> None:
    p_front = np.array([0.9, 0.8, 0.1, 0.2, 0.1, 0.9])
    front = np.array([True, True, True, False, False, False])
    # Front postings have .6 on average, back ones .6 as well: 1 - (.2 + .1 + .9) / 3.
    assert confidently_other(p_front, front).tolist() == [False, False, True, False, False, True]


def test_the_challenge_set_is_read_and_never_trained_on(small_corpus: Path, tmp_path) -> None:
    before = train([small_corpus], tmp_path / "models")
    (small_corpus / "challenge").mkdir()
    hard = POSTING | {"kind": "title-trap", "label": "back", "share": 5}
    (small_corpus / "challenge" / "en.jsonl").write_text(json.dumps(hard) + "\n")
    assert [p.kind for p in read_corpus(small_corpus).challenge] == ["title-trap"]
    after = train([small_corpus], tmp_path / "models")
    assert after["sha256"] == before["sha256"]


def test_a_corpus_is_drawn(frontback, corpus: Corpus, tmp_path: Path) -> None:
    result = frontback("corpus", "stats", "--plots", tmp_path / "plots")
    assert result.code == 0
    for drawn in (tmp_path / "plots").glob("*.png"):
        with Image.open(drawn) as picture:
            assert picture.size[0] > 1_000
            assert len(picture.convert("RGB").resize((60, 60)).getcolors(3600) or []) > 20
    assert (tmp_path / "plots" / "corpus.png").is_file()


def test_what_the_extra_brings_is_said_where_it_is_missing(tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "datasketch", None)
    with pytest.raises(CorpusError, match=r"needs datasketch; .*pip install 'frontback\[corpus\]'"):
        findings(write(tmp_path, {}))


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


def test_blank_lines_may_stand_above_a_header(tmp_path: Path) -> None:
    folder = write(tmp_path, {})
    (folder / "lines").mkdir()
    (folder / "lines" / "en.tsv").write_text("label\tisco2\tline\ncontact\t52\tGreet guests\n")
    (folder / "lines" / "es.tsv").write_text("\nline\tlabel\tisco2\nFregar platos\tother\t94\n")
    lines = read_corpus(folder).lines
    assert [(each.posting.text, each.label) for each in lines] == [
        ("Greet guests", "contact"), ("Fregar platos", "other"),
    ]  # fmt: skip


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
    assert train([tmp_path], tmp_path / "models")["id"].startswith("own-")
    whats = {each.what.split(":")[0] for each in check_corpus(corpus)}
    assert not whats & {"share is missing"}
    assert not any("isco08" in what or "0 postings" in what for what in whats)


def test_null_in_a_corpus_is_as_if_the_field_were_left_out(tmp_path: Path) -> None:
    """As tables are turned into JSON where a cell is blank."""
    fields = {"title": "Cook", "text": "You cook.", "label": "back", "language": "en"}
    null = dict.fromkeys(("share", "second_label", "variety", "isco08", "id"))
    (tmp_path / "postings").mkdir()
    file = tmp_path / "postings" / "en.jsonl"
    file.write_text(json.dumps(fields) + "\n" + json.dumps(fields | null) + "\n")
    one, two = read_corpus(tmp_path).postings
    assert two == replace(one, where=two.where)


def test_an_empty_folder_is_no_corpus(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no such folder; name one that holds"):
        read_corpus(tmp_path / "none")
    with pytest.raises(CorpusError, match="no labelled postings"):
        read_corpus(tmp_path)


def test_a_corpus_too_small_to_train_on_says_so(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="1 front and 0 back postings of kind plain"):
        train([write(tmp_path, {})], tmp_path / "models")
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
