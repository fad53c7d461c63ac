"""frontback evaluate: figures against scikit-learn's own, intervals, labels, pages."""

import base64
import csv
import json
import os
import re
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    precision_recall_fscore_support,
    roc_auc_score,
)

from pipeline import intervals
from pipeline.answers import Answers, answers_of
from pipeline.evaluation import measure
from pipeline.intervals import Estimate, drawn, estimate
from pipeline.labelled_table import LabelledTable
from pipeline.layout import Layout
from pipeline.posting import InputError
from pipeline.scorecard import parts_of, score
from pipeline.weighted import Weighted, first_half
from tests.pages import Page
from tests.postings import BACK, FRONT


def answers(p_front, front, office=None, reason=None, language=None, isco=None) -> Answers:
    n = len(front)
    sure = np.abs(np.array(p_front) - 0.5) >= 0.3
    said = np.where(np.array(p_front) >= 0.5, "front", "back")
    office = np.where(sure, said, "review") if office is None else np.array(office)
    return Answers(
        np.arange(1, n + 1),
        np.array(front, bool),
        np.array(p_front, float),
        office,
        np.where(office == "review", "close call", "") if reason is None else np.array(reason),
        np.array(language or ["en"] * n),
        np.array(isco or [""] * n),
    )


@st.composite
def judged(draw):
    """Answers to a few postings, with ties and of one label only at times, and their weights."""
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from([0.0, 0.03, 0.2, 0.3, 0.5, 0.55, 0.7, 0.8, 0.97, 1.0]),
                st.booleans(),
                st.integers(0, 3),
            ),
            min_size=1,
            max_size=30,
        ).filter(lambda rows: any(weight for *_, weight in rows))
    )
    p_front, front, weights = zip(*rows, strict=True)
    return answers(p_front, front), np.array(weights)


def figures(found: Answers, weights: np.ndarray, precision: float = 0.9) -> dict[str, float]:
    values = Weighted(found, precision).figures(weights[None, :].astype(float))
    return {name: float(value[0]) for name, value in values.items()}


@given(judged())
def test_weighted_figures_are_those_of_scikit_learn(drawn_answers) -> None:
    found, weights = drawn_answers
    of_weights = figures(found, weights)
    said, at = found.p_front >= 0.5, weights > 0
    assert of_weights["accuracy"] == pytest.approx(
        accuracy_score(found.front, said, sample_weight=weights)
    )
    f1 = f1_score(found.front[at], said[at], sample_weight=weights[at], zero_division=np.nan)
    assert of_weights["f1"] == pytest.approx(f1, nan_ok=True)
    if 0 < found.front[at].mean() < 1:
        auc = roc_auc_score(found.front, found.p_front, sample_weight=weights)
        assert of_weights["auc"] == pytest.approx(auc)
    else:
        assert np.isnan(of_weights["auc"])


@given(judged())
def test_a_weight_is_a_posting_that_stands_there_so_often(drawn_answers) -> None:
    found, weights = drawn_answers
    often = found.at(np.repeat(np.arange(len(weights)), weights))
    of_weights = figures(found, weights)
    plain = measure(often.p_front, often.front, often.decided)
    for name in ("accuracy", "auc", "calibration_error", "coverage", "precision"):
        told = None if np.isnan(of_weights[name]) else of_weights[name]
        assert told == pytest.approx(plain[name], abs=6e-5), name


@given(judged())
def test_figures_of_a_label_are_those_of_scikit_learn(drawn_answers) -> None:
    found, weights = drawn_answers
    said, at = found.p_front >= 0.5, weights > 0
    of_labels = Weighted(found, 0.9).labels(weights[None, :].astype(float))
    precision, recall, f1, _ = precision_recall_fscore_support(
        found.front[at],
        said[at],
        sample_weight=weights[at],
        labels=[False, True],
        zero_division=np.nan,
    )
    for place, label in enumerate(("back", "front")):
        assert of_labels[f"{label} precision"][0] == pytest.approx(precision[place], nan_ok=True)
        assert of_labels[f"{label} recall"][0] == pytest.approx(recall[place], nan_ok=True)
        assert of_labels[f"{label} f1"][0] == pytest.approx(f1[place], nan_ok=True)


