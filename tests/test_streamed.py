"""Postings that come in parts are learned as well as those that are there at once."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone

import pipeline.fitting
from pipeline.classifier import OfficeClassifier
from pipeline.features import PostingFeatures
from pipeline.fitting import fit_parts
from pipeline.heads import Aid, Head, Lessons
from pipeline.labelled import Corpus, Labelled, posting_files
from pipeline.labelled_files import JsonLines
from pipeline.posting import CorpusError, Posting
from pipeline.store import load_model
from pipeline.streamed import fit_streamed
from pipeline.training import train
from pipeline.training_set import training_set

Rows = list[dict[str, object]]


@pytest.fixture(scope="module")
def rows(corpus: Corpus) -> Rows:
    return [_row(each) for each in corpus.postings if each.kind == "plain"][::3]


@pytest.fixture(scope="module")
def folder(rows: Rows, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("mixed"), rows)


@pytest.fixture(scope="module")
def streamed(folder: Path) -> tuple[OfficeClassifier, list[Labelled]]:
    return learn(folder)


@pytest.fixture(scope="module", params=["svm", "nb"])
def by_estimator(
    request: pytest.FixtureRequest, rows: Rows
) -> tuple[OfficeClassifier, list[Labelled]]:
    """What each learns of parts; "logistic", and "sgd", which is the same there, are above."""
    return in_parts(OfficeClassifier(estimator=request.param), rows, 1_000)


def write(folder: Path, rows: Rows) -> Path:
    """Write a corpus in two files, with blank lines and a byte order mark."""
    (folder / "postings").mkdir(parents=True)
    for name, part in (("a", rows[:100]), ("b", rows[100:])):
        text = "\ufeff" + "\n\n".join(json.dumps(row, ensure_ascii=False) for row in part) + "\n"
        (folder / "postings" / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return folder


def learn(folder: Path) -> tuple[OfficeClassifier, list[Labelled]]:
    with training_set([folder]) as texts:
        return fit_parts(texts)


def labelled(rows: Rows) -> list[Labelled]:
    """Return postings of rows, as `pipeline.streamed` takes them."""
    return [
        Labelled(
            Posting(str(row["title"]), str(row["text"])),
            str(row["language"]),
            str(row["label"]),
            share=int(str(row["share"])),
        )
        for row in rows
    ]


def in_parts(
    model: OfficeClassifier, rows: Rows, size: int
) -> tuple[OfficeClassifier, list[Labelled]]:
    """Fit a model to rows that come in parts of a size; return it, and what was kept out."""
    every = labelled(rows)

    def parts(seed: int | None) -> Iterator[list[Labelled]]:
        n = len(every)
        order = range(n) if seed is None else np.random.default_rng(seed).permutation(n)
        for begin in range(0, n, size):
            yield [every[at] for at in order[begin : begin + size]]

    return model, fit_streamed(model, parts, len(every), aids_of(rows))


def aids_of(rows: Rows) -> list[Aid]:
    """Return titles as short documents."""
    return [Aid(Posting("", str(row["title"])), str(row["label"]), "", 0.1) for row in rows[::3]]


def test_lines_are_found_again_in_any_order(tmp_path: Path, rows: Rows) -> None:
    lines = JsonLines(posting_files(write(tmp_path, rows[:130])))
    assert len(lines) == 130
    found = list(lines.read([129, 0, 100]))
    assert [row for row, _ in found] == [rows[129], rows[0], rows[100]]
    assert [at.rpartition("/")[2] for _, at in found] == ["b.jsonl:59", "a.jsonl:1", "b.jsonl:1"]


def test_features_of_parts_are_those_of_the_whole(rows: Rows) -> None:
    postings = [Posting(str(row["title"]), str(row["text"])) for row in rows[:90]]
    whole = PostingFeatures().fit(postings)
    parts = PostingFeatures().fit_parts(postings[at : at + 40] for at in range(0, 90, 40))
    assert parts.widths == whole.widths
    assert (parts.transform(postings) != whole.transform(postings)).nnz == 0


def test_most_answers_are_those_of_all_postings_at_once(streamed, rows: Rows) -> None:
    model, unseen = streamed
    postings, labels = [p.posting for p in unseen], np.array([p.label for p in unseen])
    texts = {posting.text for posting in postings}
    seen = [row for row in rows if pipeline.fitting.clean(str(row["text"])) not in texts]
    assert 0.05 * len(rows) < len(unseen) < 0.15 * len(rows)
    at_once = OfficeClassifier().fit(
        [Posting(str(row["title"]), str(row["text"])) for row in seen],
        [str(row["label"]) for row in seen],
        shares=[int(str(row["share"])) for row in seen],
    )
    ours, theirs = model.predict(postings), at_once.predict(postings)
    assert (ours == theirs).mean() > 0.9
    assert (ours == labels).mean() > (theirs == labels).mean() - 0.04
    assert 0.02 < model.band_ < 0.5
    assert not np.isnan(model.out_of_fold_share_).any()


def test_out_of_fold_is_what_the_model_says_of_those_kept_out(streamed) -> None:
    model, unseen = streamed
    postings = [each.posting for each in unseen]
    assert model.predict_proba(postings)[:, 1] == pytest.approx(model.out_of_fold_, abs=1e-5)


def test_a_file_sorted_by_label_is_learned_as_well(streamed, rows: Rows, tmp_path) -> None:
    model, unseen = streamed
    by_label, kept_out = learn(write(tmp_path, sorted(rows, key=lambda row: str(row["label"]))))
    assert [each.posting for each in kept_out] == [each.posting for each in unseen]
    postings = [each.posting for each in unseen]
    assert (by_label.predict(postings) == model.predict(postings)).mean() > 0.9


def test_the_size_of_the_parts_changes_nothing(streamed, folder: Path, monkeypatch) -> None:
    model, unseen = streamed
    monkeypatch.setattr(pipeline.fitting, "PART", 333)
    other, kept_out = learn(folder)
    assert kept_out == unseen
    assert other.features_.widths == model.features_.widths
    assert other.coef_ == pytest.approx(model.coef_, abs=1e-4)
    assert other.scale_ == pytest.approx(model.scale_, rel=1e-3)


def test_no_more_is_held_than_a_sample(folder: Path, monkeypatch) -> None:
    monkeypatch.setattr("pipeline.streamed._HELD", 150)
    _, unseen = learn(folder)
    assert 100 < len(unseen) < 200


def test_many_postings_are_streamed_of_itself_and_twice_gives_the_same_bytes(
    folder: Path, tmp_path: Path, monkeypatch, rows: Rows
) -> None:
    monkeypatch.setattr(pipeline.fitting, "AT_ONCE", 1_000)
    said: list[str] = []
    manifest, again = (train([folder], tmp_path / name, say=said.append) for name in ("one", "two"))
    assert manifest["id"] == again["id"]
    assert manifest["parameters"]["streamed"] is True
    assert manifest["corpus"]["counts"]["postings"] == len(rows)
    assert sum("in parts, as they are more than 1,000" in message for message in said) == 2
    model = OfficeClassifier.from_state(load_model(tmp_path / "one")[0])
    assert set(model.predict([Posting("Kelner", "Vi søker kelner")])) <= {"front", "back"}


def test_few_postings_are_not_streamed(small_corpus: Path, tmp_path: Path) -> None:
    assert train([small_corpus], tmp_path)["parameters"]["streamed"] is False


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{not json", r"a\.jsonl:41: not JSON"),
        (b"[1]", r"a\.jsonl:41: not a JSON object"),
        (b'{"title": "a"}', r"a\.jsonl:41: text, label, language missing"),
        (b'{"title": "\xff"}', r"a\.jsonl: not UTF-8"),
    ],
)
def test_a_bad_line_in_the_middle_is_named(tmp_path, rows: Rows, monkeypatch, line, message):
    path = write(tmp_path, rows[:200]) / "postings" / "a.jsonl"
    lines = path.read_bytes().split(b"\n")
    lines[40] = line
    path.write_bytes(b"\n".join(lines))
    monkeypatch.setattr(pipeline.fitting, "AT_ONCE", 100)
    with pytest.raises(CorpusError, match=message):
        train([tmp_path], tmp_path / "models")


def test_one_label_only_is_too_little(tmp_path: Path, rows: Rows) -> None:
    front = [row for row in rows if row["label"] == "front"][:120]
    with pytest.raises(CorpusError, match="too little to learn from"):
        learn(write(tmp_path, [row | {"share": 90} for row in front]))


def _row(each: Labelled) -> dict[str, object]:
    return {"title": each.posting.title, "text": each.posting.text, "label": each.label,
            "language": each.language, "share": each.share, "isco08": each.isco}  # fmt: skip


def test_each_estimator_learns_of_parts_what_it_does_of_all_at_once(by_estimator, rows) -> None:
    model, unseen = by_estimator
    postings, labels = [p.posting for p in unseen], np.array([p.label for p in unseen])
    kept_out = {each.posting for each in unseen}
    seen = [each for each in labelled(rows) if each.posting not in kept_out]
    at_once = clone(model).fit(
        [each.posting for each in seen],
        [each.label for each in seen],
        aids=aids_of(rows),
        shares=[each.share for each in seen],
    )
    ours, theirs = model.predict(postings), at_once.predict(postings)
    assert (ours == theirs).mean() > 0.9
    assert (ours == labels).mean() > (theirs == labels).mean() - 0.04
    likeness = np.corrcoef(model.decision_function(postings), at_once.decision_function(postings))
    assert likeness[0, 1] > 0.93
    assert model.predict_proba(postings)[:, 1] == pytest.approx(model.out_of_fold_, abs=1e-5)


def test_the_size_of_the_parts_changes_nothing_for_any_estimator(by_estimator, rows) -> None:
    model, unseen = by_estimator
    other, kept_out = in_parts(clone(model), rows, 333)
    assert kept_out == unseen
    assert other.coef_ == pytest.approx(model.coef_, abs=1e-4)
    assert other.intercept_ == pytest.approx(model.intercept_, abs=1e-4)
    assert other.scale_ == pytest.approx(model.scale_, rel=1e-3)


def test_naive_bayes_of_parts_is_that_of_the_whole_to_the_last_digits(rows: Rows) -> None:
    # Its sums are the same in any order; only which n-grams there are depends on those kept out.
    some = rows[:200]
    model, unseen = in_parts(OfficeClassifier(estimator="nb", min_df=1), some, 70)
    kept_out = {each.posting for each in unseen}
    seen = [each for each in labelled(some) if each.posting not in kept_out]
    learned = model.features_.transform([each.posting for each in seen])
    aids = aids_of(some)
    part = model.front_part(
        np.array([each.label == "front" for each in seen]), np.array([each.share for each in seen])
    )
    lessons = Lessons(
        learned,
        part,
        model.features_.transform([aid.posting for aid in aids]),
        np.array([aid.label == "front" for aid in aids]),
        np.array([aid.weight for aid in aids]),
    )
    whole = lessons.teach(Head("nb", model.C, 0), np.arange(len(seen)), np.arange(len(aids)))
    assert model.coef_ == pytest.approx(whole.coef, abs=1e-5)
    assert model.intercept_ == pytest.approx(whole.intercept, abs=1e-9)


def test_few_of_one_label_do_not_throw_the_margin_off(rows: Rows) -> None:
    # Each of the few weighs as much as twenty: with steps as in a balanced file, coefficients grow
    # to ten million.
    front = [row for row in rows if row["label"] == "front"]
    back = [row for row in rows if row["label"] == "back"][: len(front)]
    model, _ = in_parts(OfficeClassifier(estimator="svm"), [*front[::40], *back], 100)
    assert 0.01 < np.abs(model.coef_).max() < 5


def test_a_parameter_that_cannot_be_is_refused_before_anything_is_read() -> None:
    def parts(seed: int | None) -> Iterator[list[Labelled]]:
        raise AssertionError("read")

    with pytest.raises(ValueError, match="The 'estimator' parameter"):
        fit_streamed(OfficeClassifier(estimator="forest"), parts, 100)
