"""Why a posting got its answer: weights that sum to the logit, lines, what would change it."""

import json
import re
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import Posting, Tagger
from pipeline.explain import Places, places_of, source_of
from pipeline.explanation import CLEARLY, Explanation, explain_posting
from pipeline.explanation_json import to_json
from pipeline.explanation_page import to_page
from pipeline.language import TEMPERATURE
from pipeline.language_scores import OURS, score_little
from pipeline.language_why import rather
from pipeline.lines import lines_of, without
from pipeline.phrases import strongest, why, why_of
from pipeline.profiles import STEP, load_profiles
from pipeline.shades import pieces
from pipeline.text import clean
from tests.postings import BACK, FRONT

DESK = (
    "Helsesekretær legekontor\nDu tar imot pasienter i skranken og svarer på telefon.\n"
    "Du skriver epikriser og registrerer prøver i journalsystemet.\n"
    "Du bestiller varer, fører lager og sender fakturaer.\n"
    "Vi tilbyr faste dagvakter og et hyggelig kontor."
)
HOSTILE = '<script>alert("x")</script> [bold red]kunder[/] \x1b]0;title\x07 \u202e {0} %s & '

any_text = st.lists(
    st.text(st.characters(codec=None), max_size=20)
    | st.sampled_from(
        [*FRONT.values(), *BACK.values(), "Auxiliar(a)", "e-mail", "ikke", "\n", "…"]
    ),
    max_size=8,
).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(any_text, any_text), min_size=1, max_size=4))
def test_the_weights_of_any_posting_and_the_bias_sum_to_its_logit(tagger: Tagger, pairs) -> None:
    postings = [Posting(clean(title), clean(text)) for title, text in pairs]
    logits = tagger.scorer.logits(tagger.scorer.sums_little(postings))
    found = places_of(tagger.scorer, postings)
    for posting, places, logit in zip(postings, found, logits, strict=True):
        assert places.weights.sum() + tagger.scorer.bias == pytest.approx(logit, abs=1e-9)
        alone = places_of(tagger.scorer, [posting])[0]
        assert all(np.array_equal(a, b) for a, b in zip(places, alone, strict=True))
        tokens = zip(places.starts, places.ends, strict=True)
        assert not any(re.search(r"\s", source_of(posting)[start:end]) for start, end in tokens)
        assert np.all(places.starts < places.ends)
        assert np.all(places.ends[:-1] <= places.starts[1:])


@settings(max_examples=60, deadline=None)
@given(any_text, any_text)
def test_words_lines_and_pieces_of_any_posting_are_its_own(tagger: Tagger, text, title) -> None:
    explained = explain_posting(tagger, text, title)
    content = json.loads(to_json("", explained))
    to_page(explained)
    if explained.logit is None:
        assert explained.tag.p_front is None
        assert (content["words"], content["lines"], content["why"]) == ([], [], "")
        return
    for spans in (content["words"], content["lines"]):
        total = sum(span["weight"] for span in spans) + content["bias"]
        assert total == pytest.approx(content["logit"], abs=1e-9)
    for word in content["words"]:
        assert content[word["part"]][word["start"] : word["end"]] == word["word"]
    for line in explained.lines:
        assert "".join(piece.text for piece in pieces(explained, line)) == explained.text_of(line)
    kept = "".join(map(explained.text_of, explained.lines))
    assert re.sub(r"\s", "", kept) == re.sub(r"\s", "", "".join(explained.posting))


def test_the_logit_is_that_of_the_probability_in_the_answer(tagger: Tagger) -> None:
    explained = explain_posting(tagger, DESK)
    assert 1 / (1 + np.exp(-explained.logit)) == pytest.approx(explained.tag.p_front, abs=1e-4)


def test_the_title_is_explained_apart_from_the_text(tagger: Tagger) -> None:
    explained = explain_posting(tagger, FRONT["en"], "Receptionist")
    (word,) = [word for word in explained.words if word.part == "title"]
    assert explained.text_of(word) == "Receptionist"
    assert explained.lines[0].part == "title"
    assert explained.lines[0].weight == word.weight > 0
    assert all(line.part == "text" for line in explained.lines[1:])


def test_lines_are_marked_by_where_their_words_push_clearly(tagger: Tagger) -> None:
    explained = explain_posting(tagger, DESK)
    assert [line.mark for line in explained.lines][1:] == ["contact", "other", "other", ""]
    for line in explained.lines:
        assert (line.mark == "") == (abs(line.weight) < CLEARLY)