@given(judged(), st.sampled_from([0.5, 0.8, 0.95, 1.0]))
def test_a_band_is_the_widest_of_one_half_and_measured_on_the_other(
    drawn_answers, precision
) -> None:
    found, weights = drawn_answers
    sure = np.round(np.abs(found.p_front - 0.5), 9)
    half = first_half(len(weights))
    covered = right = 0.0
    for own, other in ((weights * half, weights * ~half), (weights * ~half, weights * half)):
        good_enough = [
            band
            for band in np.unique(sure[own > 0])
            if np.average(found.right[sure >= band], weights=own[sure >= band]) >= precision - 1e-12
        ]
        decided = other * (sure >= min(good_enough, default=1))
        covered += decided.sum()
        right += decided[found.right].sum()
    told = figures(found, weights, precision)
    if (weights * half).any() and (weights * ~half).any():
        assert told["coverage_at"] == pytest.approx(covered / weights.sum())
        share = right / covered if covered else np.nan
        assert told["precision_at"] == pytest.approx(share, nan_ok=True)
    else:
        assert np.isnan([told["coverage_at"], told["precision_at"]]).all()


@pytest.mark.parametrize("n", [1, 2, 7, 100])
def test_the_halves_are_of_one_size_and_the_same_in_every_run(n) -> None:
    half = first_half(n)
    assert half.sum() == (n + 1) // 2
    assert np.array_equal(half, first_half(n))


def test_a_band_that_suits_one_half_by_chance_promises_nothing() -> None:
    rng = np.random.default_rng(4)  # answers that know nothing of the labels
    drawn_answers = (answers(rng.random(60), rng.random(60) < 0.5) for _ in range(200))
    told = [figures(found, np.ones(60), 0.8)["precision_at"] for found in drawn_answers]
    assert np.isfinite(told).sum() > 100
    assert np.nanmean(told) == pytest.approx(0.5, abs=0.1)


def test_a_posting_that_no_band_would_decide_is_never_covered() -> None:
    office, reason = ["front", "review"] * 20, ["", "several roles"] * 20
    found = answers([0.9] * 40, [True] * 40, office, reason)
    assert figures(found, np.ones(40))["coverage_at"] == 0.5


def test_one_posting_is_too_few_to_choose_a_band_on() -> None:
    told = figures(answers([0.9], [True]), np.ones(1))
    assert np.isnan([told["coverage_at"], told["precision_at"]]).all()


def test_figures_of_many_weights_are_those_of_each_alone() -> None:
    rng = np.random.default_rng(1)
    found = answers(rng.random(40).round(2), rng.random(40) < 0.5)
    many = rng.integers(0, 4, (25, 40)).astype(float)
    together = Weighted(found, 0.9).figures(many)
    for place, weights in enumerate(many):
        alone = figures(found, weights)
        for name, values in together.items():
            assert values[place] == pytest.approx(alone[name], nan_ok=True)


def test_an_interval_is_what_a_plain_loop_over_the_draws_gives() -> None:
    rng = np.random.default_rng(2)
    found = answers(rng.random(60).round(3), rng.random(60) < 0.6)
    told = estimate(Weighted(found, 0.9).figures, 60)
    accuracies, aucs = [], []
    for weights in np.concatenate(list(drawn(60))).astype(int):
        rows = [row for row, times in enumerate(weights) for _ in range(times)]
        assert len(rows) == 60
        accuracies.append(accuracy_score(found.front[rows], found.p_front[rows] >= 0.5))
        aucs.append(roc_auc_score(found.front[rows], found.p_front[rows]))
    assert len(accuracies) == 1_000
    for name, values in (("accuracy", accuracies), ("auc", aucs)):
        low, high = np.quantile(values, [0.025, 0.975])
        assert told[name].low == pytest.approx(low, abs=6e-5)
        assert told[name].high == pytest.approx(high, abs=6e-5)


