"""The classifier and its features among scikit-learn's own estimators."""

import pickle

import numpy as np
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks

from pipeline import Posting
from pipeline.classifier import OfficeClassifier
from pipeline.features import PostingFeatures
from pipeline.inputs import postings_of
from pipeline.labelled import Corpus
from pipeline.parameters import ESTIMATORS
from tests.numbers import ClassifierOfNumbers, FeaturesOfNumbers

PAIRS = [("Kokk", "Du lager mat."), ("", "Serve guests.")]
POSTINGS = [Posting(*pair) for pair in PAIRS]
CANNOT_APPLY = {
    "check_classifier_not_supporting_multiclass": "wants scikit-learn's own message where there"
    " are three labels; here a message names every label that is neither front nor back",
}


@pytest.fixture(scope="module")
def some(corpus: Corpus) -> tuple[list[Posting], list[str]]:
    taken = [p for p in corpus.postings if p.kind == "plain"][:120]
    return [p.posting for p in taken], [p.label for p in taken]


@pytest.mark.parametrize("estimator", [OfficeClassifier(), PostingFeatures()], ids=repr)
def test_what_takes_texts_says_so_and_passes(estimator) -> None:
    # As for scikit-learn's own CountVectorizer, checks that feed numbers are not run.
    with pytest.warns(SkipTestWarning, match="requires input"):
        results = check_estimator(estimator)
    assert {each["status"] for each in results} == {"passed"}


@parametrize_with_checks(
    [
        *(ClassifierOfNumbers(min_df=1, estimator=name) for name in ESTIMATORS),
        FeaturesOfNumbers(min_df=1),
    ],
    expected_failed_checks=lambda estimator: CANNOT_APPLY,
)
def test_with_numbers_written_as_words_every_check_is_passed(estimator, check) -> None:
    check(estimator)


def test_nothing_can_be_asked_before_fit() -> None:
    for method in ("predict", "predict_proba", "decision_function", "predict_share"):
        with pytest.raises(NotFittedError):
            getattr(OfficeClassifier(), method)(POSTINGS)
    with pytest.raises(NotFittedError):
        PostingFeatures().transform(POSTINGS)


@pytest.mark.parametrize(
    "X",
    [
        POSTINGS,
        PAIRS,
        np.array(PAIRS),
        np.array(PAIRS, dtype=object),
        pa.table({"text": [text for _, text in PAIRS], "title": ["Kokk", None]}),
        pa.record_batch({"title": ["Kokk", ""], "text": [text for _, text in PAIRS]}),
        [PAIRS[0], "Serve guests."],
        [PAIRS[0], (float("nan"), "Serve guests.")],
    ],
    ids=["postings", "pairs", "array", "objects", "table", "batch", "texts", "gap"],
)
def test_postings_come_in_many_shapes(X) -> None:
    assert postings_of(X) == POSTINGS


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        ("Serve guests.", TypeError, r"X is one text; it must be a list of postings: \[X\]"),
        ([], ValueError, "X holds 0 postings"),
        ([POSTINGS[0], 3], TypeError, "must be str or None; number 1 has int"),
        ([("a", "b", "c")], TypeError, "pairs of title and text; number 0 has 3 parts"),
        ([("Kokk", 3)], TypeError, "number 0 has int"),
        (pa.table({"title": ["Kokk"]}), ValueError, r"X has columns \['title'\]; it needs 'text'"),
    ],
)
def test_what_holds_no_postings_is_refused(X, error, message) -> None:
    with pytest.raises(error, match=message):
        postings_of(X)


def test_a_frame_gives_the_probabilities_of_a_list(some) -> None:
    postings, labels = some
    titles, texts = zip(*postings, strict=True)
    frame = pa.table({"title": titles, "text": texts})
    model = OfficeClassifier().fit(frame, labels)
    expected = OfficeClassifier().fit(postings, labels).predict_proba(postings)
    assert np.array_equal(model.predict_proba(frame), expected)
    assert cross_val_score(OfficeClassifier(), frame, labels, cv=2).mean() > 0.5


def test_a_grid_is_searched_by_the_area_under_the_curve(some) -> None:
    postings, labels = some
    search = GridSearchCV(OfficeClassifier(), {"C": [0.01, 3.0]}, scoring="roc_auc", cv=2)
    search.fit(postings, labels)
    assert search.best_params_["C"] in (0.01, 3.0)
    assert search.best_score_ > 0.6
    assert set(search.predict(postings)) <= {"back", "front"}


def test_shares_go_along_with_their_postings_into_the_folds(some) -> None:
    postings, labels = some
    shares = [60 if label == "front" else 5 for label in labels]
    scores = cross_val_score(OfficeClassifier(), postings, labels, cv=2, params={"shares": shares})
    assert scores.mean() > 0.6


def test_features_are_a_step_before_any_other_classifier(some) -> None:
    postings, labels = some
    steps = [("features", PostingFeatures()), ("head", LogisticRegression())]
    pipeline = clone(Pipeline(steps)).set_params(features__min_df=3)
    assert cross_val_score(pipeline, postings, labels, cv=3).mean() > 0.6


def test_a_copy_by_pickle_answers_the_same(some) -> None:
    postings, labels = some
    model = OfficeClassifier().fit(postings, labels)
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.predict_proba(postings), model.predict_proba(postings))


def test_lengths_that_differ_are_refused(some) -> None:
    postings, labels = some
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        OfficeClassifier().fit(postings, labels[:-1])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        OfficeClassifier().fit(postings, labels, shares=[50])