def test_a_cell_of_many_thousand_lines_is_explained_in_no_time(tagger: Tagger) -> None:
    text = "".join(f"You greet guest{place % 4000} today\n" for place in range(4000))
    begin = perf_counter()
    explained = explain_posting(tagger, text)
    shown = ["".join(piece.text for piece in pieces(explained, line)) for line in explained.lines]
    assert "\n".join(shown) == explained.posting.text
    assert explained.without is None
    assert perf_counter() - begin < 5  # a minute, where each line goes through all words


def test_a_posting_of_one_line_is_explained_by_sentences(tagger: Tagger) -> None:
    text = "You greet guests at 9.30 a day. You file invoices! Apply at www.example.com/jobs?"
    assert [text[start:end] for start, end in lines_of(text)] == [
        "You greet guests at 9.30 a day.", "You file invoices!",
        "Apply at www.example.com/jobs?",
    ]  # fmt: skip
    assert len(explain_posting(tagger, text).lines) == 3


def test_a_closing_parenthesis_that_belongs_to_a_word_is_kept(tagger: Tagger) -> None:
    words = {each.word for each in tagger.explain("Buscamos (urgente) Orientador(a), con tacto.")}
    assert {"orientador(a)", "urgente", "tacto"} <= words


def test_lines_are_taken_out_with_what_parts_them() -> None:
    text = "One. Two!\nThree"
    assert without(text, lines_of(text), {0}) == "Three"
    assert without("One. Two! Three.", lines_of("One. Two! Three."), {1}) == "One. Three."
    assert without(text, lines_of(text), {0, 1}) == ""


def remaining(explained: Explanation, removed) -> str:
    bounds = lines_of(explained.posting.text)
    return without(explained.posting.text, bounds, set(removed))


duties = st.lists(
    st.sampled_from(
        [line for side in (FRONT, BACK) for text in side.values() for line in text.split(": ")[-1:]]
        + DESK.split("\n")
    ),
    min_size=1,
    max_size=9,
    unique=True,
)


@settings(max_examples=40, deadline=None)
@given(duties)
def test_what_is_said_of_removed_lines_is_what_the_rest_is_tagged(tagger: Tagger, lines) -> None:
    explained = explain_posting(tagger, "\n".join(lines))
    found = explained.without
    if found is None:
        return
    before, rest = explained.tag, tagger.tag([remaining(explained, found.lines)])[0]
    assert (rest.office, rest.p_front) == (found.office, found.p_front)
    assert rest.office in {"front", "back"} - {before.office}
    assert 0 < len(found.lines) <= len(lines_of(explained.posting.text)) // 2
    for line in found.lines:
        fewer = [each for each in found.lines if each != line]
        kept = tagger.tag([remaining(explained, fewer)])[0]
        assert kept.office != found.office


def test_the_line_that_decided_is_found(tagger: Tagger) -> None:
    explained = explain_posting(tagger, DESK)
    assert explained.tag.office == "front"
    assert explained.without is not None
    assert (explained.without.lines, explained.without.office) == ((1,), "back")


def test_a_close_call_is_told_what_would_decide_it(tagger: Tagger) -> None:
    lines = [*DESK.split("\n"), BACK["no"]]
    for kept in range(2, len(lines) + 1):
        explained = explain_posting(tagger, "\n".join(lines[:kept]))
        if explained.tag.reason == "close call" and explained.without is not None:
            assert explained.without.office in ("front", "back")
            return
    pytest.fail("none of these is a close call that few lines decide")


@pytest.mark.parametrize(
    "text", ["", "Kokk", "Vi søger en medarbejder til vores butik", FRONT["en"]], ids=len
)
def test_where_nothing_few_would_change_the_answer_none_is_named(tagger: Tagger, text) -> None:
    assert explain_posting(tagger, text).without is None


def test_of_a_very_long_posting_only_the_hardest_lines_are_tried(tagger: Tagger) -> None:
    lines = [f"{FRONT['no']} {number}" for number in range(100)]
    assert explain_posting(tagger, "\n".join(lines)).without is None


