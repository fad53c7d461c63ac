"""In which order postings are asked about."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.posting import Posting, Reason
from pipeline.review.queue import SPREAD, review_order, uncertainty
from tests.reviews import BAND, tag

ANSWERED, LAST = "", (Reason.NO_POSTING, Reason.OTHER_LANGUAGE)
WITHOUT_P = (Reason.NO_TEXT, Reason.TOO_SHORT, Reason.UNKNOWN_LANGUAGE, Reason.OTHER_LANGUAGE)
WORDS = "guests table bread night truck shelf phone press till desk paint roof".split()


def ordered(tags, texts=None) -> list[int]:
    texts = texts or [f"{WORDS[at % 12]} {WORDS[at // 12 % 12]} {at}" for at in range(len(tags))]
    postings = [Posting("", text) for text in texts]
    return review_order(tags, BAND, lambda places: [postings[at] for at in places]).tolist()


def texts(n: int) -> list[str]:
    """Texts with few words in common."""
    return [" ".join(f"{word}{at * 7 % 97}" for word in WORDS) + " we look for" for at in range(n)]


@st.composite
def tags(draw):
    reason = draw(st.sampled_from(["", Reason.CLOSE_CALL, Reason.SEVERAL_ROLES, *LAST, *WITHOUT_P]))
    p_front = draw(st.floats(0, 1)) if reason not in WITHOUT_P else None
    return tag(p_front, reason, draw(st.sampled_from(["es", "no", "en"])))


@given(st.lists(tags(), max_size=60), st.lists(st.sampled_from(texts(8)), min_size=60, max_size=60))
@settings(max_examples=60, deadline=None)
def test_all_with_text_are_asked_about_once_those_in_review_first(given, texts) -> None:
    order = ordered(given, texts[: len(given)])
    assert sorted(order) == [at for at, each in enumerate(given) if each.reason != Reason.NO_TEXT]
    standing = [2 if not given[at].reason else 1 if given[at].reason in LAST else 0 for at in order]
    assert standing == sorted(standing)
    assert order == ordered(given, texts[: len(given)])


def test_of_texts_that_are_not_alike_the_most_uncertain_comes_first() -> None:
    p_front = [0.21, 0.5, 0.79, 0.35, 0.95, 0.81, 0.02]
    assert ordered([tag(p) for p in p_front], texts(7))[0] == 1
    assert ordered([tag(p) for p in p_front], texts(7))[4:] == [5, 4, 6]


def test_uncertainty_is_measured_against_the_band() -> None:
    p_front = np.array([0.5, 0.65, 0.8, 0.2, 0.8, 0.9, 1.0, np.nan, 0.99])
    in_review = np.array([True] * 4 + [False] * 3 + [True] * 2)
    expected = [1, 0.5, 0, 0, 1, 0.5, 0, 0, 0]
    assert uncertainty(p_front, in_review, 0.3) == pytest.approx(expected)


def test_copies_of_one_text_do_not_fill_the_top(small_corpus: Path) -> None:
    boilerplate = (
        "Northern Foods has made bread since 1912. We offer a good pension, a canteen and parking,"
        " and we value each other. Send your application by Friday and tell us who you are."
    )
    copies = [f"{boilerplate} Role: {WORDS[at % 12]} {at}." for at in range(15)]
    lines = (small_corpus / "postings" / "en.jsonl").read_text("utf-8").splitlines()
    others = [json.loads(line)["text"] for line in lines[:40]]
    # The copies are as uncertain as can be, the others nearly have an answer.
    tags = [tag(0.5)] * 15 + [tag(0.22)] * 40
    order = ordered(tags, copies + others)
    assert order[0] < 15
    assert sum(at < 15 for at in order[:20]) <= 2


def test_the_language_that_most_are_in_does_not_fill_the_top_and_a_rare_one_neither() -> None:
    languages = ["es"] * 90 + ["no"] * 10
    tags = [tag(0.5 if code == "es" else 0.25, language=code) for code in languages]
    top = [languages[at] for at in ordered(tags, texts(100))[:20]]
    assert 3 <= top.count("no") <= 7


def test_what_no_model_answers_comes_after_what_one_is_unsure_of() -> None:
    tags = [
        tag(None, Reason.OTHER_LANGUAGE), tag(None, Reason.TOO_SHORT), tag(0.99, ANSWERED),
        tag(0.6, Reason.NO_POSTING), tag(0.99, Reason.SEVERAL_ROLES), tag(0.6),
    ]  # fmt: skip
    order = ordered(tags, texts(6))
    assert set(order[:2]) == {4, 5}
    assert order[2] == 1
    assert set(order[3:5]) == {0, 3}
    assert order[5] == 2


def test_ten_thousand_rows_are_in_order_and_few_texts_are_asked_for() -> None:
    rng = np.random.default_rng(0)
    tags = [tag(round(float(p), 4)) for p in rng.uniform(0, 1, 10_000)]
    asked: list[int] = []

    def postings(places):
        asked.extend(places)
        return [Posting("", f"{WORDS[at % 12]} {WORDS[at // 12 % 12]} row {at}") for at in places]

    order = review_order(tags, BAND, postings)
    assert np.array_equal(np.sort(order), np.arange(10_000))
    assert len(asked) == len(set(asked)) == 5_000
    review = np.array([each.office == "review" for each in tags])[order]
    assert np.array_equal(review, np.sort(review)[::-1])
    away = np.abs(np.array([each.p_front for each in tags]) - 0.5)[order][SPREAD : review.sum()]
    assert np.array_equal(away, np.sort(away))


def test_an_empty_sheet_has_an_empty_queue() -> None:
    assert ordered([]) == []
    assert ordered([tag(None, Reason.NO_TEXT)], [""]) == []
    assert ordered([tag(0.5)], ["?!"]) == [0]  # no word to compare