def test_an_interval_of_a_share_is_about_two_standard_errors_each_way() -> None:
    found = answers([0.9] * 400, [True] * 320 + [False] * 80)
    value, low, high = estimate(Weighted(found, 0.9).figures, 400)["accuracy"]
    error = np.sqrt(0.8 * 0.2 / 400)
    assert value == 0.8
    assert high - low == pytest.approx(2 * 1.96 * error, rel=0.1)


def test_how_many_draws_are_made_at_once_changes_nothing(monkeypatch) -> None:
    at_once = np.concatenate(list(drawn(30)))
    monkeypatch.setattr(intervals, "_AT_ONCE", 30 * 7)
    assert np.array_equal(at_once, np.concatenate(list(drawn(30))))


def test_what_cannot_be_said_has_no_interval() -> None:
    found = answers([0.6, 0.6], [True, True], office=["review", "review"])
    told = estimate(Weighted(found, 0.9).figures, 2)
    assert told["auc"] == told["precision"] == Estimate(None, None, None)
    assert told["auc"].shown(2) == ("–", "")


def test_an_interval_is_shown_without_what_says_nothing() -> None:
    assert Estimate(0.9, 0.8951, 0.999).shown(2) == ("0.900", ".90–1")
    assert Estimate(0.9, 0.8951, 0.999).shown(3) == ("0.900", ".895–.999")
    assert Estimate(0.1, 0.001, 0.2).shown(2) == ("0.100", "0–.20")


def test_parts_are_all_each_language_and_each_major_group() -> None:
    found = answers([0.9] * 4, [True] * 4, language=["xx", "en", "es", "en"],
                    isco=["4313", "n/a", "0110", "42"])  # fmt: skip
    parts = parts_of(found)
    assert list(parts) == ["all", "es", "en", "xx", "ISCO 0 military", "ISCO 4 clerical"]
    assert parts["ISCO 4 clerical"].tolist() == [True, False, False, True]


# Tables and their labels.

ROWS = [
    ["Resepsjonist", FRONT["no"], "front"],
    ["Lager", BACK["no"], "back"],
    ["Receptionist", FRONT["en"], "front"],
    ["Operator", BACK["en"], "back"],
    ["Dependiente", FRONT["es"], "front"],
    ["Programador", BACK["es"], "back"],
]


def write_csv(path: Path, rows, header=("title", "text", "label")) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def labels(path: Path, **layout) -> list[bool]:
    table = LabelledTable(path, Layout(**layout))
    return [bool(front) for rows in table.batches() for front in rows.front]


@pytest.mark.parametrize(
    ("cell", "front"),
    [("front", True), ("Front Office", True), ("FRONT-OFFICE", True), ("frontoffice", True),
     ("Frontkontor", True), ("FO", True), (" back ", False), ("Back office", False),
     ("BackOffice", False), ("bakkontor", False), ("bo", False)],
)  # fmt: skip
def test_a_label_may_be_spelled_as_people_do(tmp_path, cell, front) -> None:
    assert labels(write_csv(tmp_path / "x.csv", [["T", FRONT["en"], cell]])) == [front]


@pytest.mark.parametrize(
    "name",
    ["label", "Label", "office", "Etiqueta", "oficina", "Merkelapp", "kontor", "Kategori",
     "categoría", "front/back"],
)  # fmt: skip
def test_a_label_column_is_found_by_its_name(tmp_path, name) -> None:
    path = write_csv(tmp_path / "x.csv", ROWS[:2], ("title", "text", name))
    assert labels(path) == [True, False]


def test_a_label_comes_before_an_office(tmp_path) -> None:
    path = write_csv(
        tmp_path / "x.csv",
        [["T", FRONT["en"], "Oslo", "back"]],
        ("title", "text", "office", "label"),
    )
    assert labels(path) == [False]


@pytest.mark.parametrize("cell", ["", "  ", "review", "-"])
def test_a_row_without_label_is_left_out_and_counted(tmp_path, cell) -> None:
    table = LabelledTable(write_csv(tmp_path / "x.csv", [*ROWS, ["T", "text", cell]]))
    assert sum(len(rows.front) for rows in table.batches()) == len(ROWS)
    assert table.unlabelled == 1


