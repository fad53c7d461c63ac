"""frontback compare: pairs, tests, differences, and the exit code that a job can gate on."""

import json
import re
from math import comb
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.comparison import paired
from pipeline.intervals import drawn
from pipeline.training import train
from tests.conftest import write_small_corpus
from tests.test_evaluate import ROWS, answers, write_csv


@st.composite
def both(draw):
    """Answers of two models to the same few postings."""
    share = st.sampled_from([0.0, 0.1, 0.4, 0.5, 0.6, 0.95])
    rows = draw(st.lists(st.tuples(share, share, st.booleans()), min_size=1, max_size=12))
    first, second, front = zip(*rows, strict=True)
    return answers(first, front), answers(second, front)


@given(both())
def test_the_p_value_is_the_sum_over_all_splits_that_are_no_likelier(pair) -> None:
    found = paired(*pair)
    n = found.only_first + found.only_second
    seen = comb(n, found.only_first)
    tail = sum(comb(n, k) for k in range(n + 1) if comb(n, k) <= seen) / 2**n
    assert found.p_value == pytest.approx(tail)


@given(both())
def test_the_other_way_round_gains_are_losses(pair) -> None:
    first, second = pair
    there, back = paired(first, second), paired(second, first)
    assert (there.only_first, there.only_second) == (back.only_second, back.only_first)
    assert there.p_value == pytest.approx(back.p_value)
    for name, (value, low, high) in there.differences.items():
        if value is None:
            assert back.differences[name].value is None
        else:
            assert back.differences[name] == pytest.approx((-value, -high, -low), abs=2e-4)


@given(both())
def test_a_gain_in_accuracy_is_what_only_one_of_the_two_has_right(pair) -> None:
    found = paired(*pair)
    gain = (found.only_second - found.only_first) / found.postings
    assert found.second - found.first == pytest.approx(gain)
    assert found.differences["accuracy"].value == pytest.approx(gain, abs=6e-5)


def test_a_model_beside_itself_differs_in_nothing() -> None:
    same = answers([0.9, 0.2, 0.6], [True, False, False])
    found = paired(same, same)
    assert (found.only_first, found.only_second, found.p_value) == (0, 0, 1.0)
    assert set(found.differences.values()) == {(0.0, 0.0, 0.0)}


def test_the_interval_of_a_difference_is_of_the_same_draws() -> None:
    rng = np.random.default_rng(3)
    front = rng.random(80) < 0.5
    first, second = (answers(rng.random(80).round(2), front) for _ in range(2))
    gains = [
        np.average(second.right, weights=weights) - np.average(first.right, weights=weights)
        for weights in np.concatenate(list(drawn(80)))
    ]
    told = paired(first, second).differences["accuracy"]
    assert (told.low, told.high) == pytest.approx(np.quantile(gains, [0.025, 0.975]), abs=6e-5)


# The command, with a model, and one that learned every label the wrong way round.


@pytest.fixture(scope="module")
def pair(tmp_path_factory) -> tuple[Path, str, str]:
    """A models folder, a model, and a worse one."""
    folder = tmp_path_factory.mktemp("pair")
    good = train([write_small_corpus(folder / "good")], folder / "models")
    bad = write_small_corpus(folder / "bad") / "postings" / "en.jsonl"
    postings = [json.loads(line) for line in bad.read_text("utf-8").splitlines()]
    for posting in postings:
        posting["label"] = "back" if posting["label"] == "front" else "front"
        posting.pop("share", None)
    lines = "".join(json.dumps(posting) + "\n" for posting in postings)
    bad.write_text(lines, encoding="utf-8")
    worse = train([folder / "bad"], folder / "models")
    return folder / "models", good["id"], worse["id"]


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """Two English postings that anyone would label so."""
    return write_csv(tmp_path / "labelled.csv", ROWS[2:4])


def test_a_worse_model_leaves_with_3_and_says_by_how_much(frontback, pair, labelled) -> None:
    models, good, bad = pair
    result = frontback("compare", good, bad, "--on", labelled, "--models", models)
    assert result.code == 3
    assert result.err == (
        f"frontback: {bad} is worse than {good}: accuracy 0.000 after 1.000, a loss of 1.000 where"
        f" --margin allows 0.01; keep {good}, or look at the changed postings.\n"
    )
    assert "accuracy on labelled.csv" in result.out  # what was measured is printed all the same


def test_a_better_model_leaves_with_0(frontback, pair, labelled) -> None:
    models, good, bad = pair
    assert frontback("compare", bad, good, "--on", labelled, "--models", models).code == 0


@pytest.mark.parametrize(("margin", "code"), [("1", 0), ("0.999", 3), ("0", 3)])
def test_a_loss_of_the_margin_itself_is_allowed(frontback, pair, labelled, margin, code) -> None:
    models, good, bad = pair
    arguments = ("--on", labelled, "--models", models, "--margin", margin, "--json")
    assert frontback("compare", good, bad, *arguments).code == code


def test_a_model_is_as_good_as_itself_without_any_margin(frontback, pair, labelled) -> None:
    models, good, _ = pair
    arguments = ("--on", labelled, "--models", models, "--margin", "0")
    result = frontback("compare", good, good, *arguments)
    assert result.code == 0
    assert "postings that get another answer: 0" in result.out


def test_json_holds_pairs_and_changes_and_goes_out_before_the_verdict(
    frontback, pair, labelled
) -> None:
    models, good, bad = pair
    result = frontback("compare", good, bad, "--on", labelled, "--models", models, "--json")
    found = json.loads(result.out)
    assert (found["first"], found["second"]) == (good, bad)
    everything = found["parts"]["all"]
    assert (everything["only_first"], everything["only_second"]) == (2, 0)
    assert everything["p_value"] == 0.5
    assert everything["differences"]["accuracy"]["value"] == -1.0
    assert set(found["changed"]) == {change["row"] for change in found["changes"]}
    for change in found["changes"]:
        assert change["better"] is False
        side = 1 if change["p_second"] >= change["p_first"] else -1
        assert change["words"]
        assert all(weight * side > 0 for _, weight in change["words"])


def test_changed_postings_are_shown_with_both_answers(frontback, pair, labelled) -> None:
    models, good, bad = pair
    out = frontback("compare", good, bad, "--on", labelled, "--models", models).out
    assert re.search(r"2 +back +back 0\.\d\d +front 0\.\d\d +Operator +operator \+\d", out)


def test_a_model_that_is_not_there_is_named(frontback, pair, labelled) -> None:
    models, good, _ = pair
    result = frontback("compare", good, "own-0", "--on", labelled, "--models", models)
    assert (result.code, result.out) == (1, "")
    assert "no model own-0 here" in result.err


def test_a_bad_label_ends_a_comparison_with_1_not_3(frontback, pair, tmp_path) -> None:
    models, good, bad = pair
    path = write_csv(tmp_path / "x.csv", [["T", "text", "maybe"]])
    result = frontback("compare", good, bad, "--on", path, "--models", models)
    assert result.code == 1
    assert "'maybe' is no label" in result.err


@pytest.mark.parametrize("arguments", [(), ("--on", "x.csv", "--margin", "nan")])
def test_wrong_use_leaves_with_2(frontback, arguments) -> None:
    assert frontback("compare", "a", "b", *arguments).code == 2
