"""How far reviewers are of one mind."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from pipeline.intervals import Estimate
from pipeline.review.agreement import agreement_of, kappa
from pipeline.review.decisions import Decision

NOTHING = Estimate(None, None, None)


def table(yes_yes: int, yes_no: int, no_yes: int, no_no: int) -> tuple[np.ndarray, np.ndarray]:
    counts = (yes_yes, yes_no, no_yes, no_no)
    return np.repeat([True, True, False, False], counts), np.repeat([True, False] * 2, counts)


def decisions(**said: str) -> list[Decision]:
    """One letter a posting: front, back, unsure, or a dot where this reviewer has not decided."""
    words = {"f": "front", "b": "back", "u": "unsure"}
    return [
        Decision(f"p{at}", name, words[letter], "2027-01-01T10:00:00+00:00")
        for name, letters in said.items()
        for at, letter in enumerate(letters)
        if letter != "."
    ]


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40))
@settings(max_examples=40, deadline=None)
def test_kappa_is_what_scikit_learn_says(pairs) -> None:
    one, other = np.array(pairs).T
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a division by zero, or of one label alone
        expected = cohen_kappa_score(one, other)
    found = kappa(one, other).value
    assert found is None if np.isnan(expected) else found == pytest.approx(expected, abs=1e-4)


def test_kappa_and_its_interval_are_those_of_a_known_table() -> None:
    # 50 proposals and two readers: https://en.wikipedia.org/wiki/Cohen's_kappa, 0.40.
    found = kappa(*table(20, 5, 10, 15))
    assert found.value == pytest.approx(0.4)
    # Large-sample standard error by Fleiss, Cohen and Everitt 1969: 0.128.
    assert (found.low, found.high) == pytest.approx(
        (0.4 - 1.96 * 0.128, 0.4 + 1.96 * 0.128), abs=0.04
    )
    narrow = kappa(*table(200, 50, 100, 150))
    assert narrow.high - narrow.low == pytest.approx(2 * 1.96 * 0.128 / 10**0.5, abs=0.02)


def test_kappa_is_not_defined_where_nothing_can_be_by_chance() -> None:
    assert kappa(*table(0, 0, 0, 0)) == NOTHING
    assert kappa(*table(7, 0, 0, 0)) == NOTHING
    assert kappa(*table(0, 0, 0, 7)) == NOTHING
    assert kappa(*table(3, 0, 0, 4)).value == 1.0
    assert kappa(*table(0, 7, 0, 0)).value == 0.0


def test_only_what_both_have_decided_counts_and_unsure_is_told_apart() -> None:
    found = agreement_of(decisions(ana="ffbbfu.u", bo="ffbfuu.."))
    (pair,) = found.pairs
    assert pair.reviewers == ("ana", "bo")
    assert (pair.both, pair.unsure, pair.same) == (4, 2, 0.75)
    assert pair.kappa.value == found.kappa == 0.5


def test_of_three_the_mean_of_the_pairs_that_are_defined_is_given() -> None:
    found = agreement_of(decisions(ana="ffbb", bo="ffbb", cy="ff.."))
    assert [each.reviewers for each in found.pairs] == [("ana", "bo"), ("ana", "cy"), ("bo", "cy")]
    assert [each.kappa.value for each in found.pairs] == [1.0, None, None]
    assert [each.same for each in found.pairs] == [1.0, 1.0, 1.0]
    assert found.kappa == 1.0
    assert agreement_of(decisions(ana="fffb", bo="ffbb", cy="bbbb")).kappa == pytest.approx(
        np.mean([0.5, 0.0, 0.0]), abs=1e-4
    )


def test_one_reviewer_and_none_have_nobody_to_agree_with() -> None:
    assert agreement_of(decisions(ana="ffb")) == ([], None)
    assert agreement_of([]) == ([], None)
    apart = agreement_of(decisions(ana="f.", bo=".b"))
    assert apart.pairs[0][1:] == (0, None, NOTHING, 0)


def test_a_change_of_mind_counts_and_what_was_undone_does_not() -> None:
    made = [*decisions(ana="fb", bo="bb"), *decisions(bo="f.")]
    assert agreement_of(made).pairs[0].same == 1.0
    undone = [*made[:-1], made[-1]._replace(undone="2027-01-01T10:00:01+00:00")]
    assert agreement_of(undone).pairs[0].same == 0.5
