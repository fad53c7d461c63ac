from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import Posting, Tagger
from pipeline.classifier import OfficeClassifier
from pipeline.explain import explain
from pipeline.features import PostingFeatures
from pipeline.heads import KINDS, Aid
from pipeline.labelled import Corpus
from pipeline.store import load_model
from pipeline.text import clean
from tests.postings import BACK, FRONT


@pytest.fixture(scope="module")
def some(corpus: Corpus) -> tuple[list[Posting], list[str]]:
    taken = [p for p in corpus.postings if p.kind == "plain"][:120]
    return [p.posting for p in taken], [p.label for p in taken]


def test_features_are_three_blocks_and_words_weigh_more(some) -> None:
    # Words that share no n-gram: then the length is the one that is asked for, to the letter.
    postings = [Posting(title, title) for title in ("aaaaaaaa bbbbbbbb", "cccccccc dddddddd")] * 3
    features = PostingFeatures(word_length=1.3)
    matrix = features.fit_transform(postings)
    assert matrix.dtype == np.float32
    assert matrix.shape == (len(postings), len(features.get_feature_names_out()))
    start = 0
    for name, width in features.widths.items():
        block = matrix[:, start : start + width]
        start += width
        lengths = np.sqrt(np.asarray(block.multiply(block).sum(axis=1)).ravel())
        assert lengths == pytest.approx(1.3 if name == "word" else 1.0, abs=1e-3)


def test_a_text_without_known_ngrams_has_empty_rows(some) -> None:
    features = PostingFeatures().fit(some[0])
    assert features.transform([Posting("", "")]).nnz == 0


def test_features_come_back_from_their_state(some) -> None:
    postings, _ = some
    features = PostingFeatures().fit(postings)
    again = PostingFeatures().set_state(features.get_state())
    assert (features.transform(postings) != again.transform(postings)).nnz == 0


def test_a_classifier_comes_back_from_its_state(some) -> None:
    postings, labels = some
    model = OfficeClassifier().fit(postings, labels)
    again = OfficeClassifier.from_state(model.get_state())
    assert np.array_equal(model.predict_proba(postings), again.predict_proba(postings))
    assert again.get_params() == model.get_params()


def test_fitting_twice_gives_the_same_numbers(some) -> None:
    one, two = (OfficeClassifier().fit(*some) for _ in range(2))
    assert np.array_equal(one.coef_, two.coef_)
    assert (one.scale_, one.band_) == (two.scale_, two.band_)


def test_occupations_left_out_make_the_calibration_more_cautious(corpus: Corpus) -> None:
    taken = [p for p in corpus.postings if p.kind == "plain"][::3]
    postings, labels = [p.posting for p in taken], [p.label for p in taken]
    mixed = OfficeClassifier().fit(postings, labels)
    apart = OfficeClassifier().fit(postings, labels, groups=[p.isco[:2] for p in taken])
    front = np.array(labels) == "front"

    def accuracy(model: OfficeClassifier) -> float:
        return float(((model.out_of_fold_ >= 0.5) == front).mean())

    assert accuracy(apart) <= accuracy(mixed)


def test_a_fold_knows_neither_the_postings_nor_the_lines_of_the_occupations_left_out() -> None:
    # Only the lines of an occupation say which label its own word has: unseen, it is anybody's.
    words = [f"palabra{letter}{letter}" for letter in "abcdefghij"]
    labels = ["front" if place % 2 else "back" for place in range(10)]
    postings = [Posting("", f"{word} {word} comun") for word in words for _ in range(6)]
    aids = [
        Aid(Posting("", word), label, word) for word, label in zip(words, labels, strict=True)
    ] * 3
    y = [label for label in labels for _ in range(6)]
    groups = [word for word in words for _ in range(6)]
    model = OfficeClassifier(min_df=1).fit(postings, y, aids=aids, groups=groups)
    in_the_end = model.features_.transform(postings) @ model.coef_ + model.intercept_
    assert np.array_equal(in_the_end > 0, np.array(y) == "front")  # now it knows them all
    assert np.abs(model.out_of_fold_ - 0.5).max() < 0.2


def test_the_weight_of_short_documents_is_heeded(some) -> None:
    postings, labels = some
    seen = [
        OfficeClassifier()
        .fit(postings, labels, aids=[Aid(Posting("", "helt ukjent ord"), "front", "", weight)] * 5)
        .decision_function([Posting("", "helt ukjent ord")])[0]
        for weight in (0.01, 3.0)
    ]
    assert seen[1] > seen[0] + 1


def test_labels_are_front_and_back_and_nothing_else(some) -> None:
    postings, labels = some
    with pytest.raises(ValueError, match=r"not \['Front', 'nonsense'\]"):
        OfficeClassifier().fit(postings, [*labels[:-2], "Front", "nonsense"])


