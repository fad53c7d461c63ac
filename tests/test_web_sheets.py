"""Sheets on the page: in, tagged, out, and gone; over HTTP, without a browser."""

from __future__ import annotations

import asyncio
import csv
import errno
import io
import json
import logging
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, unquote

import pyarrow as pa
import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from pipeline.annotate import tags_by
from pipeline.batch import run
from pipeline.cli import main
from pipeline.job import prepare
from pipeline.model_folder import write_whole
from pipeline.posting import InputError, OutputError
from pipeline.tagger import Tagger
from pipeline.web import sheet_pages, sheet_report, sheet_work
from pipeline.web.app import make_app
from pipeline.web.limits import Limits
from pipeline.web.sheet import Sheet
from pipeline.web.sheet_pages import attachment
from pipeline.web.sheet_work import Work
from pipeline.web.sheets import Sheets
from pipeline.web.workplace import Workplace
from tests.conftest import SAMPLES, Result
from tests.models import refused, save
from tests.pages import Page
from tests.postings import BACK, FRONT

_HOSTS = frozenset({"testserver"})


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    save(tmp_path / "models", 0)
    return Workplace(tmp_path / "sheets", tmp_path / "models")


@pytest.fixture
def client(workplace: Workplace) -> Iterator[TestClient]:
    """A server with its work going on."""
    with TestClient(make_app(workplace, _HOSTS)) as client:
        yield client


@pytest.fixture
def idle(workplace: Workplace) -> TestClient:
    """A server that takes sheets and tags none."""
    return TestClient(make_app(workplace, _HOSTS, limits=Limits(file=100_000)))


def _inside(workplace: Workplace) -> list[str]:
    return [path.name for path in workplace.folder.iterdir()]


def _table(*texts: str, names: tuple[str, str] = ("title", "text")) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file).writerows([names, *(("", text) for text in texts)])
    return file.getvalue().encode()


def _bring(client: TestClient, content: bytes, name: str = "jobs.csv") -> str:
    answer = client.post("/sheets", content=content, headers={"x-name": quote(name)})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def _until(happens: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.01)


def _finished(client: TestClient, id_: str) -> dict:
    def state() -> dict:
        return client.get(f"/sheets/{id_}/state").json()

    _until(lambda: state()["state"] in ("tagged", "failed"))
    return state()


@pytest.mark.parametrize("name", ["ofertas.csv", "stillinger.xlsx"])
def test_a_sheet_comes_back_as_batch_writes_it(
    client: TestClient, workplace: Workplace, tmp_path: Path, name: str
) -> None:
    id_ = _bring(client, (SAMPLES / name).read_bytes(), name)
    state = _finished(client, id_)
    output = tmp_path / name
    summary = run(prepare(SAMPLES / name, output), tags_by(workplace.tagger()))
    assert client.get(f"/sheets/{id_}/download").content == output.read_bytes()
    assert (state["state"], state["rows"]) == ("tagged", summary.rows)
    assert state["counts"]["office"] == {
        office: summary.counts["office"][office] for office in ("front", "back", "review")
    }


def test_the_page_of_a_sheet_says_what_came_of_it(client: TestClient) -> None:
    id_ = _bring(client, _table(FRONT["en"], "", BACK["no"]), "jobs.csv")
    state = _finished(client, id_)
    page = Page(client.get(f"/sheets/{id_}", headers={"accept-language": "nb"}).text)
    shown = re.sub(r"\s+", " ", page.text)
    assert state["problems"] == 1
    assert "Merkede rader: 3; med modellen" in shown
    assert "Rad Hva som er galt 3 uten tekst" in shown
    assert "Tekst: kolonnen «text»" in shown
    assert "jobs.csv" in Page(client.get("/").text).text


