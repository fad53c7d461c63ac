"""The review page in a real browser: by keys, on a phone, with a server that comes and goes."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from pipeline.training import train
from pipeline.wording import UI_LANGUAGES
from tests.browser import chromium, is_too_wide, serious_findings, served
from tests.conftest import write_small_corpus
from tests.postings import BACK, FRONT

_HOSTILE = '"><svg/onload=alert(1)>'
_POSTINGS = [
    ("Receptionist", FRONT["en"]),
    ("Operator", BACK["en"]),
    (_HOSTILE, f"{FRONT['en']}\n{_HOSTILE}\n{BACK['en']}"),
    ("Receptionist who keeps the books", f"{BACK['en']} {FRONT['en']} You keep our accounts."),
    ("Kundebehandler", FRONT["no"]),
    ("Programador", BACK["es"]),
]
_HEADING = "#heading:not(:empty)"


@pytest.fixture(scope="module")
def small_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with a model that trains in a second."""
    chromium()
    folder = tmp_path_factory.mktemp("small")
    train([write_small_corpus(folder / "corpus")], folder / "models")
    with served(folder / "models", folder / "data") as address:
        yield address


@pytest.fixture
def sheet(page: Page, small_site: str) -> str:
    """The address of a sheet of six postings, tagged."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows([("title", "text"), *_POSTINGS])
    brought = page.request.post(
        f"{small_site}/sheets", data=file.getvalue().encode(), headers={"x-name": "jobs.csv"}
    )
    address = f"{small_site}/sheets/{brought.json()['id']}"
    for _ in range(1_000):
        if page.request.get(f"{address}/state").json()["state"] == "tagged":
            return address
        time.sleep(0.05)
    pytest.fail("the sheet is not tagged")


def _open(page: Page, sheet: str, reviewer: str = "Kari") -> None:
    page.goto(f"{sheet}/review?reviewer={reviewer}")
    page.wait_for_selector(_HEADING)


def _press(page: Page, key: str) -> str:
    """Press a key that leads to another posting; return where that one stands."""
    before = page.locator("#where").inner_text()
    page.keyboard.press(key)
    expect(page.locator("#where")).not_to_have_text(before)
    return page.locator("#where").inner_text()


def _said(page: Page, sheet: str, *expected: str, reviewer: str = "Kari") -> None:
    """Wait until the server knows these decisions of a reviewer and no others."""
    for _ in range(200):
        answer = page.request.get(f"{sheet}/reviews/decisions", params={"reviewer": reviewer})
        said = [each["decision"] for each in answer.json()]
        if said == list(expected):
            break
        time.sleep(0.02)
    assert said == list(expected)


def _kept(page: Page, decision: str) -> None:
    expect(page.locator("#status")).to_have_text(re.compile(f"Row \\d: {decision}, kept\\."))


def test_one_reviews_by_keys_and_what_was_decided_stays(page: Page, sheet: str) -> None:
    page.goto(f"{sheet}/review")
    page.get_by_role("textbox", name="Who is looking it over?").fill("Kari")
    page.keyboard.press("Enter")
    page.wait_for_selector(_HEADING)
    where = [page.locator("#where").inner_text()]
    where.extend(_press(page, key) for key in "fbufb")
    assert len(set(where)) == 6
    assert page.evaluate("document.activeElement.id") == "heading"
    _kept(page, "back")
    _said(page, sheet, "front", "back", "unsure", "front", "back")

    assert _press(page, "z") == where[4]
    expect(page.locator("#status")).to_have_text(re.compile(r"Row \d: taken back\."))
    assert _press(page, "k") == where[3]
    expect(page.locator("#said-of")).to_contain_text("You said front")
    assert _press(page, "j") == where[4]
    _said(page, sheet, "front", "back", "unsure", "front")
    how_far = page.locator("#how-far").inner_text()

    page.reload()
    page.wait_for_selector(_HEADING)
    assert page.locator("#where").inner_text() == where[4]
    assert page.locator("#how-far").inner_text() == how_far
    _press(page, "f")
    page.keyboard.press("f")
    expect(page.locator("#end-heading")).to_have_text("You are through.")
    _said(page, sheet, "front", "back", "unsure", "front", "front", "front")


def test_keys_do_nothing_where_one_types_or_means_something_else(page: Page, sheet: str) -> None:
    _open(page, sheet)
    where = _press(page, "j")
    _press(page, "k")
    page.keyboard.press("Control+b")
    page.keyboard.down("j")
    page.keyboard.down("j")  # as a key that is held down repeats
    page.keyboard.up("j")
    expect(page.locator("#where")).to_have_text(where)
    page.locator("#who > summary").click()
    page.locator("#who input").fill("")
    page.locator("#who input").press_sequentially("fubz")
    expect(page.locator("#who input")).to_have_value("fubz")
    page.locator("#heading").focus()
    page.keyboard.press("?")
    page.keyboard.press("f")
    page.get_by_role("checkbox", name="Use keys").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    assert page.locator("#where").inner_text() == where
    _said(page, sheet)


def test_what_was_taken_back_is_not_shown_as_said_while_it_is_on_its_way(
    page: Page, sheet: str
) -> None:
    _open(page, sheet)
    _press(page, "f")
    _kept(page, "front")
    waiting: list[Route] = []
    page.route("**/reviews/undo", lambda route: waiting.append(route))
    _press(page, "z")
    expect(page.locator("#said-of")).to_be_empty()
    expect(page.locator("[data-decision=front]")).to_have_attribute("aria-pressed", "false")
    waiting[0].continue_()
    expect(page.locator("#status")).to_have_text(re.compile(r"Row \d: taken back\."))
    _said(page, sheet)


def test_what_cannot_be_sent_is_told_and_sent_later_once(page: Page, sheet: str) -> None:
    _open(page, sheet)

    def lose(route: Route) -> None:
        route.fetch()  # it arrives, and nobody hears of it
        route.abort()

    page.route("**/reviews/decide", lose)
    _press(page, "f")
    trouble = page.locator("#trouble")
    expect(trouble).to_contain_text("Not kept yet: 1. The server does not answer.")
    expect(page.locator("#status")).to_be_empty()
    _press(page, "b")
    page.unroute("**/reviews/decide")
    page.get_by_role("button", name="Try again now").click()
    expect(trouble).to_be_empty()
    _kept(page, "back")
    _said(page, sheet, "front", "back")


def test_what_was_not_sent_is_sent_by_the_page_that_is_opened_next(page: Page, sheet: str) -> None:
    dialogs: list[str] = []

    def leave(dialog: Dialog) -> None:
        dialogs.append(dialog.type)
        dialog.accept()

    _open(page, sheet)
    page.on("dialog", leave)
    page.route("**/reviews/decide", lambda route: route.abort())
    second = _press(page, "u")
    expect(page.locator("#trouble")).to_contain_text("Not kept yet: 1.")
    page.unroute("**/reviews/decide")
    page.route("**/reviews/decide", lambda route: route.continue_())
    page.reload()
    page.wait_for_selector(_HEADING)
    _kept(page, "unsure")
    assert dialogs == ["beforeunload"]
    assert page.locator("#where").inner_text() == second
    _said(page, sheet, "unsure")


def test_what_is_refused_is_told_and_not_sent_for_ever(page: Page, sheet: str) -> None:
    _open(page, sheet)
    answer = json.dumps({"error": "There is no such posting."})
    page.route("**/reviews/decide", lambda route: route.fulfill(status=404, body=answer))
    _press(page, "f")
    expect(page.locator("#trouble")).to_have_text(
        re.compile(r"Row \d was not kept\. There is no such posting\.")
    )
    expect(page.get_by_role("button", name="Try again now")).to_be_hidden()


def test_what_others_said_is_seen_once_one_has_decided(page: Page, sheet: str) -> None:
    _open(page, sheet, "Kari")
    first = page.locator("#where").inner_text()
    _press(page, "f")
    _kept(page, "front")
    _open(page, sheet, "Ola")
    assert page.locator("#where").inner_text() == first
    assert page.locator("#said-of").inner_text() == ""
    _press(page, "b")
    expect(page.locator("#status")).to_contain_text("Kari said front.")
    page.locator("#agreement > summary").click()
    row = page.locator("#agreement-table tbody tr")
    expect(row.locator("td").first).to_have_text("Kari, Ola")
    page.locator("#decided > summary").click()
    page.get_by_role("button", name=re.compile("Change row")).click()
    expect(page.locator("#where")).to_have_text(first)
    _press(page, "f")
    _said(page, sheet, "back", "front", reviewer="Ola")
    page.locator("#corrections > summary").click()
    with page.expect_download() as saved:
        page.locator("#export-jsonl").click()
    assert saved.value.suggested_filename == "jobs-corrections.jsonl"
    assert json.loads(Path(saved.value.path()).read_text("utf-8"))["label"] == "front"


def test_a_posting_full_of_markup_is_text(page: Page, sheet: str) -> None:
    page.on("dialog", lambda dialog: pytest.fail("a posting's script ran"))
    _open(page, sheet)
    for _ in range(len(_POSTINGS)):
        if page.locator("#heading").inner_text() == _HOSTILE:
            break
        _press(page, "j")
    expect(page.locator("#heading")).to_have_text(_HOSTILE)
    expect(page.locator("#content .text")).to_contain_text(_HOSTILE)
    assert page.locator("#posting svg").count() == 0
    assert page.locator("#content mark").count() > 0


@pytest.mark.parametrize("code", UI_LANGUAGES)
def test_everybody_can_use_it_on_a_phone_in_each_language(
    page: Page, sheet: str, code: str
) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(f"{sheet.rpartition('/sheets')[0]}/language/{code}")
    _open(page, sheet)
    _press(page, "f")
    for each in ("decided", "agreement", "corrections"):
        page.locator(f"#{each} > summary").click()
    expect(page.locator("#exports")).to_be_visible()
    assert not is_too_wide(page)
    assert serious_findings(page) == []
    page.emulate_media(color_scheme="dark")
    assert serious_findings(page) == []
    page.evaluate("scrollTo(0, 0)")
    for decision in ("front", "back", "unsure"):
        box = page.locator(f"[data-decision={decision}]").bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["y"] + box["height"] <= 640
    assert "{" not in page.locator("main").inner_text()
