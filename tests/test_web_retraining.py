"""Training on what was decided on a sheet, through the page."""

from __future__ import annotations

import csv
import errno
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from pipeline import retraining
from pipeline.active import active_id
from pipeline.places import own_corpus_folder
from pipeline.posting import Posting
from pipeline.review.own_corpus import REVIEWED
from pipeline.review.store import SheetRow, open_store
from pipeline.training import train
from pipeline.versions import rollback
from pipeline.web import candidate
from pipeline.web.app import make_app
from pipeline.web.candidate import Asked, Candidates
from pipeline.web.retraining_pages import verdict
from pipeline.web.sheet import Sheet
from pipeline.web.workplace import Workplace
from tests.conftest import write_small_corpus

_FRONT = "You greet guests {}, answer their questions at the desk and take their bookings."
_BACK = "You keep the ledger {}, post invoices, reconcile accounts and close each month."


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small corpus with a model of it beside it."""
    folder = tmp_path_factory.mktemp("tiny")
    train([write_small_corpus(folder / "corpus")], folder / "models")
    return folder


class Site(NamedTuple):
    """A server without a network, and the sheet on it."""

    client: TestClient
    workplace: Workplace
    sheet: Sheet
    held: Path

    @property
    def address(self) -> str:
        return f"/sheets/{self.sheet.id}/retrain"

    def decide(self, labels: list[str]) -> None:
        """Decide on the first rows of the sheet."""
        tagger = self.workplace.tagger()
        texts = _texts()
        rows = [
            SheetRow(row + 2, Posting("", text), tag)
            for row, (text, tag) in enumerate(zip(texts, tagger.tag(texts), strict=True))
        ]
        with open_store(self.sheet.reviews) as store:
            store.fill(rows, 0.1)
            by_text = {store.posting(each).posting.text: each for each in store.queue("kari")}
            for text, label in zip(texts, labels, strict=False):
                store.decide(by_text[text], "kari", label)

    def ended(self) -> str:
        """Return what became of the training."""
        for _ in range(600):
            state = str(self.client.get(f"{self.address}/state").json()["state"])
            if state != "training":
                return state
            time.sleep(0.1)
        raise TimeoutError


def _texts() -> list[str]:
    places = ("on Monday", "in Bergen", "at night", "with care", "in teams", "by rota", "in June")
    return [text.format(place) for place in places for text in (_FRONT, _BACK)]


@pytest.fixture
def site(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    held = tmp_path / "held"
    held.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(held))
    models = tmp_path / "models"
    shutil.copytree(tiny / "models", models)
    workplace = Workplace(tmp_path / "sheets", models)
    workplace.candidates = Candidates(models, tiny / "corpus")
    app = make_app(workplace, frozenset({"testserver"}))
    with TestClient(app) as client:
        sheet_file = tmp_path / "sheet.csv"
        with sheet_file.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["title", "text"], *(["", text] for text in _texts())])
        sent = client.post("/sheets", content=sheet_file.read_bytes(), headers={"x-name": "a.csv"})
        sheet = workplace.sheets.get(sent.json()["id"])
        assert sheet
        yield Site(client, workplace, sheet, held)


def test_a_model_that_learned_from_the_decisions_tags_only_once_it_is_chosen(site: Site) -> None:
    site.decide(["front", "back"] * 6)
    before = active_id(site.workplace.models)
    assert site.client.post(site.address).status_code == 202
    assert site.ended() == "trained"
    assert active_id(site.workplace.models) == before
    page = site.client.get(site.address).text
    assert "of 14 rows would get another answer" in page
    used = site.client.post(f"{site.address}/use").json()["model"]
    assert used.startswith("reviewed-")
    assert active_id(site.workplace.models) == used == site.workplace.tagger().model
    assert len((own_corpus_folder() / REVIEWED).read_text("utf-8").splitlines()) == 12
    page = site.client.get(site.address).text
    assert f"{used} tags from now on" in page
    assert 'id="train"' in page
    rollback(site.workplace.models)
    assert f"{used} tags" not in site.client.get(site.address).text
    assert not list(site.held.iterdir())


def test_nothing_can_be_trained_on_where_nothing_was_decided(site: Site) -> None:
    page = site.client.get(site.address).text
    assert "0 front, 0 back" in page
    assert 'id="train"' not in page


def test_a_discarded_model_is_gone_and_nothing_was_kept_of_its_decisions(site: Site) -> None:
    site.decide(["front", "back"] * 6)
    before = sorted(each.name for each in site.workplace.models.iterdir() if each.is_dir())
    site.client.post(site.address)
    assert site.ended() == "trained"
    assert site.client.delete(site.address).status_code == 204
    assert sorted(e.name for e in site.workplace.models.iterdir() if e.is_dir()) == before
    assert not own_corpus_folder().exists()
    assert site.client.post(f"{site.address}/use").status_code == 409


def test_a_training_that_is_stopped_leaves_nothing(site: Site) -> None:
    site.decide(["front", "back"] * 6)
    before = sorted(each.name for each in site.workplace.models.iterdir() if each.is_dir())
    site.client.post(site.address)
    assert site.client.post(site.address).status_code == 409
    assert site.client.delete(site.address).status_code == 204
    assert site.ended() == "none"
    _until(lambda: not list(site.held.iterdir()))
    assert sorted(e.name for e in site.workplace.models.iterdir() if e.is_dir()) == before


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (["front", "back"], "2 postings decided as front or back; review 10 at least"),
        (["unsure"] * 12, "nobody has decided front or back"),
        (["front"] * 14, "all 14 postings are decided as front"),
    ],
)
def test_too_little_to_learn_from_is_said_in_a_sentence(
    site: Site, labels: list[str], sentence: str
) -> None:
    site.decide(labels)
    site.client.post(site.address)
    assert site.ended() == "failed"
    page = site.client.get(site.address).text
    assert sentence in page
    assert str(site.workplace.folder) not in page


def test_a_process_that_is_killed_is_told(site: Site) -> None:
    site.decide(["front", "back"] * 6)
    site.client.post(site.address)
    killed: Any = site.workplace.candidates._process
    killed.kill()
    assert site.ended() == "failed"
    assert "ended before it was done" in site.client.get(site.address).text


def test_decisions_of_an_earlier_sheet_count_in_a_later_training(site: Site) -> None:
    own = own_corpus_folder() / REVIEWED
    own.parent.mkdir(parents=True)
    own.write_text(
        '{"title": "", "text": "You serve patients at the counter and book their visits.",'
        ' "label": "front", "language": "en"}\n',
        encoding="utf-8",
    )
    site.decide(["front", "back"] * 6)
    site.client.post(site.address)
    assert site.ended() == "trained"
    sheet = site.workplace.sheets.get(site.sheet.id)
    assert sheet
    preview = site.workplace.candidates.of(sheet).preview
    assert preview["decisions"] == {"front": 7, "back": 6}
    assert len(own.read_text("utf-8").splitlines()) == 1


def test_a_sheet_that_is_removed_takes_its_training_with_it(site: Site) -> None:
    site.decide(["front", "back"] * 6)
    site.client.post(site.address)
    assert site.client.delete(f"/sheets/{site.sheet.id}").status_code == 204
    assert site.workplace.candidates.of(site.sheet).state == "none"
    assert not list(site.held.iterdir())


def test_a_server_that_ends_leaves_nothing_of_a_training(site: Site) -> None:
    site.decide(["front", "back"] * 6)
    site.client.post(site.address)
    site.workplace.candidates.stop()
    assert not list(site.held.iterdir())


def _asked(site: Site, source: Path) -> Asked:
    places = site.sheet.reviews, site.workplace.models, source.parent, site.held
    return Asked("jobs", source, {}, *places)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ValueError("Ring Kari på 99999999"), "the training failed (ValueError); this is a fault"),
        (OSError(errno.ENOSPC, "full"), "jobs: not trained on, the disk is full"),
    ],
)
def test_a_fault_is_told_without_what_stands_in_a_posting(
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    sentence: str,
) -> None:
    def fails(*arguments: object) -> None:
        raise error

    site.decide(["front", "back"] * 6)
    monkeypatch.setattr(retraining, "preview", fails)
    state, said = candidate._trained(_asked(site, site.sheet.source))
    assert state == "failed"
    assert said.startswith(sentence)
    assert "Kari" not in said + caplog.text


def test_a_sheet_with_bytes_that_are_no_text_is_compared_as_well(
    site: Site, tmp_path: Path
) -> None:
    texts = pa.array([b"You greet guests at the caf\xe9", b"You keep the ledger"], pa.binary())
    sheet = tmp_path / "jobs.parquet"
    pq.write_table(pa.table({"text": texts.view(pa.string())}), sheet)
    rows = list(candidate._rows(_asked(site, sheet)))
    assert [row.text for row in rows] == [
        "You greet guests at the caf\N{REPLACEMENT CHARACTER}",
        "You keep the ledger",
    ]


def _until(holds: Callable[[], bool]) -> None:
    for _ in range(100):
        if holds():
            return
        time.sleep(0.05)
    raise TimeoutError


def _part(only_first: int, only_second: int, p_value: float) -> dict[str, Any]:
    return {"only_first": only_first, "only_second": only_second, "p_value": p_value}


@pytest.mark.parametrize(
    ("hard", "reviewed", "said"),
    [
        (_part(2, 20, 0.001), _part(1, 2, 0.9), "better"),
        (_part(3, 4, 0.9), _part(0, 12, 0.001), "same"),
        (_part(2, 20, 0.001), _part(12, 0, 0.001), "worse"),
        (_part(20, 2, 0.001), None, "worse"),
        (_part(3, 2, 0.9), None, "same"),
    ],
)
def test_postings_that_were_chosen_for_their_doubt_do_not_make_a_model_better(
    hard: dict[str, Any], reviewed: dict[str, Any] | None, said: str
) -> None:
    assert verdict({"challenge": {"parts": {"all": hard}}, "reviewed": reviewed}) == said