def test_occupations_that_leave_a_fold_with_one_label_are_not_used(some) -> None:
    postings, labels = some
    groups = ["shop" if label == "front" else f"b{n % 5}" for n, label in enumerate(labels)]
    model = OfficeClassifier().fit(postings, labels, groups=groups)
    assert ((model.out_of_fold_ >= 0.5) == (np.array(labels) == "front")).mean() > 0.6


def test_postings_without_titles_are_learned_from(some) -> None:
    postings, labels = some
    bare = [Posting("", posting.text) for posting in postings]
    model = OfficeClassifier().fit(bare, labels)
    again = OfficeClassifier.from_state(model.get_state())
    assert "title" not in again.features_.widths
    assert np.array_equal(again.predict_proba(postings), model.predict_proba(postings))


def test_a_share_comes_back_from_the_state_and_follows_the_logit(some, corpus: Corpus) -> None:
    postings, labels = some
    taken = [p for p in corpus.postings if p.kind == "plain"][:120]
    model = OfficeClassifier().fit(postings, labels, shares=[p.share for p in taken])
    state = model.get_state()
    again = OfficeClassifier.from_state(state)
    shares = again.predict_share(postings)
    order = np.argsort(again.decision_function(postings))
    assert np.array_equal(shares, model.predict_share(postings))
    assert np.all(np.diff(shares[order]) >= 0)
    assert 0 <= shares.min() < 20 < 50 < shares.max() <= 100
    by_numpy = np.interp(again.decision_function(postings), state["share_logits"], state["shares"])
    assert np.array_equal(by_numpy, shares)


def test_without_shares_none_is_predicted(some) -> None:
    postings, labels = some
    model = OfficeClassifier().fit(postings, labels)
    assert np.isnan(model.predict_share(postings[:3])).all()
    assert np.isnan(model.out_of_fold_share_).all()


def test_texts_that_are_no_postings_are_told_apart(some) -> None:
    postings, labels = some
    others = [
        Posting("", f"Receta número {n}: hervir el arroz, picar la cebolla.") for n in range(30)
    ]
    model = OfficeClassifier().fit(postings, labels, others={"no_posting": others})
    seen = model.passes("no_posting", model.features_.transform([*postings, *others]))
    assert seen[: len(postings)].mean() > 0.95
    assert not seen[len(postings) :].any()


@settings(max_examples=60, deadline=None)
@given(
    st.text(st.sampled_from("abcdeklnorstuæøåñéí ABK 12.,;:-/()¿!\n'"), max_size=300),
    st.sampled_from([*FRONT.values(), *BACK.values(), ""]),
    st.sampled_from(["", "Butikkmedarbeider", "Camarero/a"]),
)
def test_the_weights_of_the_words_sum_to_the_logit(tagger: Tagger, noise, text, title) -> None:
    posting = Posting(title, clean(f"{noise} {text}"))
    logit = tagger.scorer.logits(tagger.scorer.sums([posting]))[0]
    weights = sum(each.weight for each in explain(tagger.scorer, posting))
    assert weights + tagger.scorer.bias == pytest.approx(logit, abs=1e-4)


def test_a_word_is_what_stands_between_blanks(tagger: Tagger) -> None:
    posting = Posting(
        "Camarero/a", "Buscamos camarero/a. Escribe un e-mail, y ven a la barra (bar)."
    )
    words = {each.word for each in explain(tagger.scorer, posting)}
    assert {"camarero/a", "e-mail", "barra", "bar"} <= words
    assert words <= {"camarero/a", "buscamos", "escribe", "un", "e-mail", "y", "ven", "a", "la",
                     "barra", "bar"}  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=120), min_size=1, max_size=6))
def test_a_posting_alone_has_the_probability_it_has_in_a_batch(tagger: Tagger, texts) -> None:
    postings = [Posting("", clean(text)) for text in texts]
    scorer = tagger.scorer
    together = scorer.probabilities(scorer.sums(postings))
    alone = [scorer.probabilities(scorer.sums([posting]))[0] for posting in postings]
    assert together.tolist() == alone


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=40), st.text(max_size=200)), min_size=1, max_size=5))
def test_the_quick_way_gives_scikit_learns_probabilities(models: Path, tagger, pairs) -> None:
    classifier = OfficeClassifier.from_state(load_model(models)[0])
    postings = [Posting(clean(title), clean(text)) for title, text in pairs]
    postings += [Posting("Kelner", text) for text in (*FRONT.values(), *BACK.values())]
    sums = tagger.scorer.sums(postings)
    expected = classifier.predict_proba(postings)[:, 1]
    assert np.allclose(tagger.scorer.probabilities(sums), expected, atol=1e-6)
    matrix = classifier.features_.transform(postings)
    for kind in KINDS:
        assert np.array_equal(tagger.scorer.passes(kind, sums), classifier.passes(kind, matrix))
    shares = tagger.scorer.shares(tagger.scorer.logits(sums))
    assert np.allclose(shares, classifier.predict_share(postings), atol=1e-3, equal_nan=True)
