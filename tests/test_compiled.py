"""The compiled kernels against numpy: the same numbers for any text whatever, to the last bit."""

import os

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import Tag, Tagger
from pipeline.language_compiled import score_much
from pipeline.language_scores import WINDOW, score_little
from pipeline.posting import Posting
from pipeline.reading_compiled import texts_of, use_cores
from pipeline.text import clean
from pipeline.text_compiled import BLANK, DIRTY, kinds_of
from tests.postings import BACK, FRONT

ODD = (
    "İSTANBUL ΣΟΦΟΣ ß ŉ ǰ e\u0301 \u1100\u1161 ﬁ Å \u212b",
    "R&D &amp; &lt;p&gt;Kokk&lt;/p&gt; <b>vakt</b> a < b > c &#65; <!-- x -->",
    "www.example.org WWW.A.NO me@example.org https://example.org/a?b=c a://b www .x",
    "one\u00a0two\u2003three\u3000four\r\nfive\u0085six\x1cseven\x00eight\u00adnine\u200bten",
    "_under score_ 24/7 2.klasse Covid-19 x" + "y" * 200,
    "我们正在招聘服务员 Ищем официанта שלום 🙂👩‍🍳",
    " \t\r\n\u2028 ",
    "eg er ikkje ein " * (WINDOW // 2) + "we are looking for a cook " * WINDOW,
)
ANY = st.text(st.characters(codec=None), max_size=120)
TEXTS = st.lists(
    ANY | st.sampled_from([*ODD, *FRONT.values(), *BACK.values()]), min_size=1, max_size=6
)


@settings(max_examples=80, deadline=None)
@given(TEXTS)
def test_languages_are_scored_alike(texts: list[str]) -> None:
    texts = [clean(text) for text in texts]
    for little, much in zip(score_little(texts), score_much(texts_of(texts)), strict=True):
        assert np.array_equal(little, much)


@settings(max_examples=80, deadline=None)
@given(TEXTS, TEXTS)
def test_postings_are_summed_alike(tagger: Tagger, titles: list[str], texts: list[str]) -> None:
    pairs = zip(titles, texts, strict=False)
    postings = [Posting(clean(title), clean(text)) for title, text in pairs]
    scorer = tagger.scorer
    much = scorer.sums_much(
        texts_of([posting.title for posting in postings]),
        texts_of([posting.text for posting in postings]),
    )
    for one, other in zip(scorer.sums_little(postings), much, strict=True):
        assert np.array_equal(one, other)


@settings(max_examples=150, deadline=None)
@given(TEXTS, TEXTS)
def test_a_row_of_a_batch_has_the_tag_that_it_has_alone(tagger: Tagger, titles, texts) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    titles = ([title.encode("utf-8", "replace").decode() for title in titles] * 6)[: len(texts)]
    batch = tagger.tag_batch(pa.record_batch({"title": titles, "text": texts}))
    alone = [tagger.tag([text], [title])[0] for text, title in zip(texts, titles, strict=True)]
    assert [Tag(*row.values()) for row in batch.to_pylist()] == alone


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.integers(1, 4), st.integers(1, 2), st.randoms(use_true_random=False))
def test_batch_size_cores_and_order_change_nothing(
    tagger: Tagger, texts, size: int, cores: int, chance
) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    whole = tagger.tag_batch(pa.record_batch({"text": texts})).to_pylist()
    order = chance.sample(range(len(texts)), len(texts))
    parts = []
    try:
        use_cores(cores)
        for start in range(0, len(order), size):
            some = [texts[place] for place in order[start : start + size]]
            parts += tagger.tag_batch(pa.record_batch({"text": some})).to_pylist()
    finally:
        use_cores(os.cpu_count() or 1)
    assert parts == [whole[place] for place in order]


@settings(max_examples=150, deadline=None)
@given(ANY | st.text(max_size=60) | st.sampled_from(ODD))
def test_a_text_passes_for_clean_only_where_cleaning_changes_no_word(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    kind = kinds_of(texts_of([text]))[0]
    if kind == BLANK:
        assert clean(text) == ""
    elif kind != DIRTY:
        assert clean(text).split() == text.split()


def test_what_a_thread_remembers_of_words_may_run_full(tagger: Tagger) -> None:
    many = [
        Posting("", " ".join(f"kunde{n}behandling{n}" for n in range(k * 3000, k * 3000 + 3000)))
        for k in range(14)
    ]
    little = tagger.scorer.sums_little(many)
    much = tagger.scorer.sums_much(texts_of([""] * 14), texts_of([p.text for p in many]))
    for one, other in zip(little, much, strict=True):
        assert np.array_equal(one, other)
