"""In which language the pages are read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.web import client, small_app


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    return client(small_app(tmp_path_factory.mktemp("pages")))


def _read_in(reader: TestClient, **headers: str) -> str:
    found = re.search(r'<html lang="(\w+)"', reader.get("/", headers=headers).text)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("", "en"),
        ("es", "es"),
        ("nb-NO,nb;q=0.9,en;q=0.8", "no"),
        ("nn", "no"),
        ("de,fr;q=0.9", "en"),
        ("de, en;q=0.3, es;q=0.7", "es"),
        ("en; q=0.3, es; q=0.7", "es"),
        ("es;q=much,no;q=0.5", "no"),
        (",;=", "en"),
    ],
)
def test_a_browser_asks_for_the_language_that_it_likes_best(
    reader: TestClient, asked: str, read: str
) -> None:
    assert _read_in(reader, **{"accept-language": asked}) == read


def test_what_a_reader_has_chosen_comes_before_what_the_browser_asks_for(tmp_path: Path) -> None:
    reader = client(small_app(tmp_path))
    answer = reader.get("/language/no", params={"back": "/posting"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/posting")
    assert _read_in(reader, **{"accept-language": "es"}) == "no"


@pytest.mark.parametrize(
    "back", ["//elsewhere.example", "/\\elsewhere.example", "https://e.example"]
)
def test_a_chosen_language_leads_to_no_other_server(reader: TestClient, back: str) -> None:
    answer = reader.get("/language/en", params={"back": back})
    assert answer.headers["location"] == "/"
    reader.cookies.clear()


def test_a_language_without_pages_is_not_found(reader: TestClient) -> None:
    assert reader.get("/language/da").json() == {"error": "There are no pages in da."}