def test_another_label_is_named_with_its_row_and_column(tmp_path) -> None:
    path = write_csv(tmp_path / "x.csv", [*ROWS, ["T", "text", "middle"]])
    with pytest.raises(InputError) as error:
        labels(path)
    assert str(error.value) == (
        f"{path}: row 8, column 'label': 'middle' is no label; write front or back, leave the cell"
        " blank, or say what it stands for with --front or --back."
    )


def test_own_names_of_labels_are_mapped_beside_the_usual_ones(tmp_path) -> None:
    rows = [["T", "text", name] for name in ("Kundekontakt", "intern", "Front", "+", "1")]
    path = write_csv(tmp_path / "x.csv", rows)
    own = {"front": ("kundekontakt", "+", "1"), "back": ("Intern",)}
    assert labels(path, **own) == [True, False, True, True, True]


def test_a_usual_name_can_mean_the_other_label(tmp_path) -> None:
    path = write_csv(tmp_path / "x.csv", [["T", "text", "Back"], ["T", "text", "review"]])
    assert labels(path, front=("BACK",), back=("review",)) == [True, False]


@pytest.mark.parametrize("own", [{"front": ("A",), "back": ("a",)}, {"back": (" ",)}])
def test_a_name_for_both_labels_or_for_none_is_refused(tmp_path, own) -> None:
    with pytest.raises(InputError, match=r"cannot be both front and back|a blank cell is no label"):
        labels(write_csv(tmp_path / "x.csv", ROWS), **own)


def test_a_long_wrong_label_is_cut_in_the_message(tmp_path) -> None:
    with pytest.raises(InputError) as error:
        labels(write_csv(tmp_path / "x.csv", [["T", "text", "m" * 5_000]]))
    assert len(str(error.value)) < 300


def test_a_table_without_any_label_is_refused(tmp_path) -> None:
    path = write_csv(tmp_path / "x.csv", [["T", "text", ""]])
    with pytest.raises(InputError, match="no row has a label in column 'label'"):
        labels(path)


def test_a_table_without_a_label_column_is_refused(tmp_path) -> None:
    path = write_csv(tmp_path / "x.csv", [["T", "text", "front"]], ("title", "text", "note"))
    with pytest.raises(InputError, match="no column looks like a label among: title, text, note"):
        labels(path)
    assert labels(path, label="note") == [True]


def test_two_columns_that_could_be_the_label_are_named(tmp_path) -> None:
    path = write_csv(
        tmp_path / "x.csv", [["text", "front", "front"]], ("text", "label", "etiqueta")
    )
    with pytest.raises(InputError, match=r"'label' and 'etiqueta' .* --label-column"):
        labels(path)


def test_the_answers_of_a_model_are_not_taken_for_labels(tmp_path) -> None:
    header = ("text", "office", "p_front", "model")
    path = write_csv(tmp_path / "x.csv", [[FRONT["en"], "front", "0.99", "m"]], header)
    with pytest.raises(InputError, match="what a model answered, not labels"):
        labels(path)
    assert labels(path, label="office") == [True]


def test_languages_and_groups_of_the_table_are_taken(tmp_path, tagger) -> None:
    header = ("text", "label", "language", "isco08")
    rows = [
        [FRONT["en"], "front", "Nynorsk", "4226.0"],
        [FRONT["en"], "front", "", "n/a"],
        [FRONT["en"], "front", "Polish", ""],
    ]
    (found,) = answers_of(LabelledTable(write_csv(tmp_path / "x.csv", rows, header)), [tagger])
    assert found.language.tolist() == ["no", "en", "other"]
    assert found.isco.tolist() == ["4226", "", ""]


