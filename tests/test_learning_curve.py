"""frontback evaluate --learning-curve: parts that hold each other, and what each is worth."""

import base64
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.answers import answers_of
from pipeline.labelled import Labelled, read_corpus
from pipeline.labelled_table import LabelledTable
from pipeline.learning_curve import Study, halvings, stratified
from pipeline.posting import CorpusError, Posting
from pipeline.tagger import Tagger
from pipeline.training import train
from tests.conftest import write_small_corpus
from tests.test_evaluate import ROWS, write_csv


@pytest.mark.parametrize(
    ("n", "least", "sizes"),
    [(1_000, 240, [250, 500, 1_000]), (240, 240, [240]), (100, 240, [100]), (0, 0, [0]),
     (5, 0, [1, 2, 5])],
)  # fmt: skip
def test_sizes_are_halved_as_long_as_enough_is_left(n, least, sizes) -> None:
    assert halvings(n, least) == sizes


@st.composite
def mixtures(draw):
    """Postings of some labels and languages, in any order."""
    kinds = draw(
        st.lists(st.tuples(st.sampled_from(["front", "back"]), st.sampled_from("es no en".split())),
                 min_size=1, max_size=80)
    )  # fmt: skip
    return [
        Labelled(Posting(str(place), ""), language, label)
        for place, (label, language) in enumerate(kinds)
    ]


@given(mixtures(), st.data())
def test_every_beginning_has_its_share_of_each_label_and_language(postings, data) -> None:
    order = stratified(postings)
    assert sorted(order) == list(range(len(postings)))
    size = data.draw(st.integers(1, len(order)))
    whole = Counter((each.label, each.language) for each in postings)
    part = Counter((postings[at].label, postings[at].language) for at in order[:size])
    for group, n in whole.items():
        assert abs(part[group] - n * size / len(order)) <= (len(whole) + 1) / 2


@given(mixtures())
def test_the_order_is_the_same_in_every_run(postings) -> None:
    assert stratified(postings).tolist() == stratified(postings).tolist()


def test_a_part_is_not_merely_the_beginning_of_the_files(small_corpus) -> None:
    postings = read_corpus(small_corpus).postings
    half = stratified(postings)[:30]
    assert Counter(postings[at].label for at in half) == {"front": 15, "back": 15}
    assert set(half) != set(range(30))


def test_only_postings_of_kind_plain_are_counted(small_corpus) -> None:
    file = small_corpus / "postings" / "en.jsonl"
    lines = file.read_text("utf-8").splitlines()
    hard = [json.dumps(json.loads(line) | {"kind": "thin"}) for line in lines]
    file.write_text("\n".join(lines + hard), encoding="utf-8")
    assert Study([small_corpus]).sizes == [30, 60]


def test_there_are_six_sizes_at_most_however_large_the_corpus(tmp_path) -> None:
    (tmp_path / "postings").mkdir()
    row = {"title": "", "language": "en"}
    lines = [
        json.dumps(row | {"text": f"{label} {number}", "label": label})
        for label in ("front", "back")
        for number in range(2_000)
    ]
    (tmp_path / "postings" / "en.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert Study([tmp_path]).sizes == [125, 250, 500, 1_000, 2_000, 4_000]


def test_a_corpus_that_is_trained_on_in_parts_is_refused(small_corpus, monkeypatch) -> None:
    monkeypatch.setattr("pipeline.learning_curve.AT_ONCE", 59)
    with pytest.raises(CorpusError, match=r"more than 59 postings, .* --corpus"):
        Study([small_corpus])


# The command.


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> tuple[Path, Path]:
    """A models folder with a model, and the corpus that it was trained on."""
    folder = tmp_path_factory.mktemp("trained")
    corpus = write_small_corpus(folder / "corpus")
    train([corpus], folder / "models")
    return folder / "models", corpus


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "labelled.csv", ROWS)


def test_the_whole_corpus_is_worth_what_the_model_of_it_is(frontback, trained, labelled) -> None:
    models, corpus = trained
    arguments = ("--learning-curve", "--corpus", corpus, "--models", models, "--json")
    result = frontback("evaluate", labelled, *arguments)
    assert result.code == 0, result.err
    found = json.loads(result.out)
    curve = found["learning_curve"]
    assert curve["is_models_corpus"] is True
    assert [point["trained_on"] for point in curve["points"]] == [30, 60]
    for name, part in curve["points"][-1]["parts"].items():
        assert part == {key: found["parts"][name][key] for key in part}
    assert set(part) == {"postings", "accuracy", "auc", "calibration_error"}
    assert set(curve["points"][0]["parts"]) == {"all", "es", "no", "en"}


