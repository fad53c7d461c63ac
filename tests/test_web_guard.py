"""Who is answered by the page and the API, and what every answer carries."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from pipeline.web.hosts import is_loopback, is_ours, names_for
from pipeline.web.workplace import Workplace
from tests.web import TOKEN, client, small_app

_TEXT = {"text": "You greet guests at the front desk."}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return small_app(tmp_path_factory.mktemp("open"))


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return small_app(tmp_path_factory.mktemp("locked"), TOKEN)


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_the_names_of_this_machine_are_answered(app: FastAPI, host: str) -> None:
    assert client(app).get("/healthz", headers={"host": host}).json() == {"status": "ok"}


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "localhost.evil.example", "10.0.0.7", "127.0.0.1.evil.example", "[::1"),
        *("", "evil@localhost", "localhost/evil", "localhost?evil", "localhost#evil"),
    ],
)
def test_a_name_that_is_not_this_servers_is_refused(app: FastAPI, host: str) -> None:
    for path in ("/", "/healthz", "/static/style.css", "/api/openapi.json"):
        answer = client(app).get(path, headers={"host": host})
        assert answer.status_code == 400
        assert "another name" in answer.json()["error"]


@given(st.text(max_size=40))
def test_no_host_header_whatever_raises_or_is_mistaken_for_ours(header: str) -> None:
    if is_ours(header, frozenset({"localhost"}), numbers=False):
        assert any(name in header.lower() for name in ("localhost", "127.", "::", "0:"))


def test_addresses_that_others_reach_are_told_from_this_machines_own() -> None:
    assert all(map(is_loopback, ("localhost", "127.0.0.1", "127.8.9.1", "::1", "[::1]")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "192.168.1.4", "jobs.example", "")))
    assert names_for("127.0.0.1") == {"localhost", "127.0.0.1"}
    assert "jobs.example" in names_for("Jobs.example")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),  # a program
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"origin": "http://localhost"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://localhost"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://localhost:8001"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://[evil"}, 403),
    ],
)
def test_a_page_of_another_site_changes_nothing(
    app: FastAPI, headers: dict[str, str], status: int
) -> None:
    assert client(app).post("/api/detect", json=_TEXT, headers=headers).status_code == status
    assert client(app).delete("/sheets/none", headers=headers).status_code in (status, 404)


@pytest.mark.parametrize("path", ["/", "/static/style.css"])
def test_a_websocket_is_closed_before_anything_answers_it(locked: FastAPI, path: str) -> None:
    # A page of any site may open one: no rule of browsers keeps it from that.
    with pytest.raises(WebSocketDisconnect), client(locked).websocket_connect(path):
        raise AssertionError("it was taken")


def test_a_link_from_another_site_may_lead_to_a_page(app: FastAPI) -> None:
    answer = client(app).get("/posting", headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/posting", "/api", "/api/openapi.json", "/static/style.css"]
)
def test_without_the_token_nothing_is_shown(locked: FastAPI, path: str) -> None:
    answer = client(locked).get(path)
    assert answer.status_code == 401
    assert "token" in answer.json()["error"]
    assert TOKEN not in answer.text


def test_a_health_check_needs_no_token(locked: FastAPI) -> None:
    assert client(locked).get("/healthz").json() == {"status": "ok"}


def test_the_token_is_taken_as_bearer(locked: FastAPI) -> None:
    for scheme in ("Bearer", "bearer"):
        answer = client(locked).post(
            "/api/detect", json=_TEXT, headers={"authorization": f"{scheme} {TOKEN}"}
        )
        assert answer.status_code == 200


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN + "x", "sn\xf8", TOKEN.upper()])
def test_a_wrong_token_is_refused_wherever_it_stands(locked: FastAPI, token: str) -> None:
    bearer = {"authorization": f"Bearer {token}".encode("latin-1")}
    cookie = {"cookie": f"frontback_token={token}".encode("latin-1")}
    assert client(locked).get("/", headers=bearer).status_code == 401
    assert client(locked).get("/", headers=cookie).status_code == 401
    assert client(locked).get("/", params={"token": token}).status_code == 401


def test_the_token_of_an_address_becomes_a_cookie_and_leaves_the_address(locked: FastAPI) -> None:
    own = client(locked)
    answer = own.get("/posting", params={"token": TOKEN, "a": "b c"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/posting?a=b+c")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert own.get("/posting").status_code == 200


def test_the_cookie_is_for_tls_alone_where_the_page_came_by_it(locked: FastAPI) -> None:
    own = TestClient(locked, base_url="https://localhost", follow_redirects=False)
    assert "Secure" in own.get("/", params={"token": TOKEN}).headers["set-cookie"]


def test_the_token_of_an_address_lets_nobody_change_anything(locked: FastAPI) -> None:
    answer = client(locked).post("/api/detect", json=_TEXT, params={"token": TOKEN})
    assert answer.status_code == 401


def test_an_address_that_begins_with_two_slashes_leads_nowhere_else(locked: FastAPI) -> None:
    answer = client(locked).get("http://localhost//evil.example/", params={"token": TOKEN})
    assert not answer.headers.get("location", "/").startswith("//")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/api/openapi.json", 200),
        ("/static/style.css", 200),
        ("/static/none.css", 404),
        ("/static/../app.py", 404),
        ("/none", 404),
        ("/api/tag", 405),
        ("/sheets/none", 404),
    ],
)
def test_every_answer_carries_the_headers_that_keep_it_to_itself(
    app: FastAPI, path: str, status: int
) -> None:
    answer = client(app).get(path)
    assert answer.status_code == status
    _check_headers(answer.headers)
    if status >= 400:
        assert answer.json()["error"].endswith(".")


def test_refusals_carry_them_too(app: FastAPI, locked: FastAPI) -> None:
    _check_headers(client(app).get("/", headers={"host": "evil.example"}).headers)
    _check_headers(client(locked).get("/").headers)
    _check_headers(client(app).post("/api/tag", content=b"{").headers)


def test_what_nobody_expected_is_a_sentence_and_no_posting_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(self: Workplace) -> None:
        raise KeyError("gjestene")

    monkeypatch.setattr(Workplace, "tagger", fail)
    own = client(small_app(tmp_path))
    body = {"text": "Du hjelper gjestene i resepsjonen.", "title": "Resepsjonist"}
    for path in ("/api/tag", "/api/explain", "/posting/answer"):
        answer = own.post(path, json=body)
        assert answer.status_code == 500
        assert "log" in answer.json()["error"]
        _check_headers(answer.headers)
        assert "gjestene" not in answer.text
    logged = caplog.text + "".join(capfd.readouterr())
    assert "KeyError" in logged
    assert "test_web_guard.py" in logged
    assert "gjestene" not in logged


def test_one_posting_that_fails_takes_no_others_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = small_app(tmp_path)
    tagger = app.state.workplace.tagger()
    tag, begin = tagger.tag, threading.Barrier(4)

    def fail_at_one(texts: list[str], titles: list[str]) -> object:
        if any("fails" in text for text in texts):
            raise KeyError("fails")
        return tag(texts, titles)

    monkeypatch.setattr(tagger, "tag", fail_at_one)
    statuses: dict[int, int] = {}
    with client(app) as own:  # one loop for all of them

        def ask(at: int) -> None:
            begin.wait()
            text = "This one fails." if at == 2 else "You greet guests at the front desk."
            statuses[at] = own.post("/api/tag", json={"text": text}).status_code

        threads = [threading.Thread(target=ask, args=(at,)) for at in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert statuses == {0: 200, 1: 200, 2: 500, 3: 200}


def _check_headers(headers: dict[str, str]) -> None:
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
