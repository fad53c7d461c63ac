"""An HR person's first hour on the page: a sheet, twenty looks, a model of their own, a report.

With FRONTBACK_SCREENSHOTS naming a folder the pictures of docs/ are written there:
``make screenshots``.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import chromium, serious_findings, served
from tests.conftest import SAMPLES

_SHEET = SAMPLES / "labelled_later.csv"
_TRAINING_MS = 400_000
_KEYS = {"Customer": "f", "Internal": "b"}

Shoot = Callable[[Page, str], None]


@pytest.fixture(scope="module")
def address(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with the default model and no sheet."""
    chromium()
    own = tmp_path_factory.mktemp("own") / "models"
    shutil.copytree(models, own)  # another model will be the active one
    with served(own, tmp_path_factory.mktemp("data")) as address:
        yield address


@pytest.fixture
def shoot() -> Shoot:
    """Take a picture for the documentation, where one is asked for."""
    folder = os.environ.get("FRONTBACK_SCREENSHOTS")

    def take(page: Page, name: str) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{name}.png")

    return take


def _rows() -> list[dict[str, str]]:
    with _SHEET.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _until_decided(page: Page, n: int) -> None:
    """Wait until so many decisions are kept."""
    address = page.url.partition("/review?")[0]
    for _ in range(600):
        found = page.request.get(f"{address}/reviews/decisions", params={"reviewer": "Kari"}).json()
        if len(found) == n:
            return
        page.wait_for_timeout(50)
    pytest.fail(f"{len(found)} are kept, not {n}")


def _follow(page: Page, link: str) -> None:
    """Follow a link, and wait until the scripts of the page that it leads to listen."""
    with page.expect_navigation():
        page.click(link)


def test_the_first_hour(page: Page, address: str, tmp_path: Path, shoot: Shoot) -> None:
    page.set_viewport_size({"width": 1000, "height": 700})
    page.goto(address)
    page.set_input_files("#file", _SHEET)
    page.wait_for_url("**/sheets/*")
    expect(page.locator("#summary")).to_contain_text("108", timeout=60_000)
    shoot(page, "sheet")

    # Twenty looks, by keys; whoever decides reads the posting, here its title.
    labels = {row["Title"]: row["Type"] for row in _rows()}
    page.click("#review")
    page.fill("#reviewer", "Kari")
    page.keyboard.press("Enter")
    heading = page.locator("#heading")
    expect(heading).not_to_be_empty()
    shoot(page, "review")
    assert serious_findings(page) == []
    for _ in range(20):
        where = page.locator("#where").inner_text()
        page.keyboard.press(_KEYS[labels[heading.inner_text()]])
        expect(page.locator("#where")).not_to_have_text(where)
    _until_decided(page, 20)
    heading_of_last = heading.inner_text()
    page.keyboard.press("z")
    _until_decided(page, 19)
    expect(heading).not_to_have_text(heading_of_last)
    page.keyboard.press(_KEYS[labels[heading.inner_text()]])
    _until_decided(page, 20)
    page.click("#corrections summary")
    with page.expect_download() as downloading:
        page.click("#export-jsonl")
    lines = downloading.value.path().read_text("utf-8").splitlines()
    assert len(lines) == 20
    names = {"Customer": "front", "Internal": "back"}
    decided = {line["title"]: line["label"] for line in map(json.loads, lines)}
    assert all(names[labels[title]] == label for title, label in decided.items())

    # What retraining would change is seen before anything changes.
    _follow(page, "#retrain")
    expect(page.locator("#decided")).to_contain_text(re.compile(r"\d+ front, \d+ back"))
    page.click("#train")
    expect(page.locator("#verdict")).to_be_visible(timeout=_TRAINING_MS)
    expect(page.locator("#changed")).to_contain_text("of 108 rows")
    assert serious_findings(page) == []
    shoot(page, "retrain")
    page.click("#use")
    expect(page.locator("#used")).to_contain_text("reviewed-")

    # The sheet is tagged again by the new model, and comes back as it was with tags behind.
    _follow(page, "#sheet")
    expect(page.locator("#outdated")).to_be_visible()
    page.click("#again")
    expect(page.locator("#summary")).to_contain_text("reviewed-", timeout=60_000)
    with page.expect_download() as downloading:
        page.click("#download")
    with downloading.value.path().open(encoding="utf-8-sig", newline="") as file:
        tagged = list(csv.DictReader(file))
    assert [row["Description"] for row in tagged] == [row["Description"] for row in _rows()]
    assert all(row["model"].startswith("reviewed-") for row in tagged)
    right = sum(names[row["Type"]] == row["office"] for row in tagged)
    wrong = sum(row["office"] not in ("review", names[row["Type"]]) for row in tagged)
    assert wrong < right / 10

    # The report is a file to mail, which opens from anywhere.
    with page.expect_download() as downloading:
        page.click("#report-download")
    report = tmp_path / "report.html"
    downloading.value.save_as(report)
    page.goto(report.as_uri())
    expect(page.locator("h1")).to_be_visible()
    assert serious_findings(page) == []
    shoot(page, "report")


def test_one_posting_is_answered_as_one_types(page: Page, address: str, shoot: Shoot) -> None:
    page.set_viewport_size({"width": 1000, "height": 700})
    page.goto(f"{address}/posting")
    page.fill("#text", "Du tar imot pasienter i skranken og svarer på telefon.\n")
    expect(page.locator("main")).to_contain_text("front")
    page.keyboard.press("Control+End")
    page.keyboard.type("Du fører journalsystemet og sender fakturaer.")
    expect(page.locator("mark.back").first).to_be_visible()
    expect(page.locator("mark.front").first).to_be_visible()
    shoot(page, "posting")
