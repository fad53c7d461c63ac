"""frontback compare: pairs, tests, differences, and the exit code that a job can gate on."""

import json
import re
from math import comb
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.challenge import ChallengeSet
from pipeline.comparison import Comparison, paired
from pipeline.intervals import drawn
from pipeline.places import corpus_folder
from pipeline.posting import CorpusError
from pipeline.scorecard import parts_of
from pipeline.training import train
from tests.conftest import write_small_corpus
from tests.postings import FRONT
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
    same = answers([0.9, 0.2, 0.6] * 4, [True, False, False] * 4)
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
    assert re.search(r"3 +back +back 0\.\d\d +front 0\.\d\d +Operator +operator \+\d", out)


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


@pytest.mark.parametrize("arguments", [("a",), ("a", "b", "--on", "x.csv", "--margin", "nan")])
def test_wrong_use_leaves_with_2(frontback, arguments) -> None:
    assert frontback("compare", *arguments).code == 2


# Without a table, by the word for the model in use, and under models.


def in_use(folder: Path, model: str) -> None:
    (folder / "active").write_text(f"{model}\n", encoding="utf-8")


def test_without_a_table_the_challenge_set_is_taken_and_named(frontback, pair) -> None:
    models, good, bad = pair
    result = frontback("compare", good, bad, "--models", models, "--margin", "1", "--json")
    assert result.code == 0
    found = json.loads(result.out)
    folder = corpus_folder() / "challenge"
    files = sorted(folder.glob("*.jsonl"))
    lines = [line for file in files for line in file.read_text("utf-8").splitlines()]
    assert found["parts"]["all"]["postings"] == len(lines) == 360
    assert found["data"] == str(folder)
    assert f"on the 360 hard postings of {folder}, which no model is trained on" in result.err
    for change in found["changes"][:20]:
        row = json.loads(lines[change["row"] - 1])
        assert (change["title"], change["label"]) == (row["title"], row["label"])


def test_the_challenge_set_gives_what_its_files_give_one_by_one(frontback, pair) -> None:
    models, good, bad = pair
    arguments = (good, bad, "--models", models, "--margin", "1", "--json")
    parts = json.loads(frontback("compare", *arguments).out)["parts"]
    for code in ("es", "no", "en"):
        file = corpus_folder() / "challenge" / f"{code}.jsonl"
        own = json.loads(frontback("compare", *arguments, "--on", file).out)["parts"]
        assert own["all"] == own[code] == parts[code]


def test_options_of_a_table_without_a_table_are_wrong_use(frontback, pair) -> None:
    models, good, bad = pair
    result = frontback("compare", good, bad, "--models", models, "--label-column", "x")
    assert result.code == 2
    assert "name it with --on" in result.err


def test_a_corpus_without_a_challenge_set_is_said(small_corpus) -> None:
    with pytest.raises(CorpusError, match="no postings in it; name a labelled table with --on"):
        ChallengeSet(small_corpus)


def test_a_job_can_gate_on_a_candidate_beside_the_active_model(frontback, pair, labelled) -> None:
    models, good, bad = pair
    arguments = ("--on", labelled, "--models", models, "--margin", ".01")
    in_use(models, good)
    stopped = frontback("compare", "active", bad, *arguments)
    assert stopped.code == 3
    assert f"{bad} is worse than {good}" in stopped.err
    in_use(models, bad)
    assert frontback("compare", "active", good, *arguments).code == 0


def test_models_compare_is_the_same_command(frontback, pair, labelled) -> None:
    models, good, bad = pair
    arguments = (good, bad, "--on", labelled, "--models", models)
    plain, under = frontback("compare", *arguments), frontback("models", "compare", *arguments)
    assert plain == under
    assert plain.code == 3


def test_active_stands_for_the_model_in_use_wherever_a_model_is_asked_for(
    frontback, pair, labelled, tmp_path
) -> None:
    models, good, bad = pair
    for model in (good, bad):
        in_use(models, model)
        arguments = ("--models", models, "--model", "active")
        assert json.loads(frontback("tag", FRONT["en"], "--json", *arguments).out)["model"] == model
        assert json.loads(frontback("evaluate", labelled, "--json", *arguments).out)["model"] == (
            model
        )
        output = tmp_path / f"{model}.csv"
        assert frontback("batch", labelled, "-o", output, *arguments).code == 0
        assert model in output.read_text("utf-8")


# Losses in one language.


def test_a_language_that_loses_more_than_the_margin_is_warned_of(frontback, pair, tmp_path) -> None:
    models, good, bad = pair
    rows = [[title, text, label, "en"] for title, text, label in ROWS[2:4]]
    # As many postings on which the bad one is right, in another language: no loss over all.
    rows += [[*row[:2], {"front": "back", "back": "front"}[row[2]], "es"] for row in rows]
    path = write_csv(tmp_path / "x.csv", rows, ("title", "text", "label", "language"))
    result = frontback("compare", good, bad, "--on", path, "--models", models)
    assert result.code == 0
    assert result.err == (
        "frontback: en: accuracy 0.000 after 1.000, a loss of 1.000 on 2 postings (McNemar's p"
        " 0.500); look at these before you use the model.\n"
    )


def test_a_language_that_loses_no_more_than_the_margin_is_not_warned_of() -> None:
    first = answers([0.9] * 200, [True] * 200, language=["es", "en"] * 100)
    second = answers([0.9] * 198 + [0.1] * 2, [True] * 200, language=["es", "en"] * 100)
    parts = {name: paired(first.at(at), second.at(at)) for name, at in parts_of(first).items()}
    comparison = Comparison("a", "b", parts, [], [])
    assert comparison.losses(0.01) == []
    assert [sentence[:3] for sentence in comparison.losses(0.009)] == ["es:", "en:"]