def test_a_posting_without_text_counts_as_not_decided(tmp_path, tagger) -> None:
    table = LabelledTable(write_csv(tmp_path / "x.csv", [*ROWS, ["", "", "front"]]))
    (found,) = answers_of(table, [tagger])
    assert found.reason[-1] == "no text"
    assert not found.decided[-1]
    card = score(table, tagger, found, 0.98, 5)
    assert card.confusion == {
        "front": {"front": 3, "back": 0, "review": 1},
        "back": {"front": 0, "back": 3, "review": 0},
    }
    assert card.mistakes == []


def test_rows_keep_their_numbers_through_all_parts_of_a_table(tmp_path) -> None:
    rows = [(f"posting {n}", ("front", "", "back")[n % 3]) for n in range(1, 25_001)]
    texts, cells = zip(*rows, strict=True)
    pq.write_table(pa.table({"text": texts, "label": cells}), tmp_path / "x.parquet")
    table = LabelledTable(tmp_path / "x.parquet")
    parts = list(table.batches())
    assert len(parts) > 1
    numbers = [int(number) for part in parts for number in part.numbers]
    assert numbers == [n for n in range(1, 25_001) if n % 3 != 1]
    texts = [text for part in parts for text in part.postings.column("text").to_pylist()]
    assert texts == [f"posting {n}" for n in numbers]
    wanted = [24_999, 3, 9_999, 10_001, 10_002]
    assert {n: posting.text for n, posting in table.postings(wanted).items()} == {
        n: f"posting {n}" for n in wanted
    }


def test_a_table_is_counted_anew_each_time_it_is_read(tmp_path) -> None:
    table = LabelledTable(write_csv(tmp_path / "x.csv", [*ROWS, ["T", "text", ""]]))
    for _ in range(2):
        assert sum(len(rows.front) for rows in table.batches()) == len(ROWS)
        assert table.unlabelled == 1


def test_a_row_that_cannot_be_read_is_left_out_and_counted(tmp_path) -> None:
    path = tmp_path / "x.jsonl"
    good = json.dumps({"text": FRONT["en"], "label": "front"})
    path.write_text(f"{good}\n{{broken\n{good}\n", encoding="utf-8")
    table = LabelledTable(path)
    assert [rows.numbers.tolist() for rows in table.batches()] == [[1, 3]]
    assert (table.unreadable, table.unlabelled) == (1, 0)


def test_texts_that_are_no_utf_8_are_read_as_batch_reads_them(frontback, tmp_path) -> None:
    def column(*values: bytes) -> pa.Array:
        return pa.array(values, pa.binary()).view(pa.string())

    path = tmp_path / "x.parquet"
    texts = column(FRONT["en"].encode() + b" \xff", BACK["en"].encode())
    titles, labels = column(b"Wai\xfftress", b"Clerk"), column(b"back", b"back")
    pq.write_table(pa.table({"title": titles, "text": texts, "label": labels}), path)
    assert LabelledTable(path).postings([1])[1].title == "Wai\ufffdtress"
    assert json.loads(frontback("evaluate", path, "--json").out)["parts"]["all"]["postings"] == 2
    pq.write_table(pa.table({"text": texts, "label": column(b"fr\xff", b"back")}), path)
    with pytest.raises(InputError, match="row 1, column 'label': 'fr\ufffd' is no label"):
        list(LabelledTable(path).batches())


# The command.

WRONG = [*ROWS, ["Kokk <b>& co</b>", f"{BACK['no']} <script>alert(1)</script>", "front"]]


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """Six postings that are labelled right, and one that is not."""
    return write_csv(tmp_path / "labelled.csv", WRONG)


def test_evaluate_prints_figures_and_the_mistake_with_its_words(frontback, wrong) -> None:
    result = frontback("evaluate", wrong)
    assert result.code == 0, result.err
    assert re.search(r"all +7 +0\.857", result.out)
    assert re.search(r"front +3 +1 +0", result.out)
    assert re.search(r"8 +front +back 0\.\d+ +Kokk <b>& co</b>", result.out)
    assert "plukker -" in result.out