@settings(max_examples=60, deadline=None)
@given(
    any_text | st.sampled_from(["Vi søkjer ein kokk som ikkje er redd", "Vi søger en ekspedient"])
)
def test_why_a_language_sums_to_the_difference_of_the_scores(text: str) -> None:
    text = clean(text)
    distances = score_little([text]).distances[0]
    codes = [str(code) for code in load_profiles().languages]

    def nearest(code: str) -> int:
        forms = OURS.get(code, (code,))
        return min(distances[codes.index(form)] for form in forms)

    for each in rather(text):
        steps = nearest(each.than) - nearest(each.language)
        assert each.odds == pytest.approx(steps * STEP / TEMPERATURE, abs=1e-9)
        words = sum(word.weight for word in each.words)
        assert words + each.prior == pytest.approx(each.odds, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "pairs", "word"),
    [
        ("Vi søker en kokk som ikke jobber hjemme", [("no", "da"), ("nb", "nn")], "søker"),
        ("Vi søkjer ein kokk som ikkje arbeider heime", [("no", "fo"), ("nn", "nb")], "ikkje"),
        ("Vi søger en medarbejder til vores butik", [("da", "no")], "søger"),
        ("Procuramos cozinheiro para a nossa cantina escolar", [("pt", "es")], "cozinheiro"),
    ],
)
def test_a_language_is_told_from_the_next_likely_one_by_words(text, pairs, word) -> None:
    found = rather(text)
    assert [(each.language, each.than) for each in found] == pairs
    assert word in [each.word for each in found[0].words[:3]]


@pytest.mark.parametrize(
    "text", ["", "Kokk", "Мы ищем повара в нашу столовую", "xqz wvk " * 8], ids=len
)
def test_where_words_did_not_decide_the_language_none_are_named(text: str) -> None:
    assert rather(text) == []


def test_langdetect_says_no_words(models) -> None:
    tagger = Tagger.load(models=models, detector="langdetect")
    assert explain_posting(tagger, FRONT["no"]).languages == []


def phrases(side: str, text: str, weights: list[float]) -> list[str]:
    tokens = list(re.finditer(r"[^\s,]+", text))
    starts, ends = ([getattr(token, end)() for token in tokens] for end in ("start", "end"))
    return strongest(side, text, Places(*map(np.array, (starts, ends, weights))))


def test_strong_words_side_by_side_are_one_phrase_as_it_stands() -> None:
    text = "Hay que Atender clientes, Cobrar en caja y más"
    weights = [0, 0, 2.0, 1.0, 1.0, 0.1, 0.9, -0.5, 0]
    assert phrases("front", text, weights) == ["Atender clientes", "Cobrar en caja"]
    assert phrases("back", text, weights) == ["y"]


def test_one_word_that_pushes_the_other_way_parts_two_phrases() -> None:
    assert phrases("front", "atender sin clientes", [1.0, -0.8, 0.9]) == ["atender", "clientes"]
    assert phrases("front", "atender a los clientes", [1.0, 0, 0, 0.9]) == ["atender", "clientes"]


def test_a_phrase_that_occurs_twice_is_named_once_and_counts_twice() -> None:
    assert phrases("front", "Caja x x caja x x barra", [0.5, 0, 0, 0.5, 0, 0, 0.9]) == [
        "Caja", "barra",
    ]  # fmt: skip
    assert phrases("front", "atender caja x x caja", [1, 0.9, 0, 0, 0.9]) == ["atender caja"]


def test_where_no_word_pushes_there_is_no_phrase() -> None:
    assert phrases("front", "a b", [0.0, -1.0]) == []
    assert phrases("back", "", []) == []


def test_the_phrases_of_a_review_are_of_both_sides(tagger: Tagger) -> None:
    posting = Posting("", DESK)
    (places,) = places_of(tagger.scorer, [posting])
    both = why("review", posting, places)
    front, back = (why(side, posting, places) for side in ("front", "back"))
    assert both == f"front: {front} | back: {back}"
    assert front.count("; ") == back.count("; ") == 2


def test_many_postings_have_the_phrases_that_each_has_alone(tagger: Tagger) -> None:
    texts = [DESK, "", *FRONT.values(), "Kokk", *BACK.values()] * 4
    tags = tagger.tag(texts)
    postings = [Posting("", clean(text)) for text in texts]
    found = why_of(
        tagger.scorer, postings, [tag.office for tag in tags], [tag.p_front for tag in tags]
    )
    assert found == [explain_posting(tagger, text).why for text in texts]
    assert [bool(each) for each in found] == [tag.p_front is not None for tag in tags]


def test_a_page_holds_no_markup_of_the_posting_and_nothing_to_load(tagger: Tagger) -> None:
    page = to_page(explain_posting(tagger, f"{HOSTILE} {FRONT['en']} {HOSTILE}", "<b>Kokk"))
    assert "default-src 'none'" in page
    assert not re.search(r"<script|<b>|\bsrc=|https?://", page)
    assert "solid" in page
    assert re.search(r'<mark class="front s\d" title="\+\d\.\d\d to front">', page)
    refused = to_page(explain_posting(tagger, "<b>Kokk</b> & co", "Title"))
    assert "<p>Kokk &amp; co</p>" in refused
    assert "too short" in refused
