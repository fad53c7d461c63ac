"""Four estimators over the same features: each is explained, stored and calibrated alike."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.model_selection import RandomizedSearchCV

from pipeline import Posting, Tagger
from pipeline.calibration import folds_of, temperature
from pipeline.classifier import OfficeClassifier
from pipeline.explain import explain
from pipeline.heads import KINDS, Aid
from pipeline.labelled import Corpus
from pipeline.model_files import MODEL
from pipeline.parameters import ESTIMATORS, plain
from pipeline.scoring import Scorer, sigmoid
from pipeline.store import load_model, save_model
from pipeline.text import clean
from tests.postings import BACK, FRONT

NO_POSTINGS = [Posting("", f"Receta {n}: hervir el arroz y picar la cebolla.") for n in range(20)]
POSTINGS = [Posting(title, text) for title in ("", "Camarero/a", "Kokk")
            for text in (*FRONT.values(), *BACK.values(), "")]  # fmt: skip


class Some:
    """Postings to learn from, the aids beside them, and a model of each estimator."""

    def __init__(self, corpus: Corpus) -> None:
        taken = [each for each in corpus.postings if each.kind == "plain"][::40]
        self.postings = [each.posting for each in taken]
        self.labels = [each.label for each in taken]
        self.shares = [each.share for each in taken]
        self.aids = [
            Aid(each.posting, "front" if each.label == "contact" else "back", "", 0.03)
            for each in corpus.lines[::40]
            if each.label != "neutral"
        ]
        self.models = {name: self.fit(OfficeClassifier(estimator=name)) for name in ESTIMATORS}

    def fit(self, model: OfficeClassifier) -> OfficeClassifier:
        return model.fit(
            self.postings,
            self.labels,
            aids=self.aids,
            others={"no_posting": NO_POSTINGS},
            shares=self.shares,
        )


@pytest.fixture(scope="module")
def some(corpus: Corpus) -> Some:
    return Some(corpus)


@pytest.fixture(params=ESTIMATORS)
def fitted(request: pytest.FixtureRequest, some: Some) -> OfficeClassifier:
    return some.models[request.param]


def test_postings_unseen_are_told_apart(fitted: OfficeClassifier, some: Some) -> None:
    front = np.array(some.labels) == "front"
    assert ((fitted.out_of_fold_ >= 0.5) == front).mean() > 0.65
    assert fitted.predict(list(map(Posting, ("",) * 3, FRONT.values()))).tolist() == ["front"] * 3
    assert fitted.predict(list(map(Posting, ("",) * 3, BACK.values()))).tolist() == ["back"] * 3


def test_what_it_says_of_postings_unseen_is_neither_boasting_nor_modest(fitted, some) -> None:
    # Of a factor that is right, none beside it is more likely to have led to these labels.
    front = np.array(some.labels) == "front"
    weight = np.where(front, 1 / front.mean(), 1 / (1 - front.mean()))
    logits = np.log(fitted.out_of_fold_ / (1 - fitted.out_of_fold_))

    def loss(factor: float) -> float:
        said = sigmoid(factor * logits)
        return float(-(weight * np.log(np.where(front, said, 1 - said))).sum())

    assert fitted.scale_ > 0
    assert loss(1.0) < loss(0.99)
    assert loss(1.0) < loss(1.01)


def test_the_same_seed_gives_the_same_file(fitted, some: Some, tmp_path: Path) -> None:
    again = some.fit(clone(fitted))
    files = []
    for name, model in (("one", fitted), ("two", again)):
        manifest = save_model(tmp_path / name, "own", model.get_state(), {})
        files.append((tmp_path / name / manifest["id"] / MODEL).read_bytes())
    assert files[0] == files[1]


def test_a_stored_model_answers_the_same(fitted: OfficeClassifier, tmp_path: Path) -> None:
    save_model(tmp_path, "own", fitted.get_state(), {})
    again = OfficeClassifier.from_state(load_model(tmp_path)[0])
    assert again.get_params() == fitted.get_params()
    assert np.array_equal(again.predict_proba(POSTINGS), fitted.predict_proba(POSTINGS))


@settings(max_examples=20, deadline=None)
@given(
    st.text(st.sampled_from("abcdeklnorstuæøåñéí ABK 12.,;:-/()¿!\n'"), max_size=300),
    st.sampled_from([*FRONT.values(), *BACK.values(), ""]),
    st.sampled_from(["", "Butikkmedarbeider", "Camarero/a"]),
)
def test_the_weights_of_the_words_sum_to_the_logit(some: Some, noise, text, title) -> None:
    posting = Posting(title, clean(f"{noise} {text}"))
    for model in some.models.values():
        scorer = Scorer(model.get_state())
        (logit,) = model.decision_function([posting])
        weights = sum(each.weight for each in explain(scorer, posting))
        assert weights + scorer.bias == pytest.approx(logit, abs=1e-4)


def test_a_posting_alone_has_the_probability_it_has_in_a_batch(fitted, tmp_path: Path) -> None:
    save_model(tmp_path, "own", fitted.get_state(), {})
    tagger = Tagger.load(models=tmp_path)
    titles, texts = zip(*POSTINGS, strict=True)
    together = tagger.tag(texts, titles)
    assert [tagger.tag([text], [title])[0] for title, text in POSTINGS] == together
    batch = tagger.tag_batch(pa.record_batch({"title": titles, "text": texts}))
    assert batch.column("p_front").to_pylist() == [each.p_front for each in together]
    assert len({each.p_front for each in together}) > 15


def test_the_quick_way_gives_scikit_learns_probabilities(fitted: OfficeClassifier) -> None:
    scorer = Scorer(fitted.get_state())
    sums = scorer.sums(POSTINGS)
    expected = fitted.predict_proba(POSTINGS)[:, 1]
    assert np.allclose(scorer.probabilities(sums), expected, rtol=0, atol=1e-6)


def test_sieves_are_the_same_whatever_learns_front(fitted: OfficeClassifier, some: Some) -> None:
    for kind in KINDS:
        own, other = fitted.sieves_[kind], some.models["logistic"].sieves_[kind]
        assert np.array_equal(own.coef, other.coef)
        assert own[1:] == other[1:]


def test_less_regularisation_fits_closer(fitted: OfficeClassifier, some: Some) -> None:
    lengths = []
    for C in (0.03, 30.0):
        other = clone(fitted).set_params(C=C).fit(some.postings, some.labels)
        lengths.append(np.linalg.norm(other.coef_))
    assert lengths[0] < lengths[1]


def test_stochastic_descent_comes_to_what_coordinate_descent_does(some: Some) -> None:
    ours, theirs = (some.models[name].predict_proba(some.postings)[:, 1]
                    for name in ("sgd", "logistic"))  # fmt: skip
    assert np.abs(ours - theirs).mean() < 0.05


def test_naive_bayes_weighs_an_ngram_by_how_much_likelier_it_is_in_front() -> None:
    # Each text is one of two words, alike but for the letters: both labels weigh the same.
    front, back = ["sol"] * 5 + ["ost"], ["ost"] * 5 + ["sol"]
    model = OfficeClassifier(estimator="nb", C=2.0, min_df=1)
    model.fit([Posting("", text) for text in front + back], ["front"] * 6 + ["back"] * 6)
    row = model.features_.transform([Posting("", "sol")])
    values = row.data
    by_hand = values * (np.log(5 * values + 0.5) - np.log(values + 0.5))
    (logit,) = model.logits(row)
    assert logit / model.scale_ == pytest.approx(by_hand.sum(), rel=1e-5)
    assert model.intercept_ == pytest.approx(0, abs=1e-12)


def test_more_folds_of_calibration_leave_what_is_learned_as_it_is(some: Some) -> None:
    two, five = (some.fit(OfficeClassifier(cv=cv)) for cv in (2, 5))
    assert np.array_equal(two.coef_, five.coef_)
    assert not np.array_equal(two.out_of_fold_, five.out_of_fold_)


def test_no_more_folds_are_made_than_there_are_postings_of_a_label() -> None:
    front = np.arange(40) < 3
    folds = folds_of(front, None, 0, 9)
    assert [int(front[test].sum()) for _, test in folds] == [1, 1, 1]
    assert len(folds_of(np.arange(40) < 20, None, 0, 9)) == 9


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("estimator", "forest", "logistic, sgd, svm or nb"),
        ("estimator", None, "logistic, sgd, svm or nb"),
        ("cv", 1, "a whole number of at least 2"),
        ("cv", 5.0, "a whole number of at least 2"),
        ("cv", True, "a whole number of at least 2"),
        ("C", 0, "a number above 0"),
        ("C", -1.0, "a number above 0"),
        ("C", float("nan"), "a number above 0"),
        ("C", float("inf"), "a number above 0"),
        ("C", "3", "a number above 0"),
        ("precision", 1.5, "a number from 0 to 1"),
        ("precision", float("nan"), "a number from 0 to 1"),
        ("min_df", 0, "a whole number of at least 1"),
        ("seed", -1, "a whole number from 0 to 4294967295"),
        ("seed", None, "a whole number from 0 to 4294967295"),
        ("grey", (66, 10), "two numbers from 0 to 100, the lower one first"),
        ("grey", (10,), "two numbers from 0 to 100, the lower one first"),
        ("grey", "10", "two numbers from 0 to 100, the lower one first"),
    ],
)
def test_a_parameter_that_cannot_be_is_named(some: Some, name, value, wanted) -> None:
    model = OfficeClassifier(**{name: value})
    with pytest.raises(ValueError, match=f"The '{name}' parameter of OfficeClassifier") as error:
        model.fit(some.postings, some.labels)
    assert str(error.value).endswith(f"must be {wanted}. Got {value!r} instead.")


def test_parameters_drawn_by_numpy_are_stored_as_pythons_own(some: Some, tmp_path) -> None:
    drawn = {
        "C": np.float64(3), "precision": np.float32(0.5), "min_df": np.int64(2), "cv": np.int32(5),
        "seed": np.uint8(0), "grey": [np.int64(10), np.float64(66.5)],
        "estimator": np.str_("svm"),
    }  # fmt: skip
    model = some.fit(OfficeClassifier(**drawn))
    save_model(tmp_path, "own", model.get_state(), {})
    stored = load_model(tmp_path)[0]["parameters"]
    assert stored == {
        "C": 3.0, "precision": 0.5, "min_df": 2, "cv": 5, "seed": 0, "grey": (10, 66.5),
        "estimator": "svm",
    }  # fmt: skip
    assert {type(value) for value in stored.values()} == {float, int, tuple, str}


def test_equal_parameters_are_stored_as_the_same() -> None:
    one = {"C": 3, "grey": (10.0, 66.0), "precision": 1}
    two = {"C": 3.0, "grey": (10, 66), "precision": np.float64(1)}
    assert repr(plain(one)) == repr(plain(two))


def test_a_search_that_draws_parameters_finds_a_model_to_store(some: Some, tmp_path) -> None:
    drawn = {"C": np.logspace(-1, 1, 5), "estimator": np.array(ESTIMATORS), "cv": np.arange(2, 4)}
    search = RandomizedSearchCV(OfficeClassifier(), drawn, n_iter=3, cv=2, random_state=0)
    search.fit(some.postings, some.labels)
    save_model(tmp_path, "own", search.best_estimator_.get_state(), {})
    assert (
        load_model(tmp_path)[0]["parameters"].keys() == search.best_estimator_.get_params().keys()
    )


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(-6, 6))
def test_the_temperature_heeds_no_unit_of_the_logits(seed: int, power: float) -> None:
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, 200)
    front = rng.random(200) < sigmoid(logits)
    unit = 10.0**power
    expected = temperature(logits, front)
    assert temperature(unit * logits, front) * unit == pytest.approx(expected, rel=1e-9)


def test_logits_that_say_nothing_have_a_temperature_that_is_finite() -> None:
    front = np.array([True, False, True, False])
    assert np.isfinite(temperature(np.zeros(4), front))
    assert np.isfinite(temperature(np.array([9.0, -9.0, 9.0, -9.0]), front))


def test_a_file_from_before_there_was_a_choice_is_a_logistic_regression(some: Some) -> None:
    state = some.models["logistic"].get_state()
    old = {name: value for name, value in state["parameters"].items()
           if name not in ("estimator", "cv")}  # fmt: skip
    again = OfficeClassifier.from_state(state | {"parameters": old})
    assert (again.estimator, again.cv) == ("logistic", 5)
    expected = some.models["logistic"].predict_proba(POSTINGS)
    assert np.array_equal(again.predict_proba(POSTINGS), expected)