def test_nothing_of_a_name_is_taken_for_a_path_or_for_markup(
    client: TestClient, workplace: Workplace
) -> None:
    name = "../../etc/<script>alert(1)</script>\u202e\r\nx.csv"
    id_ = _bring(client, _table(FRONT["en"]), name)
    _finished(client, id_)
    home = workplace.folder / id_
    assert {path.name for path in home.rglob("*")} <= {
        "known.json", "lock", "sheet.csv", "tagged",
    }  # fmt: skip
    assert _inside(workplace) == [id_]
    for page in ("/", f"/sheets/{id_}"):
        assert "<script>alert" not in client.get(page).text
    assert client.get(f"/sheets/{id_}/state").json()["name"] == "script>x.csv"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_a_file_is_offered_by_its_whole_name_in_a_header_of_one_line(name: str) -> None:
    header = attachment(name)
    assert header.isascii()
    assert header.isprintable()
    plain, extended = re.fullmatch(
        r"attachment; filename=\"([^\"]*)\"; filename\*=UTF-8''(\S*)", header
    ).groups()
    assert unquote(extended) == name
    assert not set(plain) & set('"\\/%\r\n')


def test_a_download_says_in_the_readers_language_that_it_is_tagged(client: TestClient) -> None:
    id_ = _bring(client, _table(FRONT["es"]), 'Año "24".csv')
    _finished(client, id_)
    client.cookies.set("frontback_language", "es")
    header = client.get(f"/sheets/{id_}/download").headers["content-disposition"]
    assert unquote(header.partition("UTF-8''")[2]) == 'Año "24"-etiquetada.csv'


def test_a_report_is_shown_where_it_may_do_nothing_and_is_kept_in_the_readers_language(
    client: TestClient,
) -> None:
    id_ = _bring(client, _table(FRONT["no"], "<script>alert(1)</script>"), "søk.csv")
    _finished(client, id_)
    client.cookies.set("frontback_language", "no")
    shown = client.get(f"/sheets/{id_}/report")
    policy = shown.headers["content-security-policy"]
    assert {"default-src 'none'", "sandbox"} <= set(policy.split("; "))
    assert '<html lang="no">' in shown.text
    assert "søk.csv" in Page(shown.text).text
    assert "<script" not in shown.text
    kept = client.get(f"/sheets/{id_}/report?download=true")
    assert kept.content == shown.content
    assert unquote(kept.headers["content-disposition"]).endswith("søk-rapport.html")
    client.cookies.set("frontback_language", "es")
    assert '<html lang="es">' in client.get(f"/sheets/{id_}/report").text


