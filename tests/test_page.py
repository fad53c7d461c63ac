"""What all pages have in common, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import is_too_wide, serious_findings

_PATHS = ("/",)


@pytest.mark.parametrize("path", _PATHS)
def test_a_page_can_be_used_by_everybody(page: Page, site: str, path: str) -> None:
    page.goto(site + path)
    assert serious_findings(page) == []
    page.emulate_media(color_scheme="dark")
    assert serious_findings(page) == []


@pytest.mark.parametrize("path", _PATHS)
def test_a_page_fits_a_phone(page: Page, site: str, path: str) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(site + path)
    assert not is_too_wide(page)


def test_a_page_is_read_in_the_language_that_one_picks(page: Page, site: str) -> None:
    page.goto(site)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("link", name="Español").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    page.get_by_role("link", name="Norsk").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Regneark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "no")


def test_the_first_stop_of_the_keyboard_leads_past_the_navigation(page: Page, site: str) -> None:
    page.goto(site)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
