"""The server as a process of its own: many connections, and an address that others reach."""

from __future__ import annotations

import asyncio
import itertools
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from benchmarks.load import FRONTBACK, requests, started
from benchmarks.load_client import Request, drive, post
from tests.models import save


@pytest.fixture(autouse=True)
def small_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path, 1)
    monkeypatch.setenv("FRONTBACK_MODELS", str(tmp_path))


def test_a_hundred_connections_are_answered_without_an_error() -> None:
    with started(FRONTBACK) as server:
        load = asyncio.run(drive(server.host, requests(server.host), 100, 3))
        wrong = itertools.repeat(Request("tag", post("/api/tag", server.host, b'{"titel": ""}')))
        refused = asyncio.run(drive(server.host, wrong, 2, 0.1))
    assert load.errors == {}
    assert set(load.latencies) == {"tag", "tag, words", "detect", "explain"}
    assert load.requests >= 100
    # What counts errors finds them.
    assert {said[:4] for said in refused.errors} == {"422 "}
    assert refused.requests == 0


def test_an_address_that_others_reach_asks_for_the_token_that_it_printed() -> None:
    def status(address: str, **headers: str) -> int:
        try:
            with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    with started((*FRONTBACK, "--host", "0.0.0.0")) as server:
        site = f"http://127.0.0.1:{server.host.rpartition(':')[2]}"
        _, _, token = server.address.partition("?token=")
        assert len(token) >= 32
        assert status(f"{site}/posting") == 401
        assert status(f"{site}/posting", Authorization="Bearer " + token[:-1]) == 401
        assert status(f"{site}/posting", Authorization=f"Bearer {token}") == 200
        assert status(f"{site}/healthz") == 200
        assert status(f"{site}/healthz", Host="evil.example") == 400
