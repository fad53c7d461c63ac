"""Reviews over HTTP, as the page's script asks for them."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from starlette.testclient import TestClient

from pipeline.posting import OutputError
from pipeline.review.store import ReviewStore, open_store
from pipeline.tables import open_table
from pipeline.text import clean
from pipeline.web import sheet_reviews
from pipeline.web.workplace import Workplace
from tests.models import save
from tests.pages import Page
from tests.postings import BACK, FRONT
from tests.web import client, small_app

# Markup that cleaning leaves, as it does not look like what postings are written in.
_HOSTILE = '"><svg/onload=alert(1)>'
_TITLES = ["Receptionist", _HOSTILE, "", "Operator", "Kokk"]
_TEXTS = [
    FRONT["en"],
    f"{BACK['en']} {_HOSTILE}<img src=x onerror=alert(2)>",
    FRONT["es"],
    BACK["no"],
    FRONT["no"],
]


class Reviewing:
    """A tagged sheet of five postings, on a server."""

    def __init__(self, client: TestClient, workplace: Workplace, id_: str) -> None:
        self.client, self.workplace, self.id = client, workplace, id_
        self.made = 0

    def get(self, path: str, reviewer: str = "Kari", status: int = 200) -> Any:
        answer = self.client.get(
            f"/sheets/{self.id}/reviews/{path}", params={"reviewer": reviewer} if reviewer else {}
        )
        assert answer.status_code == status, answer.text
        return answer.json()

    def post(self, path: str, status: int = 200, **body: object) -> Any:
        answer = self.client.post(f"/sheets/{self.id}/reviews/{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def decide(self, posting: str, decision: str = "front", reviewer: str = "Kari") -> str:
        self.made += 1
        mark = f"mark-{self.made:04}"
        self.post("decide", posting=posting, reviewer=reviewer, decision=decision, mark=mark)
        return mark

    def ids(self, reviewer: str = "Kari") -> list[str]:
        return list(self.get("queue", reviewer)["postings"])

    def export(self, kind: str, status: int = 200) -> Any:
        answer = self.client.get(f"/sheets/{self.id}/reviews/export", params={"kind": kind})
        assert answer.status_code == status, answer.text
        return answer


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, Workplace]]:
    """A server that all tests bring sheets of their own to."""
    with _served(tmp_path_factory.mktemp("serving")) as served:
        yield served


@pytest.fixture
def reviewing(serving: tuple[TestClient, Workplace]) -> Iterator[Reviewing]:
    asking, workplace = serving
    yield Reviewing(asking, workplace, _bring(asking, workplace))
    asking.cookies.clear()


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Reviewing]:
    """The same on a server of its own, whose models may be changed."""
    with _served(tmp_path) as (asking, workplace):
        yield Reviewing(asking, workplace, _bring(asking, workplace))


@contextmanager
def _served(folder: Path) -> Iterator[tuple[TestClient, Workplace]]:
    app = small_app(folder)
    with client(app) as asking:
        yield asking, app.state.workplace


def _bring(asking: TestClient, workplace: Workplace) -> str:
    file = io.StringIO(newline="")
    csv.writer(file).writerows([("title", "text"), *zip(_TITLES, _TEXTS, strict=True)])
    answer = asking.post("/sheets", content=file.getvalue(), headers={"x-name": "jobs.csv"})
    id_ = str(answer.json()["id"])
    _wait(workplace, id_)
    return id_


def _wait(workplace: Workplace, id_: str) -> None:
    for _ in range(600):
        sheet = workplace.sheets.get(id_)
        assert sheet is not None
        assert sheet.state != "failed", sheet.error
        if sheet.state == "tagged":
            return
        time.sleep(0.05)
    pytest.fail("the sheet is not tagged")


def test_a_posting_is_told_with_its_tag_its_evidence_and_its_row(reviewing: Reviewing) -> None:
    found = [reviewing.get(f"postings/{each}") for each in reviewing.ids()]
    assert sorted(row for each in found for row in each["rows"]) == [2, 3, 4, 5, 6]
    for each in found:
        row = each["rows"][0] - 2
        assert "".join(text for text, _, _ in each["title"]) == clean(_TITLES[row])
        lines = ("".join(text for text, _, _ in line["pieces"]) for line in each["lines"])
        assert " ".join(lines) == " ".join(clean(_TEXTS[row]).split())
        offices = {office for line in each["lines"] for _, office, _ in line["pieces"]}
        assert offices <= {"front", "back", ""}
        assert each["tag"]["model"] == each["marks_of"]
        assert each["mine"] is None
    titles = {"".join(text for text, _, _ in each["title"]) for each in found}
    assert _HOSTILE in titles  # as text: the page never makes markup of it


def test_a_decision_is_kept_counts_and_leaves_the_queue(reviewing: Reviewing) -> None:
    first, *others = reviewing.ids()
    reviewing.decide(first, "back")
    assert reviewing.ids() == others
    assert reviewing.get("progress")["decided"] == 1
    assert reviewing.get(f"postings/{first}")["mine"]["decision"] == "back"
    (told,) = reviewing.get("decisions")
    assert (told["posting"], told["decision"]) == (first, "back")
    assert told["rows"] == reviewing.get(f"postings/{first}")["rows"]


def test_a_decision_that_is_sent_again_counts_once_even_after_it_was_taken_back(
    reviewing: Reviewing,
) -> None:
    posting = reviewing.ids()[0]
    body = {"posting": posting, "reviewer": "Kari", "decision": "front", "mark": "mark-0000"}
    answers = [reviewing.post("decide", **body) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert len(reviewing.get("decisions")) == 1
    for _ in range(2):
        taken_back = reviewing.post("undo", reviewer="Kari", mark="mark-0000")
        assert taken_back["posting"] == posting
    reviewing.post("decide", **body)
    assert reviewing.get("decisions") == []
    assert posting in reviewing.ids()


def test_a_mark_is_of_one_decision_alone(reviewing: Reviewing) -> None:
    one, other, *_ = reviewing.ids()
    mark = reviewing.decide(one)
    body = {"posting": other, "reviewer": "Kari", "decision": "front", "mark": mark}
    assert "mark" in reviewing.post("decide", 400, **body)["error"]
    assert [each["posting"] for each in reviewing.get("decisions")] == [one]


def test_undoing_a_change_brings_back_what_was_said_before(reviewing: Reviewing) -> None:
    posting = reviewing.ids()[0]
    reviewing.decide(posting, "front")
    mark = reviewing.decide(posting, "unsure")
    assert reviewing.get(f"postings/{posting}")["mine"]["decision"] == "unsure"
    reviewing.post("undo", reviewer="Kari", mark=mark)
    assert reviewing.get(f"postings/{posting}")["mine"]["decision"] == "front"


def test_nobody_takes_back_what_another_said(reviewing: Reviewing) -> None:
    mark = reviewing.decide(reviewing.ids()[0])
    assert "no such decision" in reviewing.post("undo", 404, reviewer="Ola", mark=mark)["error"]
    assert len(reviewing.get("decisions")) == 1


def test_what_others_said_is_told_to_those_who_have_decided(reviewing: Reviewing) -> None:
    posting = reviewing.ids()[0]
    reviewing.decide(posting, "front", "Kari")
    before = reviewing.get(f"postings/{posting}", "Ola")
    assert (before["mine"], before["others"]) == (None, [])
    mark = reviewing.decide(posting, "back", "Ola")
    assert reviewing.get(f"postings/{posting}", "Ola")["others"] == [
        {"reviewer": "Kari", "decision": "front"}
    ]
    reviewing.post("undo", reviewer="Ola", mark=mark)
    assert reviewing.get(f"postings/{posting}", "Ola")["others"] == []


def test_agreement_is_told_by_pairs_with_what_it_means(reviewing: Reviewing) -> None:
    assert reviewing.get("agreement", "")["pairs"] == []
    for at, posting in enumerate(reviewing.ids()):
        reviewing.decide(posting, "front" if at % 2 else "back", "Kari")
        said = "unsure" if at == 4 else "front" if at % 2 or at == 0 else "back"
        reviewing.decide(posting, said, "Ola")
    told = reviewing.get("agreement", "")
    (pair,) = told["pairs"]
    assert (pair["reviewers"], pair["both"], pair["unsure"]) == (["Kari", "Ola"], 4, 1)
    assert (pair["same"], pair["kappa"]["value"]) == (0.75, pytest.approx(0.5))
    assert pair["judgement"] == "moderate"
    assert (told["agreed"], told["conflicts"]) == (4, 1)


def test_corrections_are_saved_as_a_file_that_training_reads(reviewing: Reviewing) -> None:
    told = reviewing.export("jsonl", 409).json()["error"]
    assert told == "There is nothing yet on which those who decided agree."
    one, other, *_ = reviewing.ids()
    reviewing.decide(one, "back")
    reviewing.decide(other, "unsure")
    answer = reviewing.export("jsonl")
    assert "jobs-corrections.jsonl" in answer.headers["content-disposition"]
    (row,) = map(json.loads, answer.text.splitlines())
    assert (row["label"], row["reviewers"]) == ("back", "Kari")


def test_corrections_are_saved_as_a_workbook(reviewing: Reviewing, tmp_path: Path) -> None:
    for posting in reviewing.ids():
        reviewing.decide(posting)
    book = tmp_path / "corrections.xlsx"
    book.write_bytes(reviewing.export("xlsx").content)
    reader = open_table(book)
    assert reader.rows == 5
    assert reader.schema.names[:3] == ["title", "text", "label"]


def test_many_reviewers_decide_at_once_and_nothing_is_lost(reviewing: Reviewing) -> None:
    postings = reviewing.ids()
    pairs = [(name, posting) for name in ("Ana", "Kari", "Ola") for posting in postings]

    def decide(pair: tuple[str, str]) -> int:
        name, posting = pair
        body = {"posting": posting, "reviewer": name, "decision": "back"}
        body["mark"] = f"{name}-{posting}"[:64]
        path = f"/sheets/{reviewing.id}/reviews/decide"
        return reviewing.client.post(path, json=body).status_code

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(decide, pairs * 2)) == {200}
    for name in ("Ana", "Kari", "Ola"):
        assert len(reviewing.get("decisions", name)) == len(postings)


def test_a_sheet_that_is_tagged_by_another_model_keeps_its_decisions(alone: Reviewing) -> None:
    posting = alone.ids()[0]
    before = alone.get(f"postings/{posting}")["tag"]["model"]
    alone.decide(posting, "back")
    after = save(alone.workplace.models, 2)
    alone.client.post(f"/sheets/{alone.id}/tag", json={})
    _wait(alone.workplace, alone.id)
    told = alone.get(f"postings/{posting}")
    assert before != told["tag"]["model"] == told["marks_of"] == after
    assert told["mine"]["decision"] == "back"


def test_the_marks_are_those_of_the_model_that_tagged_as_long_as_it_is_there(
    alone: Reviewing,
) -> None:
    posting = alone.ids()[0]
    tagged_by = alone.get(f"postings/{posting}")["tag"]["model"]
    save(alone.workplace.models, 2)
    assert alone.get(f"postings/{posting}")["marks_of"] == tagged_by
    (alone.workplace.models / tagged_by / "model.joblib").unlink()
    alone.workplace.reviews._tagger = None  # as in a server that was started since
    told = alone.get(f"postings/{posting}")
    assert told["tag"]["model"] == tagged_by != told["marks_of"]


def test_a_sheet_that_waits_leads_to_its_own_page_and_has_no_reviews(reviewing: Reviewing) -> None:
    sheet = reviewing.workplace.sheets.get(reviewing.id)
    assert sheet is not None
    sheet.state = "waiting"
    reviewing.workplace.sheets.save(sheet)
    answer = reviewing.client.get(f"/sheets/{sheet.id}/review")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sheets/{sheet.id}")
    assert "not tagged yet" in reviewing.get("queue", status=409)["error"]


def test_the_file_of_reviews_is_let_go_of_between_two_requests(reviewing: Reviewing) -> None:
    reviewing.decide(reviewing.ids()[0])
    sheet = reviewing.workplace.sheets.get(reviewing.id)
    assert sheet is not None
    names = [path.name for path in sheet.home.iterdir() if "reviews" in path.name]
    assert names == ["reviews.sqlite"]  # its log is folded in
    assert reviewing.client.delete(f"/sheets/{reviewing.id}").status_code == 204
    reviewing.get("queue", status=404)


def test_a_large_sheet_is_put_in_order_while_one_is_told_to_ask_again(
    reviewing: Reviewing, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_fill = Event()
    fill = ReviewStore.fill

    def slowly(self: ReviewStore, *rows: Any) -> int:
        may_fill.wait(10)
        return fill(self, *rows)

    monkeypatch.setattr(ReviewStore, "fill", slowly)
    monkeypatch.setattr(sheet_reviews, "PATIENCE_SECONDS", 0.05)
    answer = reviewing.client.get(f"/sheets/{reviewing.id}/reviews/progress?reviewer=Kari")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    may_fill.set()
    monkeypatch.setattr(sheet_reviews, "PATIENCE_SECONDS", 10)
    assert reviewing.get("progress")["asked"] == 5


def test_reviews_that_could_not_be_filled_are_when_they_can(
    reviewing: Reviewing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OutputError("reviews.sqlite: the disk is full; make room and try again.")

    with monkeypatch.context() as patched:
        patched.setattr(ReviewStore, "fill", full)
        assert "the disk is full" in reviewing.get("queue", status=500)["error"]
    assert len(reviewing.ids()) == 5


@pytest.mark.parametrize("path", ["queue", "progress", "decisions", "agreement", "postings/p1"])
def test_a_sheet_that_is_not_there_is_told(reviewing: Reviewing, path: str) -> None:
    reviewing.id = "A" * 22
    assert "no such sheet" in reviewing.get(path, status=404)["error"]


@pytest.mark.parametrize("posting", ["p0000000000000000", "../..", "' OR 1=1 --", "ÿ" * 64])
def test_a_posting_that_is_not_there_is_told(reviewing: Reviewing, posting: str) -> None:
    body = {"posting": posting, "reviewer": "Kari", "decision": "front", "mark": "mark-0000"}
    assert reviewing.post("decide", 404, **body)["error"] == (
        "There is no such posting in this sheet any more; open the page anew."
    )
    assert reviewing.get("decisions") == []


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"decision": "perhaps"}, "body.decision"),
        ({"decision": ["front"]}, "body.decision"),
        ({"reviewer": " "}, "body.reviewer"),
        ({"reviewer": "x" * 101}, "body.reviewer"),
        ({"reviewer": "Ka\nri"}, "body.reviewer"),
        ({"reviewer": "irak\u202e"}, "body.reviewer"),
        ({"reviewer": None}, "body.reviewer"),
        ({"mark": "short"}, "body.mark"),
        ({"mark": "mark 0000"}, "body.mark"),
        ({"posting": "p" * 65}, "body.posting"),
    ],
)
def test_what_is_no_decision_is_refused_and_not_repeated(
    reviewing: Reviewing, changed: dict[str, object], where: str
) -> None:
    body = {
        "posting": reviewing.ids()[0],
        "reviewer": "Kari",
        "decision": "front",
        "mark": "mark-0000",
    }
    told = reviewing.post("decide", 422, **body | changed)["error"]
    assert told.startswith(f"{where}: ")
    assert "perhaps" not in told
    assert reviewing.get("decisions") == []


@pytest.mark.parametrize("name", ["", "x" * 101, "Ka\x00ri", "\u200b"])
def test_a_name_that_is_none_is_refused(reviewing: Reviewing, name: str) -> None:
    path = f"/sheets/{reviewing.id}/reviews/queue"
    answer = reviewing.client.get(path, params={"reviewer": name})
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("query.reviewer: a name has 1 to 100 letters")


def test_what_cannot_be_written_now_may_be_sent_again(
    reviewing: Reviewing, monkeypatch: pytest.MonkeyPatch
) -> None:
    posting = reviewing.ids()[0]

    def full(*_: object) -> None:
        raise OutputError("reviews.sqlite: the disk is full; make room and try again.")

    body = {"posting": posting, "reviewer": "Kari", "decision": "front", "mark": "mark-0000"}
    with monkeypatch.context() as patched:
        patched.setattr(ReviewStore, "decide", full)
        assert "the disk is full" in reviewing.post("decide", 500, **body)["error"]
    reviewing.post("decide", **body)
    assert len(reviewing.get("decisions")) == 1


def test_one_who_removes_the_file_of_reviews_begins_again(reviewing: Reviewing) -> None:
    reviewing.decide(reviewing.ids()[0])
    sheet = reviewing.workplace.sheets.get(reviewing.id)
    assert sheet is not None
    sheet.reviews.unlink()
    assert len(reviewing.ids()) == 5


def test_a_tagged_file_that_is_gone_is_told(reviewing: Reviewing) -> None:
    sheet = reviewing.workplace.sheets.get(reviewing.id)
    assert sheet is not None
    sheet.tagged.unlink()
    assert "not tagged" in reviewing.get("queue", status=409)["error"]


def test_reviews_that_are_damaged_are_told_in_one_sentence(reviewing: Reviewing) -> None:
    sheet = reviewing.workplace.sheets.get(reviewing.id)
    assert sheet is not None
    sheet.reviews.write_text("no database", encoding="utf-8")
    told = reviewing.get("queue", status=400)["error"]
    assert told.endswith(".")
    assert "reviews.sqlite" in told


def test_what_was_decided_stands_in_a_file_that_others_can_open(reviewing: Reviewing) -> None:
    posting = reviewing.ids()[0]
    reviewing.decide(posting, "unsure", "Bjørn Ærlig")
    sheet = reviewing.workplace.sheets.get(reviewing.id)
    assert sheet is not None
    with open_store(sheet.reviews) as store:
        (made,) = store.decisions()
    assert (made.posting, made.reviewer, made.decision) == (posting, "Bjørn Ærlig", "unsure")


def test_the_page_asks_who_reviews_and_remembers_it(reviewing: Reviewing) -> None:
    address = f"/sheets/{reviewing.id}/review"
    asked = reviewing.client.get(address)
    assert 'name="reviewer"' in asked.text
    assert "review.js" not in asked.text
    assert "Kari" not in reviewing.client.get(address).text
    reviewing.client.get(address, params={"reviewer": " Kåre «Ku» Nordmann "})
    again = Page(reviewing.client.get(address).text)
    (told,) = [attributes for _, attributes in again.tags if "data-reviewer" in attributes]
    assert told["data-reviewer"] == "Kåre «Ku» Nordmann"


@pytest.mark.parametrize("name", ["x" * 101, "a\nb", "\u202eirak"])
def test_the_page_asks_again_where_a_name_is_none(reviewing: Reviewing, name: str) -> None:
    answer = reviewing.client.get(f"/sheets/{reviewing.id}/review", params={"reviewer": name})
    assert answer.status_code == 200
    assert "review.js" not in answer.text
    assert "frontback_reviewer" not in reviewing.client.cookies


def test_a_name_full_of_markup_is_text_on_the_page(reviewing: Reviewing) -> None:
    name = '"><script>alert(1)</script>'
    answer = reviewing.client.get(f"/sheets/{reviewing.id}/review", params={"reviewer": name})
    page = Page(answer.text)
    scripts = [attributes for tag, attributes in page.tags if tag == "script"]
    assert all("src" in each or each["type"] == "application/json" for each in scripts)
    assert name in page.text


@pytest.mark.parametrize("code", ["es", "no"])
def test_the_page_is_there_in_each_language(reviewing: Reviewing, code: str) -> None:
    answer = reviewing.client.get(
        f"/sheets/{reviewing.id}/review",
        params={"reviewer": "Kari"},
        headers={"accept-language": code},
    )
    assert f'<html lang="{code}">' in answer.text
    assert {"es": "Lo que ha decidido", "no": "Det du har avgjort"}[code] in answer.text
