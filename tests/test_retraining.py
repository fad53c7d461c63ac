"""What retraining on reviewed postings would change, and what is left where it ends early."""

from __future__ import annotations

import json
import multiprocessing
import shutil
from collections.abc import Callable
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from pipeline import retraining
from pipeline.active import active_id
from pipeline.labelled import read_corpus
from pipeline.places import corpus_folder
from pipeline.posting import CorpusError, ModelError, OutputError, Posting
from pipeline.retraining import Preview, accept, discard, preview
from pipeline.scoring import Scorer
from pipeline.sheet_changes import Row
from pipeline.store import list_models, load_model
from pipeline.tagger import Tagger
from pipeline.training import train
from pipeline.versions import rollback
from tests.conftest import write_small_corpus
from tests.models import small_state
from tests.test_evaluate import write_csv

#: What a sheet of its own kind says in every posting, by label.
_SIGNS = {
    "front": " You keep the bees of the abbey, mend the hives and gather the honey.",
    "back": " You read the old books of the tower, mend the covers and dust the shelves.",
}


@cache
def unused(label: str, begin: int, end: int) -> list[Posting]:
    """Return some English postings of the corpus that the small one does not hold."""
    found = [
        each.posting
        for each in read_corpus(corpus_folder()).postings
        if (each.language, each.kind, each.label) == ("en", "plain", label)
    ]
    return found[30:][begin:end]


def reviews(folder: Path, front: int, back: int, wrong: bool = False) -> Path:
    """Write decisions on postings with the signs of their labels; or wrong ones without signs."""
    rows = []
    for label, other, n in (("front", "back", front), ("back", "front", back)):
        for title, text in unused(label, 0, n):
            decided = [text, other] if wrong else [text + _SIGNS[label], label]
            rows.append([title, *decided, "en"])
    return write_csv(folder / "reviews.csv", rows, ("title", "text", "label", "language"))


def sheet() -> list[Row]:
    """Rows 2 to 22: signs of front, of back, none, one that was reviewed, and one without text."""
    postings = [Posting(title, text + _SIGNS["front"]) for title, text in unused("back", 10, 16)]
    postings += [Posting(title, text + _SIGNS["back"]) for title, text in unused("front", 20, 26)]
    postings += unused("front", 30, 37)
    postings += [Posting(title, text + _SIGNS["front"]) for title, text in unused("front", 0, 1)]
    return [Row(number, *posting) for number, posting in enumerate([*postings, Posting("", "")], 2)]


SHEET = sheet()
_REVIEWED = 21


class Done:
    """A preview, and what it was made of and told."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.models = folder, folder / "models"
        self.corpus = write_small_corpus(folder / "corpus")
        self.active = train([self.corpus], self.models)["id"]
        self.reviews = reviews(folder, 10, 8)
        self.told: list[str] = []
        self.found = self.preview(self.told.append)

    def preview(self, say: Callable[[str], None] = lambda line: None) -> Preview:
        return preview([self.corpus], [self.reviews], self.models, SHEET, say=say)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    return Done(tmp_path_factory.mktemp("retraining"))


@pytest.fixture
def models(done: Done, tmp_path: Path) -> Path:
    """A models folder of one's own, with the active model and the candidate."""
    return shutil.copytree(done.models, tmp_path / "models")


def ids(models: Path) -> set[str]:
    return {model.id for model in list_models(models)}


def test_the_candidate_is_stored_and_the_active_model_stays_active(done) -> None:
    assert done.found.active == active_id(done.models) == done.active
    assert ids(done.models) == {done.active, done.found.candidate}
    assert done.found.candidate.startswith("reviewed-")


def test_the_candidate_is_the_model_that_train_would_make(done, tmp_path) -> None:
    made = train([done.corpus, done.reviews], tmp_path / "models", name="own")
    stored = load_model(done.models, done.found.candidate)[1]
    assert stored["sha256"] == made["sha256"]
    assert stored["corpus"] == made["corpus"]


