"""One posting as one types, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import is_too_wide, serious_findings
from tests.postings import BACK, FRONT

_OFFICE = "#answer [data-office]"


@pytest.fixture
def typing(page: Page, site: str) -> Page:
    page.goto(f"{site}/posting")
    return page


def test_the_answer_follows_what_is_typed(typing: Page) -> None:
    text = typing.get_by_label("Text of the posting")
    text.press_sequentially(FRONT["en"][:60])
    expect(typing.locator(_OFFICE)).to_be_visible(timeout=20_000)  # the first of all
    text.fill(FRONT["en"])
    expect(typing.locator(_OFFICE)).to_have_text("front")
    expect(typing.get_by_role("status")).to_have_text("Answer: front")
    expect(typing.locator("#answer mark.front").first).to_be_visible()
    assert typing.evaluate("document.activeElement.id") == "text"
    text.fill(BACK["en"])
    expect(typing.locator(_OFFICE)).to_have_text("back")
    expect(typing.locator("#answer .kind", has_text="other").first).to_be_visible()
    typing.get_by_label("Text of the posting").fill("")
    expect(typing.locator("#answer")).to_contain_text("as soon as there is a text")
    expect(typing.get_by_role("status")).to_be_empty()


def test_an_answer_that_comes_late_does_not_replace_a_newer_one(typing: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route) if not held else route.continue_()

    typing.route("**/posting/answer", hold)
    text = typing.get_by_label("Text of the posting")
    text.fill(FRONT["en"])
    with typing.expect_request("**/posting/answer"):
        pass
    text.fill(BACK["en"])
    expect(typing.locator(_OFFICE)).to_have_text("back")
    held[0].fulfill(status=200, content_type="text/html", body='<p data-office="x">late</p>')
    typing.wait_for_timeout(100)
    expect(typing.locator(_OFFICE)).to_have_text("back")


def test_a_posting_full_of_script_shows_as_text(typing: Page) -> None:
    script = '<b>You</b> & "greet" guests &lt;img src=x onerror=alert(1)&gt; at the front desk.'
    typing.get_by_label("Job title").fill("1 < 2 <i>Receptionist")
    typing.get_by_label("Text of the posting").fill(script)
    expect(typing.locator("#answer")).to_contain_text("1 < 2")
    assert typing.locator("#answer img, #answer b, #answer i, #answer script").count() == 0


def test_what_goes_wrong_is_said_and_the_text_stays(typing: Page) -> None:
    text = typing.get_by_label("Text of the posting")
    text.fill("a" * 20_001)
    expect(typing.get_by_role("alert")).to_contain_text("Longer than 20,000 characters")
    typing.route("**/posting/answer", lambda route: route.abort())
    text.fill(FRONT["es"])
    expect(typing.get_by_role("alert")).to_contain_text("does not answer")
    expect(text).to_have_value(FRONT["es"])
    typing.unroute("**/posting/answer")
    text.fill(FRONT["es"] + " ")
    expect(typing.get_by_role("alert")).to_be_empty()
    expect(typing.locator(_OFFICE)).to_have_text("front")


@pytest.mark.parametrize(
    ("language", "label", "said"),
    [
        ("Español", "Texto de la oferta", "Por qué este idioma"),
        ("Norsk", "Annonsetekst", "Hvorfor"),
    ],
)
def test_the_answer_is_in_the_language_of_the_page(
    typing: Page, language: str, label: str, said: str
) -> None:
    typing.get_by_role("link", name=language).click()
    typing.get_by_label(label).fill(FRONT["no"])
    expect(typing.locator(_OFFICE)).to_be_visible()
    expect(typing.locator("#answer")).to_contain_text(said)
    expect(typing.locator("#answer")).not_to_contain_text("rather than")


def test_an_answer_can_be_used_by_everybody_and_fits_a_phone(typing: Page) -> None:
    typing.get_by_label("Job title").fill("Receptionist and stock clerk " + "x" * 60)
    typing.get_by_label("Text of the posting").fill(FRONT["en"] + "\n" + BACK["en"])
    expect(typing.locator(_OFFICE)).to_be_visible()
    assert serious_findings(typing) == []
    typing.emulate_media(color_scheme="dark")
    assert serious_findings(typing) == []
    typing.set_viewport_size({"width": 360, "height": 640})
    assert not is_too_wide(typing)


def test_the_page_of_the_api_fits_a_phone_and_its_examples_can_be_reached(
    page: Page, site: str
) -> None:
    page.goto(f"{site}/api")
    page.get_by_role("link", name="POST /api/explain").click()
    expect(page.locator("#api-explain pre").first).to_contain_text(f"curl {site}/api/explain")
    assert serious_findings(page) == []
    page.set_viewport_size({"width": 360, "height": 640})
    assert not is_too_wide(page)