def test_a_report_that_takes_long_comes_by_itself(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = _bring(client, _table(FRONT["en"]))
    _finished(client, id_)
    monkeypatch.setattr(sheet_report, "PATIENCE", 0.0)
    waiting = client.get(f"/sheets/{id_}/report")
    assert (waiting.status_code, waiting.headers["refresh"]) == (202, "3")
    assert "The report is being written" in waiting.text
    _until(lambda: client.get(f"/sheets/{id_}/report").status_code == 200)


def test_a_report_is_on_the_tags_of_now(client: TestClient, workplace: Workplace) -> None:
    id_ = _bring(client, _table(FRONT["en"]))
    before = _finished(client, id_)["model"]
    assert before in client.get(f"/sheets/{id_}/report").text
    other = save(workplace.models, 1)
    client.post(f"/sheets/{id_}/tag", json={})
    assert client.get(f"/sheets/{id_}/report").status_code in (200, 409)
    _finished(client, id_)
    assert other in client.get(f"/sheets/{id_}/report").text


def test_a_file_that_is_no_table_is_refused_as_batch_refuses_it(
    idle: TestClient, workplace: Workplace
) -> None:
    answer = idle.post("/sheets", content=b"%PDF", headers={"x-name": "cv.pdf"})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("cv.pdf: a .pdf is no table that is read here; use")
    assert not workplace.folder.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("jobs.xlsx", b"PK\x03\x04 no workbook"),
        ("jobs.csv", b""),
        ("jobs.csv.gz", b"not packed"),
        ("jobs.csv", b"a,b\n1,2\n"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_as_batch_says_it(
    client: TestClient, tmp_path: Path, name: str, content: bytes
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(InputError) as said:
        prepare(file, tmp_path / f"out-{name}", name=Path(name))
    id_ = _bring(client, content, name)
    assert _finished(client, id_)["error"] == str(said.value)
    assert str(said.value) in re.sub(r"\s+", " ", Page(client.get(f"/sheets/{id_}").text).text)
    assert client.get(f"/sheets/{id_}/download").status_code == 409


def test_a_sheet_is_tagged_again_by_the_columns_that_its_user_names(client: TestClient) -> None:
    id_ = _bring(client, _table(FRONT["en"], names=("Ref", "Blurb")))
    assert "--text-column" in _finished(client, id_)["error"]
    again = client.post(f"/sheets/{id_}/tag", json={"text_column": " Blurb "})
    assert again.status_code == 202
    state = _finished(client, id_)
    assert (state["state"], state["columns"]) == ("tagged", {"text": "Blurb"})
    assert client.post(f"/sheets/{id_}/tag", json={"columns": "Blurb"}).status_code == 422


def test_a_sheet_says_that_another_model_is_in_use_and_is_tagged_again_by_it(
    client: TestClient, workplace: Workplace
) -> None:
    id_ = _bring(client, _table(FRONT["en"]))
    before = _finished(client, id_)["model"]
    assert 'id="again"' not in client.get(f"/sheets/{id_}").text
    other = save(workplace.models, 1)
    assert other != before
    assert f"Another model is in use by now: {other}." in client.get(f"/sheets/{id_}").text
    client.post(f"/sheets/{id_}/tag", json={})
    assert _finished(client, id_)["model"] == other


def test_a_sheet_that_is_being_tagged_is_not_tagged_again(idle: TestClient) -> None:
    id_ = _bring(idle, _table(FRONT["en"]))
    answer = idle.post(f"/sheets/{id_}/tag", json={})
    assert answer.status_code == 409
    assert answer.json() == {"error": "jobs.csv: is being tagged; wait for its end."}


def test_an_upload_that_breaks_off_leaves_nothing(workplace: Workplace) -> None:
    app = make_app(workplace, _HOSTS)
    messages = [
        {"type": "http.request", "body": b"title,text\n,half a", "more_body": True},
        {"type": "http.disconnect"},
    ]
    arrived = []

    async def receive() -> dict:
        arrived.extend(path.name for path in workplace.folder.rglob("sheet.csv"))
        return messages.pop(0)

    async def send(message: dict) -> None:
        pass

    scope = {
        "type": "http", "method": "POST", "path": "/sheets", "query_string": b"",
        "headers": [(b"host", b"testserver"), (b"x-name", b"jobs.csv")],
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    assert not messages
    assert arrived == ["sheet.csv", "sheet.csv"]
    assert _inside(workplace) == []


def test_a_file_that_is_too_large_leaves_nothing(idle: TestClient, workplace: Workplace) -> None:
    def pieces() -> Iterator[bytes]:
        yield from [b"x" * 60_000] * 2

    answer = idle.post("/sheets", content=pieces(), headers={"x-name": "jobs.csv"})
    assert answer.status_code == 413
    assert _inside(workplace) == []


def test_a_full_disk_is_said_and_leaves_nothing(
    idle: TestClient, workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sheet_pages.run_in_threadpool

    async def full(function: Callable, *arguments: object) -> object:
        if getattr(function, "__name__", "") == "write":
            raise OSError(errno.ENOSPC, "No space left on device")
        return await real(function, *arguments)

    monkeypatch.setattr(sheet_pages, "run_in_threadpool", full)
    answer = idle.post("/sheets", content=b"title,text\n", headers={"x-name": "jobs.csv"})
    assert answer.status_code == 507
    assert answer.json()["error"] == (
        "jobs.csv: not kept, the disk is full; free some space, or write elsewhere."
    )
    assert _inside(workplace) == []


def test_more_sheets_than_may_wait_are_told_to_come_back(
    idle: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_work, "MOST_WAITING", 2)
    for _ in range(2):
        _bring(idle, _table(FRONT["en"]))
    answer = idle.post("/sheets", content=b"x", headers={"x-name": "jobs.csv"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")


def test_a_server_that_starts_lists_what_was_there_and_tags_what_waits(
    idle: TestClient, workplace: Workplace
) -> None:
    ids = [_bring(idle, _table(FRONT["en"])) for _ in range(3)]
    later = Workplace(workplace.folder, workplace.models)
    with TestClient(make_app(later, _HOSTS)) as client:
        assert [sheet.id for sheet in later.sheets.all()] == ids[::-1]
        for id_ in ids:
            assert _finished(client, id_)["state"] == "tagged"


class _Counting(Tagger):
    """Counts the rows that it is asked for, and does something with each batch."""

    asked = 0
    happens: Callable[[], None] = staticmethod(lambda: None)

    def tag_batch(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        self.asked += batch.num_rows
        self.happens()
        return super().tag_batch(batch)


def _counting(workplace: Workplace) -> _Counting:
    tagger = workplace.tagger()
    return _Counting(tagger.scorer, tagger.manifest)


_MANY = 12_000  # more than is read at a time


def test_a_server_that_was_stopped_is_gone_on_with_by_the_next(workplace: Workplace) -> None:
    sheets = workplace.sheets
    with sheets.arriving("jobs.csv") as sheet:
        sheet.source.write_bytes(_table(*(f"posting {n}" for n in range(_MANY))))
    first, second = _counting(workplace), _counting(workplace)
    work = Work(sheets, lambda: first)
    first.happens = work.stop_soon
    work.start()
    _until(lambda: first.asked > 0)
    work.stop()
    assert sheets.get(sheet.id).state == "waiting"
    assert 0 < first.asked < _MANY
    next_ = Work(sheets, lambda: second)
    next_.start()
    _until(lambda: sheets.get(sheet.id).state == "tagged")
    next_.stop()
    assert first.asked + second.asked == _MANY
    assert sheets.get(sheet.id).rows == _MANY


def test_a_sheet_at_which_servers_are_killed_is_given_up_until_somebody_asks_again(
    workplace: Workplace,
) -> None:
    sheets, begun = workplace.sheets, []
    with sheets.arriving("bomb.csv") as sheet:
        sheet.source.write_bytes(_table(FRONT["en"]))
    tagger = _counting(workplace)
    tagger.happens = lambda: begun.append(json.loads((sheet.home / "known.json").read_bytes()))
    for times, state in ((3, "failed"), (2, "tagged")):
        sheets.save(replace(sheet, begun=times))  # what a killed server leaves
        work = Work(sheets, lambda: tagger)
        work.start()
        _until(lambda state=state: sheets.get(sheet.id).state == state)
        work.stop()
        assert ("ended 3 times" in sheets.get(sheet.id).error) == (state == "failed")
        assert sheets.get(sheet.id).begun == 0
    assert [each["begun"] for each in begun] == [3]


def test_a_json_sheet_is_not_taken_for_what_is_known_of_it(client: TestClient) -> None:
    rows = json.dumps([{"title": "Desk", "text": FRONT["en"]}, {"title": "", "text": BACK["en"]}])
    id_ = _bring(client, rows.encode(), "jobs.json")
    assert _finished(client, id_)["state"] == "tagged"
    tagged = client.get(f"/sheets/{id_}/download").json()
    assert [each["text"] for each in tagged] == [FRONT["en"], BACK["en"]]


def test_no_answer_says_where_sheets_lie(client: TestClient, workplace: Workplace) -> None:
    id_ = _bring(client, _table(FRONT["en"]))
    _finished(client, id_)
    (workplace.folder / id_ / "sheet.csv").unlink()
    answer = client.get(f"/sheets/{id_}/reviews/queue?reviewer=Ada")
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("sheet.csv: no such file;")


def test_a_sheet_that_was_begun_by_another_model_is_begun_anew(workplace: Workplace) -> None:
    sheets = workplace.sheets
    with sheets.arriving("jobs.csv") as sheet:
        sheet.source.write_bytes(_table(*(f"posting {n}" for n in range(_MANY))))
    first = _counting(workplace)
    work = Work(sheets, lambda: first)
    first.happens = work.stop_soon
    work.start()
    _until(lambda: first.asked > 0)
    work.stop()
    other = save(workplace.models, 1)
    second = _counting(workplace)
    next_ = Work(sheets, lambda: second)
    next_.start()
    _until(lambda: sheets.get(sheet.id).state == "tagged")
    next_.stop()
    assert (second.asked, sheets.get(sheet.id).model) == (_MANY, other)


def test_a_sheet_that_is_removed_while_it_is_tagged_is_gone(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    tagger, begun, on = _counting(workplace), threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        on.wait(30)

    tagger.happens = wait
    workplace.work = Work(workplace.sheets, lambda: tagger)
    with TestClient(make_app(workplace, _HOSTS)) as client:
        id_ = _bring(client, _table(FRONT["en"]))
        begun.wait(30)
        threading.Timer(0.05, on.set).start()
        assert client.delete(f"/sheets/{id_}").status_code == 204
        assert _inside(workplace) == []
        assert client.get(f"/sheets/{id_}").status_code == 404
        other = _bring(client, _table(FRONT["en"]))
        assert _finished(client, other)["state"] == "tagged"


def test_a_sheet_that_could_not_be_removed_can_be_tagged_again(
    client: TestClient, workplace: Workplace
) -> None:
    id_ = _bring(client, _table(FRONT["en"]))
    _finished(client, id_)
    with FileLock(workplace.folder / id_ / "lock"):
        assert client.delete(f"/sheets/{id_}").status_code == 409
    assert client.post(f"/sheets/{id_}/tag", json={}).status_code == 202
    assert _finished(client, id_)["state"] == "tagged"


def test_two_servers_do_not_tag_one_sheet_at_once(idle: TestClient, workplace: Workplace) -> None:
    id_ = _bring(idle, _table(FRONT["en"]))
    with FileLock(workplace.folder / id_ / "lock"):
        assert idle.delete(f"/sheets/{id_}").json() == {
            "error": "jobs.csv: another frontback is tagging it; remove it when it is done."
        }
        workplace.work.start()
        workplace.work.stop()
    assert idle.get(f"/sheets/{id_}/state").json()["state"] == "waiting"


def test_junk_in_the_folder_is_passed_over(
    client: TestClient, workplace: Workplace, tmp_path: Path
) -> None:
    id_ = _bring(client, _table(FRONT["en"]))
    _finished(client, id_)
    record = json.loads((workplace.folder / id_ / "known.json").read_text("utf-8"))
    (workplace.folder / "note.txt").write_text("mine")
    (workplace.folder / ("Z" * 22)).mkdir()
    wrong = ({**record, "rows": "3"}, {**record, "new": 1}, {**record, "suffix": "/../x"}, [[]], 7)
    contents = [*map(json.dumps, wrong), "{", "[" * 100_000, "\0"]
    for number, content in enumerate(contents):
        home = workplace.folder / f"{number:022}"
        home.mkdir()
        (home / "known.json").write_text(content.replace(id_, home.name))
    outside = tmp_path / ("L" * 22)
    (workplace.folder / id_).rename(outside)
    (workplace.folder / outside.name).symlink_to(outside)
    (outside / "known.json").write_text(json.dumps({**record, "id": outside.name}))
    assert workplace.sheets.all() == []
    assert client.get("/").status_code == 200
    assert client.get(f"/sheets/{outside.name}").status_code == 404


def test_a_link_in_the_place_of_a_sheets_file_is_not_followed(
    client: TestClient, workplace: Workplace, tmp_path: Path
) -> None:
    id_ = _bring(client, _table(FRONT["en"]))
    _finished(client, id_)
    secret = tmp_path / "secret.csv"
    secret.write_text("title,text\n,secret\n")
    tagged = workplace.folder / id_ / "tagged" / "sheet.csv"
    tagged.unlink()
    tagged.symlink_to(secret)
    assert client.get(f"/sheets/{id_}/download").status_code == 404


@pytest.mark.parametrize("id_", ["A" * 22, "%2e%2e%2f%2e%2e", "A" * 22 + "%00", "x"])
def test_an_id_that_is_none_finds_nothing(idle: TestClient, id_: str) -> None:
    for path in ("", "/state", "/download"):
        assert idle.get(f"/sheets/{id_}{path}").status_code == 404
    assert idle.delete(f"/sheets/{id_}").status_code == 404


def test_what_was_on_its_way_when_a_server_was_killed_is_removed_in_time(
    workplace: Workplace,
) -> None:
    old, new = (workplace.folder / f".{letter * 22}.part" for letter in "on")
    for part in (old, new):
        part.mkdir(parents=True)
        (part / "sheet.csv").write_text("half")
    for path in (old / "sheet.csv", old):
        os.utime(path, (time.time() - 3600,) * 2)
    workplace.sheets.sweep()
    assert _inside(workplace) == [new.name]


def test_what_came_of_a_sheet_is_said_where_the_disk_is_full(
    client: TestClient, workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = _bring(client, _table(FRONT["en"], names=("Ref", "Blurb")))
    _finished(client, id_)

    def full(folder: Path, name: str, text: str) -> None:
        if '"waiting"' not in text:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_whole(folder, name, text)

    monkeypatch.setattr("pipeline.web.sheets.write_whole", full)
    client.post(f"/sheets/{id_}/tag", json={"text_column": "Blurb"})
    assert _finished(client, id_)["error"] == (
        "jobs.csv: not kept, the disk is full; free some space, or write elsewhere."
    )
    monkeypatch.undo()
    client.post(f"/sheets/{id_}/tag", json={"text_column": "Blurb"})
    assert _finished(client, id_)["state"] == "tagged"
    assert workplace.sheets.unkept == {}


def test_a_fault_of_ours_is_said_without_what_stands_in_the_sheet(
    workplace: Workplace, caplog: pytest.LogCaptureFixture
) -> None:
    tagger = _counting(workplace)

    def fail() -> None:
        raise ZeroDivisionError(FRONT["en"])

    tagger.happens = fail
    workplace.work = Work(workplace.sheets, lambda: tagger)
    with TestClient(make_app(workplace, _HOSTS)) as client, caplog.at_level(logging.DEBUG):
        error = _finished(client, _bring(client, _table(FRONT["en"])))["error"]
    assert error == (
        "jobs.csv: could not be tagged (ZeroDivisionError); this is a fault of frontback, please"
        " report it."
    )
    assert "ZeroDivisionError" in caplog.text
    assert "receptionist" not in caplog.text + error


def _of_their_own(tmp_path: Path) -> Path:
    file = tmp_path / "own" / "jobs.csv"
    file.parent.mkdir()
    file.write_bytes(_table(FRONT["en"]))
    return file


def test_a_sheet_that_is_reviewed_stays_as_it_is_and_keeps_its_reviews_beside_it(
    workplace: Workplace, tmp_path: Path
) -> None:
    file = _of_their_own(tmp_path)
    sheet = workplace.sheets.beside(file)
    assert workplace.sheets.beside(file).id == sheet.id
    reviews = file.with_name("jobs.csv.reviews.sqlite")
    assert sheet.reviews == reviews
    with TestClient(make_app(workplace, _HOSTS)) as client:
        assert _finished(client, sheet.id)["state"] == "tagged"
        reviews.write_text("decided")
        assert client.get(f"/sheets/{sheet.id}/download").text.startswith("title,text,office,")
        assert client.delete(f"/sheets/{sheet.id}").status_code == 204
    assert file.read_bytes() == _table(FRONT["en"])
    assert sorted(path.name for path in file.parent.iterdir()) == [file.name, reviews.name]


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text here")
def test_a_sheet_whose_name_is_no_text_can_be_reviewed(
    workplace: Workplace, tmp_path: Path
) -> None:
    file = tmp_path / os.fsdecode(b"caf\xe9.csv")
    file.write_bytes(_table(FRONT["en"]))
    sheet = workplace.sheets.beside(file)
    with TestClient(make_app(workplace, _HOSTS)) as client:
        assert _finished(client, sheet.id)["state"] == "tagged"


def test_a_folder_of_documents_can_be_reviewed(workplace: Workplace, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "one.txt").write_text(FRONT["en"])
    sheet = workplace.sheets.beside(folder)
    with TestClient(make_app(workplace, _HOSTS)) as client:
        assert _finished(client, sheet.id)["state"] == "tagged"
        header = client.get(f"/sheets/{sheet.id}/download").headers["content-disposition"]
    assert "documents-tagged.csv" in header


def test_where_no_reviews_can_be_kept_a_sheet_is_not_opened(
    workplace: Workplace, tmp_path: Path
) -> None:
    file = _of_their_own(tmp_path)
    file.with_name("jobs.csv.reviews.sqlite").mkdir()
    with pytest.raises(OutputError, match=r"jobs\.csv\.reviews\.sqlite: this is a folder"):
        workplace.sheets.beside(file)
    assert workplace.sheets.all() == []


@pytest.fixture
def review(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[Path], Result]:
    """`frontback review` of a sheet, in this process."""
    monkeypatch.setattr("pipeline.web.workplace.sheets_folder", lambda: workplace.folder)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)

    def run(sheet: Path) -> Result:
        with pytest.raises(SystemExit) as ended:
            main(["review", str(sheet), "--no-browser", "--models", str(workplace.models)])
        return Result(int(ended.value.code or 0), *capsys.readouterr())

    return run


def test_review_refuses_what_it_cannot_read(
    review: Callable[[Path], Result], tmp_path: Path
) -> None:
    picture = tmp_path / "jobs.png"
    picture.write_bytes(b"x")
    refused(review(tmp_path / "none.csv"), "no such file")
    refused(review(picture), "a .png is no table")


def test_review_opens_the_page_of_its_sheet(
    review: Callable[[Path], Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def serve(workplace: Workplace, host: str, port: int, page: str, **_: object) -> None:
        sheet: Sheet | None = Sheets(workplace.folder).get(page.split("/")[2].partition("?")[0])
        assert sheet is not None
        opened.append(sheet.name)

    monkeypatch.setattr("pipeline.web.serving.serve", serve)
    assert review(_of_their_own(tmp_path)).code == 0
    assert opened == ["jobs.csv"]


def test_a_browser_that_asks_for_what_is_not_there_gets_a_page_that_leads_back(
    idle: TestClient,
) -> None:
    for_people = idle.get("/sheets/AAAAAAAAAAAAAAAAAAAAAA", headers={"accept": "text/html,*/*"})
    assert for_people.status_code == 404
    assert "There is no such sheet" in for_people.text
    assert '<a href="/">' in for_people.text
    for_programs = idle.get("/sheets/AAAAAAAAAAAAAAAAAAAAAA")
    assert "There is no such sheet" in for_programs.json()["error"]