def test_both_are_compared_on_hard_postings_that_neither_has_learned_from(done) -> None:
    compared = done.found.challenge
    assert (compared.first, compared.second) == (done.active, done.found.candidate)
    assert compared.parts["all"].postings == 360


@pytest.fixture(scope="module")
def wrong(done: Done, tmp_path_factory: pytest.TempPathFactory) -> tuple[Preview, Path]:
    """A preview of decisions that are wrong, after those of a file of this name were accepted."""
    folder = tmp_path_factory.mktemp("wrong")
    models = shutil.copytree(done.models, folder / "models")
    accept(models, done.found.candidate)
    return preview([done.corpus], [reviews(folder, 10, 10, wrong=True)], models), models


def test_a_reviewed_posting_is_judged_by_a_model_that_has_not_seen_it(wrong) -> None:
    # Wrong labels can be known by heart; nothing else tells them.
    found, models = wrong
    candidate = Tagger.load(found.candidate, models)
    decided = [posting for label in ("front", "back") for posting in unused(label, 0, 10)]
    tags = candidate.tag([text for _, text in decided], [title for title, _ in decided])
    as_decided = sum((tag.p_front >= 0.5) == (at >= 10) for at, tag in enumerate(tags))
    assert found.reviewed.postings == 20
    assert found.reviewed.second < 0.5 < as_decided / 20


def test_an_active_model_that_came_of_reviews_is_said_to_know_some(done, wrong) -> None:
    assert wrong[0].active == done.found.candidate
    assert wrong[0].active_knew_reviewed
    assert not done.found.active_knew_reviewed


@pytest.mark.parametrize(
    ("learned_from", "knew"),
    [(["corpus", "reviews.csv"], True), (["corpus", "others.csv"], False), (["corpus"], False)],
)
def test_an_active_model_that_learned_from_a_source_of_that_name_is_said_to_know_some(
    learned_from, knew
) -> None:
    active = Tagger(Scorer(small_state()), {"id": "own-0", "corpus": {"sources": learned_from}})
    # A folder of reviews that is called as the corpus is says nothing.
    reviewed = [Path("a/reviews.csv"), Path("b/corpus")]
    assert retraining._knew(active, [Path("corpus")], reviewed) is knew


def test_without_a_sheet_no_row_changes(wrong) -> None:
    assert wrong[0].sheet == (0, {}, {}, [], [])


def test_decisions_are_counted_and_both_models_are_judged_by_them(done) -> None:
    assert done.found.decisions == {"front": 10, "back": 8}
    assert done.found.reviewed.postings == 18
    assert done.found.reviewed.second > done.found.reviewed.first


def test_rows_with_another_office_say_what_it_was_and_by_which_words_it_changed(done) -> None:
    found = done.found.sheet
    active, candidate = (
        Tagger.load(model, done.models) for model in (done.active, done.found.candidate)
    )
    tags = {
        row.number: [tagger.tag([row.text], [row.title])[0] for tagger in (active, candidate)]
        for row in SHEET
    }
    assert found.changed == [
        row for row, (before, after) in tags.items() if before.office != after.office
    ]
    assert found.changed
    for change in found.changes:
        before, after = tags[change.row]
        assert (change.first, change.second) == (before.office, after.office)
        assert (change.p_first, change.p_second) == (before.p_front, after.p_front)
        pushed = {1 if weight > 0 else -1 for _, weight in change.words}
        assert pushed == {1 if after.p_front > before.p_front else -1}
    words = {word.casefold() for change in found.changes for word, _ in change.words}
    assert words & {"abbey", "hives", "gather", "honey", "tower", "covers", "shelves"}


def test_what_the_candidate_has_learned_from_is_marked_among_the_rows(done) -> None:
    marked = {change.row: change.reviewed for change in done.found.sheet.changes}
    assert [row for row, reviewed in marked.items() if reviewed] == [_REVIEWED]
    assert len(marked) > 1


def test_offices_are_counted_over_all_rows_those_without_a_model_too(done) -> None:
    found = done.found.sheet
    assert found.rows == sum(found.first.values()) == sum(found.second.values()) == len(SHEET)
    assert SHEET[-1].number not in found.changed


