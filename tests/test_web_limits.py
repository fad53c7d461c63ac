"""How much is taken, for how long, and what is said of more."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from pipeline.web.answering import Answering
from pipeline.web.limits import Limited, Limits
from tests.web import ask, client, part, small_app

_ANSWERED = b'{"text": "You greet guests at the front desk."}'


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    limits = Limits(text=2 << 20, file=3 << 20, silence=0.2)
    return small_app(tmp_path_factory.mktemp("limits"), limits=limits)


def _send(
    app: FastAPI, path: str, messages: Sequence[Message | float], **headers: str
) -> tuple[int, dict[str, str], bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return asyncio.run(ask(app, path, messages, named))


def test_what_says_that_it_is_too_large_is_refused_unread(app: FastAPI) -> None:
    status, headers, body = _send(app, "/api/tag", [], content_length=str((2 << 20) + 1))
    assert status == 413
    assert b"2 MB at most" in body
    assert "content-security-policy" in headers


def test_what_becomes_too_large_on_its_way_is_refused_there(app: FastAPI) -> None:
    pieces = [part(b" " * (1 << 20))] * 3
    assert _send(app, "/api/tag", pieces, transfer_encoding="chunked")[0] == 413
    # A length that is not true changes nothing.
    assert _send(app, "/api/tag", pieces, content_length="10")[0] == 413
    assert _send(app, "/api/tag", pieces, content_length="many")[0] == 413


def test_a_file_may_be_larger_than_a_text_and_not_larger_than_a_file(app: FastAPI) -> None:
    table = [part(b"text\n"), *[part(b"x" * (1 << 20))] * 2, part(b"\n", more=False)]
    csv = {"content_type": "text/csv", "transfer_encoding": "chunked"}
    assert _send(app, "/api/batch", table, **csv)[0] == 200
    table.insert(1, part(b"x" * (1 << 20)))
    assert _send(app, "/api/batch", table, **csv)[0] == 413
    assert _send(app, "/api/batch", [], content_length=str(1 << 40))[0] == 413


def test_a_request_that_stops_on_its_way_is_told_so(app: FastAPI) -> None:
    for path in ("/api/tag", "/api/batch"):
        status, headers, body = _send(
            app, path, [part(_ANSWERED[:10]), 60.0], transfer_encoding="chunked"
        )
        assert status == 408
        assert b"stopped on its way" in body
        assert headers["connection"] == "close"


def test_a_slow_request_that_goes_on_is_answered(app: FastAPI) -> None:
    pieces: list[Message | float] = []
    for at in range(0, len(_ANSWERED), 10):
        pieces += [part(_ANSWERED[at : at + 10]), 0.05]
    pieces.append(part(b"", more=False))
    assert _send(app, "/api/tag", pieces, transfer_encoding="chunked")[0] == 200


def test_whoever_goes_away_in_the_middle_leaves_nothing_behind(
    app: FastAPI,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    gone: list[Message | float] = [part(b"text\n"), {"type": "http.disconnect"}]
    with pytest.raises(IndexError):  # nothing was answered
        _send(app, "/api/batch", gone, transfer_encoding="chunked")
    assert list(tmp_path.iterdir()) == []
    assert caplog.text == ""


def test_more_at_once_than_are_worked_on_are_asked_to_come_back(tmp_path: Path) -> None:
    app = small_app(tmp_path, limits=Limits(at_once=2))
    inside, over = threading.Semaphore(0), threading.Event()

    async def wait(self: Answering, posting: object, shown: object) -> PlainTextResponse:
        inside.release()
        await asyncio.to_thread(over.wait, 20)
        return PlainTextResponse("")

    with pytest.MonkeyPatch.context() as patched, client(app) as own:
        patched.setattr(Answering, "explain", wait)
        body = {"text": "You greet guests."}
        threads = [
            threading.Thread(target=own.post, args=("/posting/answer",), kwargs={"json": body})
            for _ in range(2)
        ]
        for each in threads:
            each.start()
        inside.acquire()
        deadline = time.monotonic() + 10
        while (refused := own.post("/posting/answer", json={})).status_code == 422:
            assert time.monotonic() < deadline  # until the second is in as well
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "1"
        assert "content-security-policy" in refused.headers
        assert own.get("/healthz").status_code == 200
        over.set()
        for each in threads:
            each.join()
        assert own.get("/posting").status_code == 200


def test_an_answer_that_takes_too_long_is_given_up_though_its_thread_goes_on() -> None:
    over = threading.Event()
    raised: list[object] = []

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await asyncio.get_running_loop().run_in_executor(None, over.wait, 20)
        await PlainTextResponse("too late")(scope, receive, send)

    limited = Limited(slow, Limits(answer=0.1, at_once=1))

    async def story() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, found: raised.append(found))
        begun = time.monotonic()
        status, _, body = await ask(limited, "/x", [part(b"", more=False)], {"content-length": "1"})
        assert (status, time.monotonic() - begun < 5) == (503, True)
        assert b"took too long" in body
        # What still works holds its place.
        status, _, body = await ask(limited, "/x", [part(b"", more=False)], {})
        assert status == 503
        assert b"at once" in body
        over.set()
        while limited._working:
            await asyncio.sleep(0.01)

    asyncio.run(story())
    assert raised == []


def test_an_answer_that_has_begun_may_take_its_time() -> None:
    async def streaming(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(0.3)
        await send({"type": "http.response.body", "body": b"all of it"})

    limited = Limited(streaming, Limits(answer=0.1))
    status, _, body = asyncio.run(ask(limited, "/x", [], {}))
    assert (status, body) == (200, b"all of it")


def test_files_beyond_those_that_are_tagged_are_asked_to_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = threading.BoundedSemaphore(1)
    full.acquire()
    monkeypatch.setattr("pipeline.web.api_batch._free", full)
    answer = client(small_app(tmp_path)).post("/api/batch", content=b"text\na\n")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "again" in answer.json()["error"]
