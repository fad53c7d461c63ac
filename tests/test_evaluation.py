"""The figures that models are judged by, against numbers worked out by hand."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.accuracy import main
from benchmarks.learning_curve import main as learning_curve
from pipeline.evaluation import calibration_error, measure, measure_by
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
    result = CliRunner().invoke(main, [str(tmp_path / "real.jsonl"), "--models", str(models)])
    assert result.exit_code == 0, result.output
    cells = [line.replace("│", " ").split()[:3] for line in result.output.splitlines()]
    assert ["all", "2", "0.500"] in cells
    assert ["es", "1", "1.000"] in cells
    assert ["no", "1", "0.000"] in cells
    assert "share of contact 33-59 %: 0.00 of 1" in result.output
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
