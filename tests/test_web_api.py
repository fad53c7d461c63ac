"""What programs ask the HTTP API, and what it answers."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from pipeline import Tagger
from pipeline.cli import main
from pipeline.explanation import explain_posting
from pipeline.explanation_json import to_json
from pipeline.language import detect_languages
from pipeline.training import train
from tests.conftest import SAMPLES, write_small_corpus
from tests.postings import BACK, FRONT
from tests.web import client, small_app

_POSTINGS = [{"title": "", "text": text} for text in (*FRONT.values(), *BACK.values())]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    folder = tmp_path_factory.mktemp("api")
    train([write_small_corpus(folder / "corpus")], folder / "models")
    return small_app(folder)


@pytest.fixture(scope="module")
def own(app: FastAPI) -> TestClient:
    return client(app)


@pytest.fixture(scope="module")
def tagger(app: FastAPI) -> Tagger:
    return app.state.workplace.tagger()


def test_one_posting_is_answered_as_the_command_line_does(own: TestClient, tagger: Tagger) -> None:
    posting = {"title": "Resepsjonist", "text": FRONT["no"]}
    expected = tagger.tag([posting["text"]], [posting["title"]])[0]._asdict()
    assert own.post("/api/tag", json=posting).json() == expected


def test_several_postings_are_answered_in_their_order(own: TestClient, tagger: Tagger) -> None:
    answer = own.post("/api/tag", json={"postings": _POSTINGS}).json()
    tags = tagger.tag([each["text"] for each in _POSTINGS])
    assert answer == {"tags": [each._asdict() for each in tags]}
    assert own.post("/api/tag", json={"postings": []}).json() == {"tags": []}


def test_the_words_that_weigh_most_are_said_where_asked_for(
    own: TestClient, tagger: Tagger
) -> None:
    postings = [*_POSTINGS, {"text": ""}, {"text": "Kurz."}]
    answer = own.post("/api/tag", json={"postings": postings, "explain": True}).json()["tags"]
    for posting, tag in zip(postings, answer, strict=True):
        words = tagger.explain(posting["text"]) if tag["p_front"] is not None else []
        assert tag["words"] == [[each.word, round(each.weight, 3)] for each in words[:5]]
    assert any(tag["words"] for tag in answer)
    assert answer[-1]["reason"] == "too short"


def test_languages_are_told_of_one_text_and_of_several(own: TestClient) -> None:
    expected = [each._asdict() for each in detect_languages([*FRONT.values(), ""])]
    texts = [*FRONT.values(), ""]
    assert own.post("/api/detect", json={"texts": texts}).json() == {"languages": expected}
    assert own.post("/api/detect", json={"text": FRONT["es"]}).json() == expected[0]


def test_an_explanation_is_that_of_the_command_line(own: TestClient, tagger: Tagger) -> None:
    answer = own.post("/api/explain", json={"title": "Kokk", "text": FRONT["no"]})
    assert answer.text == to_json("", explain_posting(tagger, FRONT["no"], "Kokk"))


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/api/tag", {}, "either text (and title) or postings"),
        ("/api/tag", {"text": "a", "postings": []}, "either"),
        ("/api/tag", {"title": "a", "postings": [{"text": "b"}]}, "either"),
        ("/api/tag", {"titel": "a", "text": "b"}, "titel"),
        ("/api/tag", {"text": 7}, "body.text"),
        ("/api/tag", {"postings": [{"text": "a"}, {"title": "b"}]}, "body.postings.1.text"),
        ("/api/tag", {"postings": [{"text": "a"}] * 1001}, "1000"),
        ("/api/detect", {"text": "a", "texts": ["b"]}, "either"),
        ("/api/detect", {"texts": ["a"] * 1001}, "1000"),
        ("/api/explain", {"text": "a" * 20_001}, "20000"),
        ("/api/explain", [], "body"),
    ],
)
def test_what_is_asked_wrongly_is_said_in_a_sentence(
    own: TestClient, path: str, body: Any, said: str
) -> None:
    answer = own.post(path, json=body)
    assert answer.status_code == 422
    assert set(answer.json()) == {"error"}
    assert said in answer.json()["error"]


def test_what_is_wrong_is_not_quoted_back(own: TestClient) -> None:
    secret = "Jane Doe, 555-0199, asked for us by name " * 5
    for body in ({secret: "a", "text": "b"}, {"text": {"a": secret}}, {"text": "a", "title": 7}):
        assert secret not in own.post("/api/tag", json=body).text
    broken = own.post("/api/tag", content=b'{"text": "' + secret.encode())
    assert broken.status_code == 422
    assert secret not in broken.text


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["/api/tag", "/api/detect", "/api/explain", "/posting/answer"]),
    st.one_of(
        st.fixed_dictionaries({"text": st.text()}, optional={"title": st.text()}),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda part: st.lists(part) | st.dictionaries(st.text(), part),
            max_leaves=5,
        ),
    ),
)
def test_whatever_is_asked_is_answered_or_refused(own: TestClient, path: str, body: object) -> None:
    answer = own.post(path, content=json.dumps(body))
    assert answer.status_code in (200, 422)
    if answer.status_code == 422:
        assert isinstance(answer.json()["error"], str)


@pytest.mark.parametrize("text", ['"\\ud800"', '"a\\u0000b"', '"<p>&lt;script&gt;"', '"\\ufeff"'])
def test_odd_letters_are_no_failure(own: TestClient, text: str) -> None:
    for path in ("/api/tag", "/api/explain", "/posting/answer"):
        assert own.post(path, content=f'{{"text": {text}}}').status_code in (200, 422)


def test_the_answer_on_the_page_shows_script_as_text(own: TestClient) -> None:
    text = "You greet guests at the front desk. \"'><img src=x onerror=alert(1)>&lt;script&gt;x"
    markup = own.post("/posting/answer", json={"text": text, "title": "<b onclick=x>"}).text
    assert "<img" not in markup
    assert "<script" not in markup
    assert "<b " not in markup


def test_a_file_comes_back_as_batch_would_have_written_it(
    own: TestClient, app: FastAPI, tmp_path: Path
) -> None:
    for name in ("ofertas.csv", "stillinger.xlsx"):
        answer = own.post(
            "/api/batch",
            params={"name": name, "explain": True},
            content=(SAMPLES / name).read_bytes(),
        )
        assert answer.status_code == 200
        stem, suffix = name.split(".")
        named = answer.headers["content-disposition"]
        assert named == f'attachment; filename="{stem}-tagged.{suffix}"'
        written = tmp_path / name
        models = ("--models", str(app.state.workplace.models))
        with pytest.raises(SystemExit):
            main(["batch", str(SAMPLES / name), "-o", str(written), "--explain", "-q", *models])
        if suffix == "csv":  # a workbook carries the time
            assert answer.content == written.read_bytes()
        else:
            assert len(answer.content) == pytest.approx(written.stat().st_size, abs=50)


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("?name=x.csv", ""),
        ("", "text/csv"),
        ("", "text/csv; charset=latin-1"),
        ("", ""),
        ("", "a/b"),
    ],
)
def test_the_kind_of_a_file_is_found_by_name_or_type_or_content(
    own: TestClient, query: str, kind: str
) -> None:
    table = "Tittel;Stillingstekst\nKokk;Vi søker en kokk til kantina vår.\n".encode()
    headers = {"content-type": kind} if kind else {}
    answer = own.post(f"/api/batch{query}", content=table, headers=headers)
    assert answer.headers["content-type"] == "text/csv"
    assert answer.content.startswith(b"Tittel;Stillingstekst;office;")


def test_a_file_may_come_packed_and_leave_as_another_kind(own: TestClient) -> None:
    table = b'{"title": "Kokk", "text": "Vi soker en kokk til kantina."}\n'
    packed = own.post("/api/batch?name=x.jsonl.gz", content=gzip.compress(table))
    assert json.loads(gzip.decompress(packed.content))["office"]
    other = own.post("/api/batch?name=x.jsonl&to=csv", content=table)
    assert other.content.startswith(b"title,text,office,")
    assert other.headers["content-disposition"] == 'attachment; filename="x-tagged.csv"'


def test_columns_are_named_as_on_the_command_line(own: TestClient) -> None:
    table = b"a,b\nKokk,Vi soker en kokk til kantina var.\n"
    query = {"name": "x.csv", "title_column": "a", "text_column": "b"}
    assert own.post("/api/batch", params=query, content=table).status_code == 200


@pytest.mark.parametrize(
    ("query", "content", "status", "said"),
    [
        ("?name=x.docx", b"a", 400, "x.docx: this is no table that is read here"),
        ("?name=x.csv", b"", 400, "x.csv: the file is empty"),
        ("?name=x.csv&text_column=z", b"a,b\n1,2\n", 400, "x.csv: there is no column 'z'; there"),
        ("?name=x.xlsx", b"PK\x03\x04", 400, "x.xlsx: "),
        ("?name=x.csv.gz", b"a,b\n", 400, "x.csv.gz: "),
        ("?name=x.csv&sheet=1", b"a,b\n1,2\n", 400, "x.csv: "),
        ("", b"\x00\x01", 400, "the file: "),
        ("?to=pdf", b"a", 422, "query.to"),
    ],
)
def test_a_file_that_cannot_be_tagged_is_told_in_the_sentence_of_batch(
    own: TestClient, query: str, content: bytes, status: int, said: str
) -> None:
    answer = own.post(f"/api/batch{query}", content=content)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert said in error
    assert "frontback-" not in error  # no folder of ours


@pytest.mark.parametrize("name", ["../../x.csv", "/etc/x.csv", "a\0b.csv", "x.c/sv", "ñ.csv", "x."])
def test_a_name_is_never_a_path(
    own: TestClient, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    content = b"title,text\nCook,You cook for the guests of our house.\n"
    answer = own.post("/api/batch", params={"name": name}, content=content)
    assert answer.status_code in (200, 400)
    assert list(tmp_path.iterdir()) == []


def test_every_route_of_the_api_is_described_and_shown(own: TestClient) -> None:
    document = own.get("/api/openapi.json").json()
    page = own.get("/api").text
    assert {"/api/tag", "/api/detect", "/api/explain", "/api/batch", "/healthz"} == set(
        document["paths"]
    )
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["description"]
            assert path in page
            for status, answer in operation["responses"].items():
                assert answer["description"], status


def test_the_examples_of_the_document_are_answered(own: TestClient) -> None:
    document = own.get("/api/openapi.json").json()
    asked = {"/api/tag": "ToTag", "/api/detect": "ToDetect", "/api/explain": "ExplainedPosting"}
    for path, name in asked.items():
        for example in document["components"]["schemas"][name]["examples"]:
            assert own.post(path, json=example).status_code == 200
