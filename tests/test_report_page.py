"""The report in a real browser: for everybody, on a phone, in light and dark, on paper."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from playwright.sync_api import Page

from pipeline import Tagger
from pipeline.report import write_report
from pipeline.report.models import Models
from pipeline.report.tagged import TaggedTable
from tests.browser import is_too_wide, serious_findings
from tests.postings import BACK
from tests.test_report import some_rows, tag, write


@pytest.fixture(scope="module")
def report(models: Path, tagger: Tagger, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a report with marked postings and a column of long values."""
    folder = tmp_path_factory.mktemp("report")
    rows = [
        row | {"model": tagger.model, "text": "\n".join(BACK.values())}
        for row in [*some_rows(random.Random(8), 60), tag("review", 0.5, "close call")]
    ]
    for place, row in enumerate(rows):
        row["Department"] = f"Department of {'very ' * (place % 3)}important affairs {place % 3}"
    table = TaggedTable(write(folder / "tagged.csv", rows))
    write_report(table, folder / "report.html", models=Models(models))
    return (folder / "report.html").as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_can_be_read_by_everybody(page: Page, report: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(report)
    assert page.locator("mark").count() > 20
    assert serious_findings(page) == []


def test_a_report_fits_a_phone_and_its_figures_can_be_read_there(page: Page, report: str) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    page.goto(report)
    assert not is_too_wide(page)
    heights = page.eval_on_selector_all(
        "svg text", "each => each.map(text => text.getBoundingClientRect().height)"
    )
    assert min(heights) >= 10


def test_the_bars_have_the_colours_of_the_scheme(page: Page, report: str) -> None:
    page.goto(report)
    seen = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        fills = page.eval_on_selector_all(
            "svg path, svg rect", "each => each.map(bar => getComputedStyle(bar).fill)"
        )
        seen[scheme] = set(fills)
    assert {"rgb(184, 80, 11)", "rgb(43, 108, 176)"} <= seen["light"]
    assert {"rgb(243, 148, 70)", "rgb(125, 179, 234)"} <= seen["dark"]


def test_a_report_in_the_dark_is_printed_black_on_white(page: Page, report: str) -> None:
    page.emulate_media(color_scheme="dark", media="print")
    page.goto(report)
    body = page.locator("body")
    assert body.evaluate("each => getComputedStyle(each).color") == "rgb(0, 0, 0)"
    assert body.evaluate("each => getComputedStyle(each).backgroundColor") == "rgb(255, 255, 255)"
    front = page.locator("svg path[style*='--front']").first
    assert front.evaluate("each => getComputedStyle(each).fill") == "rgb(184, 80, 11)"
