"""How far batches are from what a model was trained on: the index, the counts, unknown words."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

import pipeline.unknown
from pipeline.active import active_id
from pipeline.classifier import OfficeClassifier
from pipeline.drift import Histograms, Seen, changes, named, reference, reference_of
from pipeline.features import PostingFeatures
from pipeline.labelled import Corpus, Labelled
from pipeline.language import CODES
from pipeline.letters import codes_of, fold
from pipeline.model_files import read_manifest
from pipeline.ngrams import buckets_of, hash_words, split_words
from pipeline.posting import ModelError
from pipeline.psi import LIKE, OTHER, SOMEWHAT, TOO_FEW, chance, change, psi, worst
from pipeline.reading_compiled import texts_of
from pipeline.unknown import UnknownWords
from pipeline.unknown_compiled import find_unknown, known_by

EN = CODES.index("en")
COUNTS = st.lists(st.integers(0, 500), min_size=3, max_size=8)


@st.composite
def two_counts(draw):
    first = draw(COUNTS.filter(any))
    second = draw(st.lists(st.integers(0, 500), min_size=len(first), max_size=len(first)))
    return np.array(first), np.array(second if any(second) else first)


def counted(words=(100,), unknown=(0,), p_front=(0.5,), languages=None, band=0.2) -> Histograms:
    n = max(map(len, (words, unknown, p_front, languages or ())))
    columns = (languages or (EN,), words, unknown, p_front)
    histograms = Histograms()
    histograms.add(Seen(*(np.resize(np.array(column), n) for column in columns)), band)
    return histograms


def filled(histograms: Histograms, aspect: str) -> dict[str, int]:
    counts = histograms.counts[aspect]
    counts = counts if aspect == "language" else counts.sum(axis=0)
    return {name: n for name, n in named(aspect, counts).items() if n}


def verdict_on(aspect: str, trained: Histograms, batch: Histograms) -> str:
    return changes(trained.beside(batch))[aspect].verdict


def test_the_index_is_that_of_the_formula() -> None:
    found = psi(np.array([500_000, 500_000]), np.array([600_000, 400_000]))
    assert found == pytest.approx(-0.1 * np.log(0.5 / 0.6) + 0.1 * np.log(0.5 / 0.4), abs=1e-5)


@settings(deadline=None)
@given(two_counts())
def test_the_index_is_finite_never_negative_and_the_same_from_either_side(counts) -> None:
    first, second = counts
    found = psi(first, second)
    assert np.isfinite(found)
    assert found >= -1e-12
    assert found == pytest.approx(psi(second, first))
    assert psi(first, first) == 0


@settings(deadline=None)
@given(two_counts(), st.randoms())
def test_the_order_of_the_bins_does_not_matter(counts, numbers) -> None:
    order = list(range(len(counts[0])))
    numbers.shuffle(order)
    assert psi(counts[0][order], counts[1][order]) == pytest.approx(psi(*counts))


def test_a_bin_that_both_lack_adds_nothing() -> None:
    first, second = np.array([5000, 3000]), np.array([30, 10])
    with_empty = [np.append(counts, [0, 0]) for counts in (first, second)]
    assert psi(*with_empty) == pytest.approx(psi(first, second), abs=0.01)


def test_what_chance_gives_is_near_what_theory_says_of_full_bins() -> None:
    first, second = np.full(10, 100), np.full(10, 400)
    theory = chi2.ppf(0.99, 9) * (1 / 1000 + 1 / 4000)
    assert chance(first, second) == pytest.approx(theory, rel=0.1)


@pytest.mark.parametrize(
    ("reference_", "batch", "verdict"),
    [
        ([3000, 3000], [500, 500], LIKE),
        ([3000, 3000], [700, 300], SOMEWHAT),
        ([3000, 3000], [900, 100], OTHER),
        ([3000, 3000], [6, 6], TOO_FEW),
        ([3000, 3000], [9, 3], TOO_FEW),
        ([3000, 3000], [0, 40], OTHER),
        ([30, 30], [90_000, 10_000], OTHER),
        ([3, 3], [90_000, 110_000], TOO_FEW),
        ([3000, 3000], [0, 0], TOO_FEW),
        ([0, 0], [30, 30], TOO_FEW),
    ],
)
def test_the_verdict_heeds_both_the_size_of_a_change_and_chance(reference_, batch, verdict) -> None:
    assert change(np.array(reference_), np.array(batch)).verdict == verdict


def test_batches_that_have_not_changed_are_called_other_in_one_of_a_hundred_at_most() -> None:
    numbers = np.random.default_rng(1)
    shares = np.array([0.4, 0.3, 0.2, 0.07, 0.03, 0.0])
    trained = numbers.multinomial(5000, shares)
    for n in (10, 40, 150, 1000):
        verdicts = [change(trained, numbers.multinomial(n, shares)).verdict for _ in range(200)]
        assert sum(verdict in (SOMEWHAT, OTHER) for verdict in verdicts) <= 7  # of 2 expected


def test_the_worst_aspect_decides() -> None:
    assert worst([LIKE, LIKE]) == LIKE
    assert worst([LIKE, TOO_FEW]) == TOO_FEW
    assert worst([TOO_FEW, SOMEWHAT, LIKE]) == SOMEWHAT
    assert worst([OTHER, TOO_FEW, SOMEWHAT]) == OTHER


def test_each_value_falls_into_the_bin_that_says_so() -> None:
    lengths = counted(words=(1, 19, 20, 749, 750, 100_000))
    assert filled(lengths, "words") == {"1-19": 2, "20-29": 1, "500-749": 1, "750+": 2}
    shares = counted(words=(100,), unknown=(0, 1, 2, 39, 40, 100))
    assert filled(shares, "unknown") == {
        "0-1 %": 1, "1-2 %": 1, "2-3 %": 1, "20-40 %": 1, "40-100 %": 2,
    }  # fmt: skip
    scores = counted(p_front=(0.0, 0.0999, 0.1, 0.3, 0.6, 0.7, 0.9999, 1.0))
    assert filled(scores, "p_front") == {
        "0.0-0.1": 2, "0.1-0.2": 1, "0.3-0.4": 1, "0.6-0.7": 1, "0.7-0.8": 1, "0.9-1.0": 2,
    }  # fmt: skip
    assert filled(counted(p_front=(0.29, 0.3, 0.7, 0.71)), "close") == {
        "decided": 3, "close call": 1,
    }  # fmt: skip


def test_what_a_model_does_not_answer_does_not_count_for_its_answers() -> None:
    languages = (EN, EN, CODES.index("other"), CODES.index("unknown"))
    found = counted(
        languages=languages,
        words=(4, 50, 50, 50),
        unknown=(4, 1, 50, 50),
        p_front=(np.nan, 0.9, np.nan, np.nan),
    )
    assert filled(found, "language") == {"en": 2, "other": 1, "unknown": 1}
    assert filled(found, "words") == {"1-19": 1, "45-64": 1}
    assert filled(found, "unknown") == {"2-3 %": 1}
    assert filled(found, "p_front") == {"0.9-1.0": 1}


def test_a_batch_that_is_answered_more_surely_has_not_drifted_one_less_surely_has() -> None:
    usual = counted(p_front=[0.05] * 400 + [0.3] * 100 + [0.7] * 100 + [0.95] * 400)
    surer = counted(p_front=[0.01] * 500 + [0.99] * 500)
    unsure = counted(p_front=[0.05] * 100 + [0.45] * 400 + [0.55] * 400 + [0.95] * 100)
    fronts = counted(p_front=[0.01] * 150 + [0.99] * 850)
    assert verdict_on("p_front", usual, surer) == LIKE
    assert verdict_on("p_front", usual, unsure) == OTHER
    assert verdict_on("p_front", usual, fronts) == OTHER


def of_languages(**rows: int) -> Histograms:
    """Spanish texts of 50 words, Norwegian ones of 200, English ones of 500."""
    length = {"es": 50, "no": 200, "en": 500}
    codes = [code for code, n in rows.items() for _ in range(n)]
    return counted(
        languages=[CODES.index(code) for code in codes], words=[length[code] for code in codes]
    )


def test_another_mix_of_languages_is_other_in_language_alone() -> None:
    trained, batch = of_languages(es=1000, no=2000, en=3000), of_languages(es=500, no=20)
    found = changes(trained.beside(batch))
    assert found["language"].verdict == OTHER
    assert found["words"].verdict == LIKE
    assert found["words"].psi == pytest.approx(0, abs=1e-3)


def test_a_language_that_was_not_trained_on_is_compared_by_nothing_else() -> None:
    found = changes(of_languages(en=3000).beside(of_languages(es=500)))
    assert found["language"].verdict == OTHER
    assert found["words"].verdict == found["p_front"].verdict == TOO_FEW


def test_in_the_mix_of_the_training_postings_all_of_them_count() -> None:
    trained = of_languages(es=1000, no=2000, en=3000)
    reference_, batch = trained.beside(of_languages(es=10, no=20, en=30))["words"]
    assert reference_.sum() == 6000
    assert batch.sum() == 60


def test_counts_come_back_from_a_manifest() -> None:
    histograms = counted(words=(3, 40, 300), unknown=(1, 2, 3), p_front=(0.1, 0.5, 0.9))
    found = reference_of({"id": "own-1", "reference": histograms.to_json()})
    assert found.to_json() == histograms.to_json()


def broken_references() -> dict[str, Any]:
    whole = Histograms().to_json()

    def close(es: object) -> dict[str, Any]:
        return whole | {"close": whole["close"] | {"es": es}}

    return {
        "none": None,
        "a text": "histograms",
        "an aspect missing": {k: v for k, v in whole.items() if k != "words"},
        "a language missing": whole | {"close": {"en": whole["close"]["en"]}},
        "languages as a list": whole | {"close": list(whole["close"].values())},
        "no languages": whole | {"language": None},
        "a bin missing": close({"decided": 3}),
        "another bin": close({"decided": 3, "open": 4}),
        "below nothing": close({"decided": 3, "close call": -4}),
        "a fraction": close({"decided": 3, "close call": 0.5}),
        "a truth": close({"decided": 3, "close call": True}),
        "too large": close({"decided": 3, "close call": 1 << 70}),
        "a list": close([3, 4]),
    }


@pytest.mark.parametrize("what", broken_references())
def test_a_manifest_without_counts_is_refused(what: str) -> None:
    with pytest.raises(ModelError, match=r"^own-1: this model .* train it again .*\.$"):
        reference_of({"id": "own-1", "reference": broken_references()[what]})


@pytest.fixture(scope="module")
def some(corpus: Corpus) -> list[Labelled]:
    return [each for each in corpus.postings if each.kind == "plain"][::50]


def test_the_reference_counts_words_as_if_each_posting_were_new(some: list[Labelled]) -> None:
    postings = [each.posting for each in some]
    classifier = OfficeClassifier().fit(postings, [each.label for each in some])
    found = reference(classifier, some)
    for at in range(0, len(postings), 12):
        others = PostingFeatures().fit(postings[:at] + postings[at + 1 :])
        titles, texts = texts_of([postings[at].title]), texts_of([postings[at].text])
        seen = find_unknown(titles, texts, known_by(others.blocks_["word"].buckets))
        language = CODES.index(some[at].language)
        expected = counted(words=seen.words, unknown=seen.counts, languages=[language])
        own = reference(_like(classifier, at), [some[at]])
        assert own["unknown"] == expected.to_json()["unknown"]
    assert sum(found["language"].values()) == len(some)
    assert sum(sum(row.values()) for row in found["p_front"].values()) == len(some)


def _like(classifier: OfficeClassifier, at: int) -> OfficeClassifier:
    """The classifier, with the out-of-fold answer to one posting."""
    one = OfficeClassifier.from_state(classifier.get_state())
    one.out_of_fold_ = classifier.out_of_fold_[at : at + 1]
    return one


def test_training_notes_how_its_postings_are_spread(models: Path, corpus: Corpus) -> None:
    manifest = read_manifest(models, str(active_id(models)))
    found = reference_of(manifest)
    assert manifest["reference"] == found.to_json()
    languages = Counter(each.language for each in corpus.postings if each.kind == "plain")
    assert filled(found, "language") == pytest.approx(languages, abs=20)
    assert found.counts["p_front"].sum() == pytest.approx(languages.total(), abs=20)


LETTERS = st.text(st.sampled_from("aábcÆØ2_ .,-\n'Ωж字😀"), max_size=60)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(LETTERS, LETTERS), min_size=1, max_size=6), st.integers(0, 5))
def test_unknown_words_are_those_of_the_way_by_numpy(postings, every) -> None:
    titles, texts = (texts_of([posting[part] for posting in postings]) for part in (0, 1))
    buckets = [
        buckets_of(hash_words(*split_words(codes_of(fold(f"{title}\n{text}")))))
        for title, text in postings
    ]
    known = known_by(np.unique(np.concatenate(buckets))[:: every + 1])
    found = find_unknown(titles, texts, known)
    assert found.words.tolist() == [len(own) for own in buckets]
    assert found.counts.tolist() == [int((~known[own]).sum()) for own in buckets]
    for row, own in enumerate(buckets):
        assert sorted(found.buckets[found.rows == row]) == sorted(own[~known[own]])


NONE = known_by(np.zeros(0, np.int32))
WORDS = [f"w{a}{b}" for a in "abcdefg" for b in "hijklmnop"]


@settings(deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(WORDS), max_size=12), min_size=1, max_size=40),
    st.integers(1, 40),
)
def test_the_most_frequent_words_are_exact_though_few_spellings_are_held(rows, size) -> None:
    held = pipeline.unknown.HELD
    pipeline.unknown.HELD = 10  # hypothesis and the fixture that would do it do not go together
    try:
        words = UnknownWords()
        for at in range(0, len(rows), size):
            texts = texts_of([" ".join(row).upper() for row in rows[at : at + size]])
            empty = texts_of([""] * len(texts.starts))
            words.add(find_unknown(empty, texts, NONE))
        found = words.most(10)
    finally:
        pipeline.unknown.HELD = held
    counts = Counter(word for row in rows for word in set(row))
    assert found == sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:10]
