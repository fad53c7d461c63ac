"""The figures that models are judged by, against numbers worked out by hand."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.accuracy import main
from benchmarks.calibration import main as calibration
from benchmarks.learning_curve import main as learning_curve
from benchmarks.out_of_fold import main as out_of_fold
from pipeline.evaluation import (
    Bin,
    calibration_error,
    chance_error,
    is_clear,
    measure,
    measure_by,
    measure_share,
    reliability,
)
from pipeline.reliability_plot import draw_reliability
from tests.postings import BACK, FRONT

P_FRONT = np.array([0.95, 0.85, 0.55, 0.45, 0.15])
FRONT_LABELS = np.array([True, True, False, True, False])
DECIDED = np.array([True, True, False, False, True])


def test_five_postings_give_the_figures_worked_out_by_hand() -> None:
    # Right are .95, .85 and .15. Of the six pairs of a front and a back posting only .45 against
    # .55 stands the wrong way round. Every posting has a bin of its own, gaps .05 .15 .55 .55 .15.
    assert measure(P_FRONT, FRONT_LABELS, DECIDED) == {
        "postings": 5,
        "accuracy": 0.6,
        "auc": round(5 / 6, 4),
        "calibration_error": pytest.approx((0.05 + 0.15 + 0.55 + 0.55 + 0.15) / 5),
        "coverage": 0.6,
        "precision": 1.0,
    }


def test_what_cannot_be_said_is_none() -> None:
    figures = measure(np.array([0.9, 0.2]), np.array([True, True]), np.array([False, False]))
    assert (figures["auc"], figures["precision"], figures["coverage"]) == (None, None, 0.0)


def test_a_bin_weighs_by_its_size() -> None:
    p_front = np.array([0.61, 0.63, 0.65, 0.67, 1.0])
    labels = np.array([True, True, False, False, True])
    assert calibration_error(p_front, labels) == pytest.approx(0.8 * (0.64 - 0.5))


def test_a_bin_says_what_was_said_and_what_was_so() -> None:
    p_front = np.array([0.0, 0.06, 0.31, 0.37, 0.93, 1.0])
    labels = np.array([False, False, True, False, True, True])
    assert reliability(p_front, labels) == [
        Bin(2, pytest.approx(0.03), 0.0),
        Bin(2, pytest.approx(0.34), 0.5),
        Bin(2, pytest.approx(0.965), 1.0),
    ]


def test_probabilities_without_fault_err_by_chance_less_the_more_there_are() -> None:
    sure, few, many = np.array([0.0, 1.0] * 20), np.full(25, 0.5), np.full(2500, 0.5)
    assert chance_error(sure) == 0
    assert chance_error(few) > 0.05 > 0.02 > chance_error(many) > 0


def test_shares_are_measured_by_their_order_and_by_their_distance() -> None:
    said = np.array([10.0, 20.0, 60.0, 50.0, np.nan, 70.0])
    seen = np.array([0, 30, 50, 60, 40, -1])
    # Ranks 1 2 4 3 against 1 2 3 4: rho = 1 - 6 * 2 / (4 * 15). Every share is off by 10.
    assert measure_share(said, seen) == {"postings": 4, "rank_correlation": 0.8, "mean_error": 10.0}
    none = measure_share(np.full(3, np.nan), np.array([1, 2, 3]))
    assert none == {"postings": 0, "rank_correlation": None, "mean_error": None}


def test_a_posting_is_clear_under_10_and_from_60() -> None:
    assert is_clear(np.array([-1, 0, 9, 10, 59, 60, 100])).tolist() == [
        False, True, True, False, False, True, True
    ]  # fmt: skip


def test_reliability_is_drawn_for_languages_that_occur(tmp_path: Path) -> None:
    for language in (np.array(["es", "no", "no", "es", "es"]), np.full(5, "en")):
        path = tmp_path / f"{language[0]}.png"
        draw_reliability(path, "five postings", language, P_FRONT, FRONT_LABELS, band=0.38)
    assert (tmp_path / "es.png").stat().st_size > (tmp_path / "en.png").stat().st_size > 5_000


def test_each_language_is_measured_by_itself() -> None:
    language = np.array(["es", "no", "no", "es", "es"])
    figures = measure_by(language, P_FRONT, FRONT_LABELS, DECIDED)
    assert {name: each["postings"] for name, each in figures.items()} == {
        "all": 5,
        "es": 3,
        "no": 2,
    }
    assert figures["no"]["accuracy"] == 0.5
    assert figures["es"]["precision"] == 1.0


def test_the_benchmark_counts_what_it_is_given(tmp_path: Path, models: Path) -> None:
    rows = [
        {"title": "", "text": FRONT["es"], "language": "es", "label": "front", "share": 80},
        {"title": "", "text": BACK["no"], "language": "no", "label": "front", "share": 40},
        {"title": "", "text": BACK["en"], "language": "en", "label": "unsure", "share": 30},
    ]
    (tmp_path / "real.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    plot = tmp_path / "reliability.png"
    result = CliRunner().invoke(
        main, [str(tmp_path / "real.jsonl"), "--models", str(models), "--plot", str(plot)]
    )
    assert result.exit_code == 0, result.output
    assert plot.stat().st_size > 5_000
    cells = [line.replace("│", " ").split()[:3] for line in result.output.splitlines()]
    assert ["all", "2", "0.500"] in cells
    assert ["es", "1", "1.000"] in cells
    assert ["no", "1", "0.000"] in cells
    assert "share of contact 33-59 %: 0.000 of 1" in result.output
    assert "clear, share under 10 or 60 and more: 1.000 of 1" in result.output
    assert "share of contact duties, predicted" in result.output
    (tmp_path / "none.jsonl").write_text(json.dumps(rows[2]))
    result = CliRunner().invoke(main, [str(tmp_path / "none.jsonl"), "--models", str(models)])
    assert result.exit_code == 1
    assert "no posting in it is labelled front or back" in result.output


def test_the_learning_curve_is_measured_and_drawn(tmp_path: Path, small_corpus: Path) -> None:
    (small_corpus / "lines").mkdir()
    (small_corpus / "lines" / "en.tsv").write_text(
        "label\tisco2\tline\ncontact\t52\tServe guests\n"
    )
    rows = [
        {"title": "", "text": FRONT["en"], "language": "en", "label": "front"},
        {"title": "", "text": BACK["en"], "language": "en", "label": "back"},
    ]
    (tmp_path / "real.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    result = CliRunner().invoke(
        learning_curve, [str(tmp_path / "real.jsonl"), "--corpus", str(small_corpus)]
    )
    assert result.exit_code == 0, result.output
    lines = (small_corpus / "learning_curve.csv").read_text().splitlines()
    assert lines[0] == "postings,lines_and_titles,language,accuracy,auc,calibration_error"
    assert [line.split(",")[:3] for line in lines[1:]] == [
        ["60", "yes", "all"], ["60", "yes", "en"], ["60", "no", "all"], ["60", "no", "en"]
    ]  # fmt: skip
    assert (small_corpus / "plots" / "learning_curve.png").stat().st_size > 5_000


def test_what_was_said_out_of_fold_is_printed_and_drawn(tmp_path, small_corpus: Path) -> None:
    plot = tmp_path / "reliability.png"
    result = CliRunner().invoke(out_of_fold, ["--corpus", str(small_corpus), "--plot", str(plot)])
    assert result.exit_code == 0, result.output
    cells = [line.replace("│", " ").split()[:2] for line in result.output.splitlines()]
    assert cells.count(["all", "60"]) == cells.count(["en", "60"]) == 2
    assert plot.stat().st_size > 5_000


def test_calibrations_and_bands_are_compared(tmp_path: Path, small_corpus: Path) -> None:
    rows = [
        {"title": "", "text": FRONT["en"], "language": "en", "label": "front"},
        {"title": "", "text": BACK["en"], "language": "en", "label": "back"},
    ]
    (tmp_path / "real.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    result = CliRunner().invoke(
        calibration,
        [str(tmp_path / "real.jsonl"), "--corpus", str(small_corpus)],
        env={"COLUMNS": "120"},
    )
    assert result.exit_code == 0, result.output
    for name in ("one temperature", "one a language", "one and a shift", "0.970", "0.980"):
        assert name in result.output