def test_the_curve_is_printed_with_what_it_is_of_and_drawn_as_a_third_plot(
    frontback, trained, labelled, tmp_path
) -> None:
    models, corpus = trained
    page = tmp_path / "page.html"
    arguments = ("--learning-curve", "--corpus", corpus, "--models", models, "--report", page)
    result = frontback("evaluate", labelled, *arguments)
    assert result.code == 0, result.err
    assert re.search(r"^ +30 +all +\d\.\d{3} \S+–\S+ ", result.out, re.MULTILINE)
    assert re.search(r"^ +60 +all ", result.out, re.MULTILINE)
    (model,) = (path.name for path in models.glob("own-*"))
    told = (
        f"Each is trained from scratch, with the usual parameters, on a part of {corpus}; the last"
        f" point is trained on what {model} learned from."
    )
    assert told in " ".join(result.out.split())
    assert "training from scratch on 30, 60 postings" in result.err
    text = page.read_text("utf-8")
    plots = re.findall(r'src="data:image/png;base64,([^"]+)"', text)
    assert len(plots) == 3
    assert base64.b64decode(plots[2])[:4] == b"\x89PNG"
    assert told in text


def test_a_corpus_that_the_model_did_not_learn_from_is_told(
    frontback, trained, labelled, small_corpus
) -> None:
    models, _ = trained
    file = small_corpus / "postings" / "en.jsonl"
    lines = file.read_text("utf-8").splitlines()
    file.write_text("\n".join(lines[:40]), encoding="utf-8")
    arguments = ("--learning-curve", "--corpus", small_corpus, "--models", models)
    result = frontback("evaluate", labelled, *arguments)
    assert result.code == 0, result.err
    assert "which learned from another corpus." in " ".join(result.out.split())


def test_measuring_needs_no_model_to_be_stored(trained, labelled) -> None:
    models, corpus = trained
    before = sorted(models.iterdir())
    tagger = Tagger.load(models=models)
    done: list[int] = []
    curve = Study([corpus]).measure(LabelledTable(labelled), tagger.manifest, done.append)
    assert done == [30, 60]
    assert sorted(models.iterdir()) == before
    (answers,) = answers_of(LabelledTable(labelled), [tagger])
    value = curve.points[-1].parts["all"].figures["accuracy"].value
    assert value == pytest.approx(answers.right.mean(), abs=6e-5)


def test_a_manifest_that_says_nothing_of_its_corpus_is_of_another_one(trained, labelled) -> None:
    _, corpus = trained
    for manifest in ({"id": "own-0"}, {"id": "own-0", "corpus": "x"}):
        curve = Study([corpus]).measure(LabelledTable(labelled), manifest, lambda postings: None)
        assert curve.is_models_corpus is False


def test_a_corpus_too_small_to_train_on_ends_with_one_sentence(
    frontback, trained, labelled, small_corpus
) -> None:
    models, _ = trained
    file = small_corpus / "postings" / "en.jsonl"
    file.write_text("\n".join(file.read_text("utf-8").splitlines()[:12]), encoding="utf-8")
    arguments = ("--learning-curve", "--corpus", small_corpus, "--models", models)
    result = frontback("evaluate", labelled, *arguments)
    assert (result.code, result.out) == (1, "")
    assert "training needs 10 of each at least" in result.err


def test_a_corpus_without_a_curve_is_wrong_use(frontback, labelled, small_corpus) -> None:
    result = frontback("evaluate", labelled, "--corpus", small_corpus)
    assert result.code == 2
    assert "--corpus and --extra go with --learning-curve" in result.err


def test_a_corpus_that_is_not_there_is_said_before_anything_is_measured(
    frontback, labelled, tmp_path
) -> None:
    arguments = ("--learning-curve", "--corpus", tmp_path / "none")
    result = frontback("evaluate", labelled, *arguments)
    assert (result.code, result.out) == (1, "")
    assert "no such folder or file" in result.err


def test_a_table_of_own_labels_can_be_the_corpus(
    frontback, trained, labelled, small_corpus, tmp_path
) -> None:
    models, _ = trained
    postings = read_corpus(small_corpus).postings
    rows = [[*each.posting, each.label] for each in postings]
    table = write_csv(tmp_path / "own.csv", [*rows, ["T", "", "front"]])
    arguments = ("--learning-curve", "--corpus", table, "--models", models, "--json")
    result = frontback("evaluate", labelled, *arguments)
    assert result.code == 0, result.err
    curve = json.loads(result.out)["learning_curve"]
    assert curve["corpus"] == [str(table)]
    assert curve["is_models_corpus"] is False
    assert [point["trained_on"] for point in curve["points"]] == [30, 60]
    assert f"{table}, row 62: " in result.err
    assert "are in" not in result.err


def test_postings_that_are_in_the_corpus_as_well_are_told(
    frontback, trained, small_corpus, tmp_path
) -> None:
    models, _ = trained
    seen = read_corpus(small_corpus).postings[:3]
    rows = [[each.posting.title.upper(), each.posting.text, each.label] for each in seen]
    data = write_csv(tmp_path / "seen.csv", [*rows, *ROWS])
    arguments = ("--learning-curve", "--corpus", small_corpus, "--models", models)
    result = frontback("evaluate", data, *arguments)
    assert result.code == 0, result.err
    assert f"{data}: 3 of the labelled postings are in {small_corpus}, too; leave" in result.err
