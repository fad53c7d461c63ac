import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import ModelError, Tag, Tagger, detect_languages
from pipeline.arrow import TAG_SCHEMA
from tests.postings import BACK, FRONT
from tests.test_language import NEIGHBOURS

ARTICLE = """What does a receptionist do?
The receptionist is the face of a hotel, but few people know how much the trade has changed. In the
nineteenth century, historians say, the porter wrote the names of travellers into a book; the first
telephone on a desk appeared in 1894. This article looks at how the occupation developed, what
surveys say about those who do it, and why some economists believe that machines will replace it.
A study published last year found that 40 per cent of guests would rather not talk to anybody."""


@pytest.mark.parametrize("language", ["es", "no", "en"])
def test_clear_postings_get_a_clear_answer(tagger: Tagger, language: str) -> None:
    front, back = tagger.tag([FRONT[language], BACK[language]])
    assert (front.office, front.language, front.reason) == ("front", language, "")
    assert (back.office, back.language, back.reason) == ("back", language, "")
    assert front.p_front > 0.8 > 0.2 > back.p_front
    assert front.model == tagger.model


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "no text"),
        ("", "no text"),
        ("<p>&nbsp;</p>", "no text"),
        ("Kokk søkes", "too short"),
        ("0047 1234 5678 9012 3456 7890", "unknown language"),
        (NEIGHBOURS["da"], "other language"),
        (ARTICLE, "no posting"),
    ],
)
def test_what_cannot_be_tagged_goes_to_review_with_its_reason(tagger, text, reason) -> None:
    tag = tagger.tag([text])[0]
    assert (tag.office, tag.reason) == ("review", reason)
    assert (tag.p_front is None) == (reason != "no posting")


def test_a_gap_of_pandas_is_no_text_and_a_number_is_an_error(tagger: Tagger) -> None:
    tags = tagger.tag([float("nan"), FRONT["en"]], [None, float("nan")])
    assert [tag.reason for tag in tags] == ["no text", ""]
    with pytest.raises(TypeError, match="texts must be str or None; number 1 is int"):
        tagger.tag(["a", 5])
    with pytest.raises(TypeError, match="titles must be str or None; number 0 is bytes"):
        tagger.tag(["a"], [b"x"])
    with pytest.raises(TypeError, match=r"write tag\(\[text\]\)"):
        tagger.tag("one text")
    with pytest.raises(TypeError, match=r"write detect_languages\(\[text\]\)"):
        detect_languages("one text")


def test_one_posting_is_tagged_without_the_heavy_libraries(models: Path) -> None:
    code = (
        "import sys; from pipeline import Tagger; Tagger.load(models=sys.argv[1]);"
        f"Tagger.load(models=sys.argv[1]).tag([{FRONT['es']!r}]);"
        "print({'sklearn', 'scipy', 'numba', 'pyarrow', 'pipeline.training', 'filelock'}"
        " & set(sys.modules))"
    )
    command = [sys.executable, "-c", code, str(models)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_the_band_decides_what_is_too_close(tagger: Tagger) -> None:
    assert 0.0 < tagger.scorer.band < 0.5
    text = BACK["en"] + " " + FRONT["en"]
    halves = [text[: n * 10] for n in range(len(BACK["en"]) // 10, len(text) // 10)]
    tags = [tag for tag in tagger.tag(halves) if tag.reason in ("", "close call")]
    for tag in tags:
        assert (tag.reason == "close call") == (abs(tag.p_front - 0.5) < tagger.scorer.band)
    assert {tag.office for tag in tags} == {"front", "back", "review"}


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.text(st.characters(codec=None)) | st.none() | st.sampled_from(list(FRONT.values())),
        max_size=5,
    )
)
def test_any_text_gets_a_tag_and_the_same_one_alone_as_in_company(tagger, texts) -> None:
    together = tagger.tag(texts)
    assert together == [tagger.tag([text])[0] for text in texts]
    for tag in together:
        assert (tag.office == "review") == bool(tag.reason)


def test_a_record_batch_gives_a_record_batch_with_the_same_answers(tagger: Tagger) -> None:
    texts, titles = [FRONT["es"], None, BACK["no"]], ["Dependiente", "Kokk", None]
    batch = pa.record_batch({"title": titles, "text": texts})
    tags = tagger.tag_batch(batch)
    assert tags.schema.equals(TAG_SCHEMA)
    assert [Tag(*row.values()) for row in tags.to_pylist()] == tagger.tag(texts, titles)
    untitled = tagger.tag_batch(pa.record_batch({"text": pa.array(texts, pa.large_string())}))
    assert [Tag(*row.values()) for row in untitled.to_pylist()] == tagger.tag(texts)
    assert tagger.tag_batch(batch.slice(0, 0)).num_rows == 0


def test_a_text_that_is_not_utf8_is_tagged_by_what_can_be_read(tagger: Tagger) -> None:
    texts = [f"{FRONT['es']}\xff".encode("latin-1"), FRONT["es"].encode(), b"\xff\xfe"]
    titles = pa.nulls(3, pa.string())
    batch = pa.record_batch([titles, pa.array(texts).view(pa.string())], names=["title", "text"])
    answers = tagger.tag_batch(batch).to_pylist()
    assert [answer["office"] for answer in answers] == ["front", "front", "review"]


def test_wrong_use_from_python_is_said(tagger: Tagger) -> None:
    with pytest.raises(ValueError, match="2 texts and 1 titles"):
        tagger.tag(["a", "b"], ["c"])
    with pytest.raises(TypeError, match=r"write tag\(\[text\]\)"):
        tagger.tag("a text")
    with pytest.raises(ValueError, match="it needs 'text'"):
        tagger.tag_batch(pa.record_batch({"description": ["a"]}))


def test_a_missing_model_is_not_trained_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model own-123 here"):
        Tagger.load("own-123", models=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_words_that_decided_are_those_of_the_posting(tagger: Tagger) -> None:
    words = tagger.explain(FRONT["en"], "Receptionist")
    assert {"guests", "receptionist"} <= {each.word for each in words if each.weight > 0}
    assert [abs(each.weight) for each in words] == sorted(
        (abs(w.weight) for w in words), reverse=True
    )