def test_evaluate_json_holds_the_figures(frontback, wrong) -> None:
    found = json.loads(frontback("evaluate", wrong, "--json", "--precision", "0.8").out)
    assert found["parts"]["all"]["accuracy"]["value"] == pytest.approx(6 / 7, abs=1e-4)
    assert found["parts"]["no"]["postings"] == 3
    assert found["parts"]["all"]["coverage_at"]["value"] == pytest.approx(6 / 7, abs=1e-4)
    assert found["parts"]["all"]["precision_at"]["value"] == pytest.approx(5 / 6, abs=1e-4)
    assert found["confusion"]["front"] == {"front": 3, "back": 1, "review": 0}
    assert [mistake["row"] for mistake in found["mistakes"]] == [8]
    assert all(weight < 0 for _, weight in found["mistakes"][0]["words"])
    assert found["labels"]["back recall"]["value"] == 1.0


def test_evaluate_gives_the_same_twice(frontback, wrong) -> None:
    assert frontback("evaluate", wrong, "--json").out == frontback("evaluate", wrong, "--json").out


def test_every_kind_of_table_gives_the_same_figures(frontback, wrong, tmp_path) -> None:
    columns = dict(zip(("title", "text", "label"), zip(*WRONG, strict=True), strict=True))
    pq.write_table(pa.table(columns), tmp_path / "labelled.parquet")
    lines = [json.dumps(dict(zip(columns, row, strict=True))) for row in WRONG]
    (tmp_path / "labelled.jsonl").write_text("\n".join(lines), encoding="utf-8")
    book = openpyxl.Workbook()
    for row in (tuple(columns), *WRONG):
        book.active.append(row)
    book.save(tmp_path / "labelled.xlsx")
    expected = json.loads(frontback("evaluate", wrong, "--json").out)
    for suffix in (".parquet", ".jsonl", ".xlsx"):
        found = json.loads(frontback("evaluate", wrong.with_suffix(suffix), "--json").out)
        (mistake,) = found["mistakes"]
        # A spreadsheet counts the header among its rows; the other kinds have none.
        assert mistake["row"] == (8 if suffix == ".xlsx" else 7)
        mistake["row"] = 8
        assert found | {"data": ""} == expected | {"data": ""}, suffix


def test_a_table_is_read_as_its_owner_says(frontback, wrong, tmp_path) -> None:
    expected = json.loads(frontback("evaluate", wrong, "--json").out)["parts"]
    own = {"front": "skranke", "back": "intern"}
    rows = [["Tittel", "Tekst", "Sone"]] + [[*row[:2], own[row[2]]] for row in WRONG]
    names = ("--text-column", "Tekst", "--title-column", "Tittel", "--label-column", "Sone")
    names = (*names, "--front", "skranke", "--back", "intern", "--json")
    book = openpyxl.Workbook()
    book.active.append(["title", "text", "label"])
    sheet = book.create_sheet("Våren")
    for row in rows:
        sheet.append(row)
    book.save(tmp_path / "x.xlsx")
    found = json.loads(frontback("evaluate", tmp_path / "x.xlsx", "--sheet", "Våren", *names).out)
    assert found["parts"] == expected
    lines = "\n".join("~".join(row) for row in rows)
    (tmp_path / "x.csv").write_bytes(lines.encode("cp865"))
    result = frontback(
        "evaluate", tmp_path / "x.csv", "--delimiter", "~", "--encoding", "cp865", *names
    )
    assert json.loads(result.out)["parts"] == expected


def test_rows_left_out_are_told_on_stderr(frontback, tmp_path) -> None:
    path = write_csv(tmp_path / "x.csv", [*ROWS, ["T", "text", ""]])
    result = frontback("evaluate", path, "--json")
    assert f"{path}: rows left out because they have no label: 1" in result.err
    assert json.loads(result.out)["unlabelled"] == 1