def test_everything_can_be_sent_as_json(done) -> None:
    found = json.loads(json.dumps(done.found.as_json()))
    assert found["candidate"] == done.found.candidate
    assert found["reviewed"]["postings"] == 18
    assert found["challenge"]["parts"]["all"]["differences"]["accuracy"]["low"] is not None
    assert found["sheet"]["changes"][0]["words"]


def test_it_tells_line_by_line_how_far_it_is(done) -> None:
    assert f"reading {done.corpus}, {done.reviews}" in done.told
    assert "training: 8 of 8 steps" in done.told
    assert done.told[-1] == f"stored as {done.found.candidate}"
    assert all(line and "\n" not in line for line in done.told)


def test_an_accepted_candidate_is_active_and_a_rollback_undoes_it(done, models) -> None:
    accept(models, done.found.candidate)
    assert active_id(models) == done.found.candidate
    assert rollback(models).model == done.active


def test_a_discarded_candidate_is_gone_and_cannot_be_accepted(done, models) -> None:
    assert discard(models, done.found.candidate)
    assert ids(models) == {done.active}
    with pytest.raises(ModelError, match=r"no such model|no model"):
        accept(models, done.found.candidate)


def test_a_candidate_that_has_been_active_is_not_discarded(done, models) -> None:
    accept(models, done.found.candidate)
    assert not discard(models, done.found.candidate)
    rollback(models)
    assert not discard(models, done.found.candidate)
    assert done.found.candidate in ids(models)


@pytest.mark.parametrize(
    ("front", "back", "said"),
    [
        (5, 4, "9 postings decided as front or back; review 10 at least before you retrain."),
        (12, 0, "all 12 postings are decided as front; review some of the other label, too,"
                " before you retrain."),
        (0, 11, "all 11 postings are decided as back; review some of the other label, too,"
                " before you retrain."),
    ],
)  # fmt: skip
def test_too_few_decisions_or_of_one_label_are_refused_before_any_work(
    done, tmp_path, front, back, said
) -> None:
    decided, told = reviews(tmp_path, front, back), []
    with pytest.raises(CorpusError) as refused:
        preview([done.corpus], [decided], done.models, say=told.append)
    assert str(refused.value) == f"{decided}: {said}"
    assert told == []


def test_a_folder_that_cannot_be_written_is_refused_before_any_work(done, tmp_path) -> None:
    (tmp_path / "models").write_text("a file")
    told: list[str] = []
    with pytest.raises(OutputError):
        preview([done.corpus], [done.reviews], tmp_path / "models", say=told.append)
    assert told == []


# In a process of its own.


def _work(arguments: tuple[Any, ...], ours: Connection) -> None:
    ours.send(preview(*arguments, say=ours.send).as_json())


def start(*arguments: Any) -> tuple[Any, Connection]:
    ours, theirs = multiprocessing.get_context("spawn").Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=_work, args=(arguments, theirs))
    process.start()
    theirs.close()
    return process, ours


def test_a_spawned_process_finds_the_same_and_tells_the_same(done, models) -> None:
    process, ours = start([done.corpus], [done.reviews], models, SHEET)
    told = []
    while not isinstance(said := ours.recv(), dict):
        told.append(said)
    process.join()
    assert process.exitcode == 0
    assert json.dumps(said) == json.dumps(done.found.as_json())
    assert told == done.told


@pytest.mark.parametrize("moment", ["training: 3 of 8 steps", "comparing both models on"])
def test_a_killed_process_leaves_nothing_and_the_next_one_is_not_hindered(
    done, models, moment
) -> None:
    discard(models, done.found.candidate)
    before = {str(path.relative_to(models)) for path in models.rglob("*")}
    process, ours = start([done.corpus], [done.reviews], models, SHEET)
    while moment not in ours.recv():
        pass
    process.kill()
    process.join()
    assert {str(path.relative_to(models)) for path in models.rglob("*")} == before
    assert active_id(models) == done.active
    with pytest.raises(ModelError):
        discard(models, done.found.candidate)
