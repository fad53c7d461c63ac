"""Temperature, review band and the map of shares, against numbers worked out by hand."""

import numpy as np
import pytest

from pipeline.calibration import ShareMap, folds_of, review_band, shares_unseen, temperature


def test_the_temperature_takes_boasting_away() -> None:
    # Three of four are right at logit 4: what it should have said is ln 3.
    logits = np.array([4.0, 4.0, 4.0, 4.0, -4.0, -4.0, -4.0, -4.0])
    front = np.array([True, True, True, False, False, False, False, True])
    assert temperature(logits, front) * 4 == pytest.approx(np.log(3), abs=1e-3)


def test_the_band_is_the_narrowest_that_is_precise_enough() -> None:
    p_front = np.array([0.05, 0.1, 0.455, 0.525, 0.585, 0.9, 0.95])
    front = np.array([False, False, True, False, True, True, True])
    assert review_band(p_front, front, 0.5) == 0.0
    assert review_band(p_front, front, 1.0) == 0.05
    assert review_band(np.array([0.1, 0.9]), np.array([True, False]), 0.9) == 0.5


def test_the_share_rises_with_the_logit_and_stays_within_what_was_seen() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 4, 500)
    shares = np.clip(np.round(50 + 12 * logits + rng.normal(0, 10, 500)), 0, 100)
    found = ShareMap.learn(logits, shares)
    at = found(np.linspace(-30, 30, 200))
    assert np.all(np.diff(at) >= 0)
    assert (at[0], at[-1]) == (0, 100)
    assert found(np.array([0.0]))[0] == pytest.approx(50, abs=5)


def test_unknown_shares_are_left_out_and_too_few_make_no_map() -> None:
    logits = np.linspace(-3, 3, 50)
    shares = np.where(np.arange(50) % 2, 50.0, -1.0)
    assert np.isnan(ShareMap.learn(logits, shares)(logits)).all()
    both = ShareMap.learn(np.tile(logits, 2), np.tile(shares, 2))
    assert both(np.array([1.0])) == pytest.approx(50)


def test_a_share_out_of_fold_is_not_learned_from_itself() -> None:
    logits = np.arange(200.0)
    shares = np.where(logits < 100, 0.0, 100.0)
    shares[:100] = 30  # those of the one fold say what those of the other do not
    half = np.arange(100)
    found = shares_unseen(logits, shares, [(half, half + 100), (half + 100, half)])
    assert found[100:] == pytest.approx(30)
    assert found[:100] == pytest.approx(100)


def test_a_fold_leaves_out_whole_groups_where_both_labels_remain() -> None:
    front = np.arange(40) % 2 == 0
    groups = [str(row // 4) for row in range(40)]
    for train, test in folds_of(front, groups, seed=0):
        assert not {groups[row] for row in train} & {groups[row] for row in test}
    of_one_label = ["front" if each else "back" for each in front]
    assert len(folds_of(front, of_one_label, seed=0)) == 5