def test_the_report_is_one_page_that_loads_and_runs_nothing(frontback, wrong, tmp_path) -> None:
    report = tmp_path / "report.html"
    result = frontback("evaluate", wrong, "--report", report)
    assert result.code == 0, result.err
    page = Page(report.read_text("utf-8"))
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "link", "iframe", "b"})
    images = [attributes["src"] for tag, attributes in page.tags if tag == "img"]
    assert len(images) == 2
    for source in images:
        assert base64.b64decode(source.removeprefix("data:image/png;base64,"))[:4] == b"\x89PNG"
    assert "Kokk <b>& co</b>" in page.text
    assert "<script>alert(1)</script>" in page.text
    assert "0.857" in page.text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labelled.csv", "report.html"]


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text here")
def test_files_may_have_names_that_are_no_text(frontback, wrong, tmp_path) -> None:
    data = wrong.rename(tmp_path / os.fsdecode(b"labell\xe9.csv"))
    report = tmp_path / os.fsdecode(b"rapport\xe9.html")
    result = frontback("evaluate", data, "--report", report)
    assert result.code == 0, result.err
    assert "on labell?.csv" in report.read_text("utf-8")


def test_a_report_that_exists_is_replaced_only_if_asked(frontback, wrong, tmp_path) -> None:
    report = tmp_path / "report.html"
    report.write_text("mine", encoding="utf-8")
    refused = frontback("evaluate", wrong, "--report", report)
    assert (refused.code, refused.out) == (1, "")
    assert "exists already" in refused.err
    assert report.read_text("utf-8") == "mine"
    assert frontback("evaluate", wrong, "--report", report, "--overwrite").code == 0
    assert report.read_text("utf-8").startswith("<!doctype html>")


def test_a_report_without_matplotlib_names_what_brings_it(
    frontback, wrong, tmp_path, monkeypatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    result = frontback("evaluate", wrong, "--report", tmp_path / "report.html")
    assert result.code == 1
    assert "pip install 'frontback[corpus]'" in result.err
    assert frontback("evaluate", wrong).code == 0


def test_a_report_of_another_name_than_a_pages_is_refused(frontback, wrong, tmp_path) -> None:
    result = frontback("evaluate", wrong, "--report", tmp_path / "report.pdf")
    assert result.code == 1
    assert "report.pdf: the report is a page; name it .html." in result.err


def test_a_report_where_nothing_can_be_written_is_refused_first(frontback, wrong, tmp_path) -> None:
    result = frontback("evaluate", wrong, "--report", tmp_path / "none" / "report.html")
    assert (result.code, result.out) == (1, "")
    assert "there is no such folder" in result.err


def test_nothing_in_a_posting_steers_the_terminal(frontback, tmp_path) -> None:
    rows = [[f"\x1b[2J{title}", text, "back"] for title, text, _ in ROWS]
    result = frontback("evaluate", write_csv(tmp_path / "x.csv", rows))
    assert result.code == 0, result.err
    assert "\x1b" not in result.out


@pytest.mark.parametrize("rows", [ROWS[:1], [["", "", "back"]]], ids=["one posting", "no text"])
def test_a_report_of_next_to_nothing_holds(frontback, tmp_path, rows) -> None:
    path = write_csv(tmp_path / "x.csv", rows)
    assert frontback("evaluate", path, "--report", tmp_path / "r.html").code == 0


@pytest.mark.parametrize("share", ["nan", "1.5", "0.3", "x"])
def test_a_precision_that_is_no_share_is_wrong_use(frontback, wrong, share) -> None:
    assert frontback("evaluate", wrong, "--precision", share).code == 2


def test_an_unknown_label_ends_the_command_with_one_sentence(frontback, tmp_path) -> None:
    path = write_csv(tmp_path / "x.csv", [["T", "text", "maybe"]])
    result = frontback("evaluate", path)
    assert (result.code, result.out) == (1, "")
    assert result.err.count("\n") == 1
    assert "row 2, column 'label': 'maybe' is no label" in result.err


@settings(max_examples=30)
@given(st.text(min_size=1))
def test_whatever_stands_in_a_label_it_is_a_label_none_or_refused(tmp_path_factory, cell) -> None:
    path = tmp_path_factory.mktemp("cell") / "x.jsonl"
    path.write_text(json.dumps({"text": "text", "label": cell}), encoding="utf-8")
    with suppress(InputError):  # any other error is a fault
        assert labels(path) in ([True], [False])
