"""Sheets on the page, as a person uses them in a browser."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser import is_too_wide, serious_findings, served
from tests.conftest import SAMPLES
from tests.models import save
from tests.postings import FRONT

_SECONDS = 30_000


@pytest.fixture(scope="module")
def small_models(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with a small model, where there is a browser to see what it does."""
    folder = tmp_path_factory.mktemp("models")
    save(folder, 0)
    return folder


@pytest.fixture(scope="module")
def address(small_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server without a sheet."""
    with served(small_models, tmp_path_factory.mktemp("data")) as address:
        yield address


def _bring(page: Page, address: str, file: Path) -> None:
    page.goto(address)
    page.set_input_files("#file", file)
    page.wait_for_url("**/sheets/*")
    expect(page.locator("#summary, #error")).to_be_visible(timeout=_SECONDS)


def test_a_sheet_is_brought_tagged_downloaded_and_removed(page: Page, address: str) -> None:
    _bring(page, address, SAMPLES / "ofertas.csv")
    expect(page.locator("h1")).to_have_text("ofertas.csv")
    expect(page.locator("#live")).to_contain_text("Rows tagged: 21; by the model own-")
    with page.expect_download() as downloading:
        page.click("#download")
    assert downloading.value.suggested_filename == "ofertas-tagged.csv"
    content = downloading.value.path().read_text("cp1252")
    rows = list(csv.reader(io.StringIO(content, newline=""), delimiter=";"))
    counted = page.locator("[data-count^=office]").all_text_contents()
    assert sum(map(int, counted)) == len(rows) - 1 == 21

    page.click("#remove")
    page.keyboard.press("Escape")
    expect(page.locator("#download")).to_be_visible()
    page.click("#remove")
    expect(page.locator("#asked")).to_contain_text("A file that you dropped in stays")
    page.click("#removed")
    page.wait_for_url(f"{address}/")
    expect(page.locator("#sheets")).to_contain_text("None yet.")


def test_sheets_are_dropped_on_the_page_and_each_refusal_is_said(page: Page, address: str) -> None:
    page.goto(address)
    page.evaluate(
        """text => {
            const files = new DataTransfer();
            files.items.add(new File([`title,text\\n,${text}\\n`], "søk & <b>.csv"));
            files.items.add(new File(["x"], "cv.pdf"));
            document.dispatchEvent(
                new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
        }""",
        FRONT["no"],
    )
    expect(page.locator("#wrong")).to_contain_text("cv.pdf: a .pdf is no table")
    brought = page.locator("#sheets li", has_text="søk & <b>.csv")
    expect(brought).to_have_attribute("data-state", "tagged", timeout=_SECONDS)


def test_a_column_that_is_not_found_is_named_by_keyboard(
    page: Page, address: str, tmp_path: Path
) -> None:
    file = tmp_path / "jobs.csv"
    file.write_text(f"Ref,Blurb\n1,{FRONT['no']}\n", encoding="utf-8")
    _bring(page, address, file)
    expect(page.locator("#error")).to_contain_text("name it with --text-column")
    page.locator("#text_column").focus()
    page.keyboard.type("Blurb")
    page.keyboard.press("Enter")
    expect(page.locator("#summary")).to_contain_text("Rows tagged: 1;", timeout=_SECONDS)
    expect(page.locator("#sheet")).to_contain_text("Text: column “Blurb”")


def test_a_sheet_that_comes_while_another_is_sent_waits_for_its_turn(
    page: Page, address: str, tmp_path: Path
) -> None:
    held: list[Route] = []
    page.route("**/sheets", lambda route: held.append(route))
    page.goto(address)
    for name in ("first.csv", "second.csv"):
        (tmp_path / name).write_text(f"title,text\n,{FRONT['no']}\n", encoding="utf-8")
        page.set_input_files("#file", tmp_path / name)
    expect(page.locator("#sending")).to_have_text("Sending first.csv")
    held[0].continue_()
    expect(page.locator("#sending")).to_have_text("Sending second.csv")
    held[1].continue_()
    for name in ("first.csv", "second.csv"):
        brought = page.locator("#sheets li", has_text=name)
        expect(brought).to_have_attribute("data-state", "tagged", timeout=_SECONDS)


def test_a_sheet_that_is_tagged_before_the_page_looks_can_be_tagged_once_more(
    page: Page, address: str, tmp_path: Path
) -> None:
    def late(route: Route) -> None:
        time.sleep(1.0)
        route.continue_()

    file = tmp_path / "jobs.csv"
    file.write_text(f"title,text\n,{FRONT['no']}\n", encoding="utf-8")
    _bring(page, address, file)
    page.click("summary")
    page.route(page.url, late)
    page.click("#tag")
    expect(page.locator("#tag")).to_be_hidden()
    page.click("summary")
    with page.expect_request("**/tag"):
        page.click("#tag")


def test_a_sheet_of_ones_own_goes_on_to_its_review(
    page: Page, small_models: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "jobs.csv"
    sheet.write_text(f"title,text\n,{FRONT['no']}\n", encoding="utf-8")
    with served(small_models, tmp_path, "review", str(sheet)) as address:
        page.goto(address)
        page.wait_for_url("**/review", timeout=_SECONDS)
        expect(page.locator("h1")).to_be_visible()
    assert sheet.read_text("utf-8") == f"title,text\n,{FRONT['no']}\n"


def test_a_report_opens_beside_the_page(page: Page, address: str) -> None:
    _bring(page, address, SAMPLES / "stillinger.xlsx")
    with page.expect_popup() as opening:
        page.click("#report")
    report = opening.value
    expect(report.locator("h1")).to_contain_text("stillinger.xlsx", timeout=_SECONDS)


def test_a_server_that_is_gone_is_said(page: Page, address: str) -> None:
    page.goto(address)
    page.route("**/sheets", lambda route: route.abort())
    page.set_input_files("#file", SAMPLES / "ofertas.csv")
    expect(page.locator("#wrong")).to_have_text("ofertas.csv was not sent; nothing of it is kept.")
    expect(page.locator("#upload")).to_be_hidden()


@pytest.mark.parametrize(
    ("language", "scheme", "width"),
    [("en", "light", 360), ("es", "dark", 360), ("nb", "light", 900)],
)
def test_the_pages_can_be_used_by_everyone(
    browser: Browser, address: str, language: str, scheme: str, width: int
) -> None:
    context = browser.new_context(
        locale=language, color_scheme=scheme, viewport={"width": width, "height": 800}
    )
    try:
        page = context.new_page()
        wrong: list[str] = []
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        _bring(page, address, SAMPLES / "stillinger.xlsx")
        page.click("summary")
        found = serious_findings(page)
        too_wide = [is_too_wide(page)]
        page.click("#remove")
        found += serious_findings(page)
        page.click("#removed")
        page.wait_for_url(f"{address}/")
        found += serious_findings(page)
        assert not found
        assert not any([*too_wide, is_too_wide(page)])
        assert not wrong
    finally:
        context.close()
