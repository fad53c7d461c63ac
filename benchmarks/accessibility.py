"""What axe finds on every page, in each language, light and dark, on a desk and on a phone.

    python -m benchmarks.accessibility

Needs a Chromium of the system. axe (https://github.com/dequelabs/axe-core) tells what a machine can
tell: about half of what keeps people from using a page. Rules are those of WCAG 2.2 A and AA and
its best practices; a finding counts once for each rule and state of a page.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import click
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize
from rich.console import Console
from rich.table import Table

from pipeline.places import corpus_folder, models_folder
from pipeline.wording import UI_LANGUAGES
from tests.browser import served, started

_SIZES: tuple[ViewportSize, ...] = ({"width": 1000, "height": 700}, {"width": 360, "height": 640})
_IMPACTS = ("critical", "serious", "moderate", "minor")
_SHEET = corpus_folder() / "samples" / "stillinger.xlsx"
_TEXT = "Du tar imot pasienter i skranken og svarer på telefon.\nDu fører journalsystemet."
_FRONTBACK = (sys.executable, "-c", "from pipeline.cli import main; main()")


@click.command()
def main() -> None:
    """Open each page in each state and print what axe finds."""
    found: dict[str, Counter[str]] = {}
    axe = Axe()
    with tempfile.TemporaryDirectory() as held, started() as browser:
        folder = Path(held)
        explanation, card = _written(folder)
        with served(models_folder(), folder) as address:
            page = browser.new_context().new_page()
            sheet = _tagged(page, address)
            pages = {
                "first page": f"{address}/",
                "sheet": sheet,
                "review": f"{sheet}/review?reviewer=Kari",
                "retraining": f"{sheet}/retrain",
                "report": f"{sheet}/report",
                "one posting": f"{address}/posting",
                "HTTP API": f"{address}/api",
                "explanation": explanation.as_uri(),
                "model card": card.as_uri(),
            }
            for name, url in pages.items():
                found[name] = Counter()
                for language in UI_LANGUAGES:
                    page.goto(f"{address}/language/{language}")
                    for size in _SIZES:
                        for scheme in ("light", "dark"):
                            page.set_viewport_size(size)
                            page.emulate_media(color_scheme=scheme)
                            _open(page, name, url, folder)
                            found[name] += _counts(axe, page)
    _print(found)


def _counts(axe: Axe, page: Page) -> Counter[str]:
    response = axe.run(page).response
    counts = Counter(str(each["impact"]) for each in response["violations"])
    return counts + Counter({"states": 1, "rules kept": len(response["passes"])})


def _open(page: Page, name: str, url: str, folder: Path) -> None:
    if name == "report":
        # The server's own lets no script run, axe neither: the file that one would mail.
        file = folder / "report.html"
        file.write_text(page.request.get(url).text(), encoding="utf-8")
        url = file.as_uri()
    page.goto(url)
    if name == "review":
        page.wait_for_selector("#heading:not(:empty)")
    if name == "one posting":
        page.fill("#text", _TEXT)
        page.wait_for_selector("mark")


def _tagged(page: Page, address: str) -> str:
    page.goto(address)
    page.set_input_files("#file", _SHEET)
    page.wait_for_url("**/sheets/*")
    page.wait_for_selector("#summary", timeout=120_000)
    return page.url.partition("?")[0]


def _written(folder: Path) -> tuple[Path, Path]:
    """Return an explanation as a page, and the card of the model in use."""
    explanation = folder / "why.html"
    asked = (*_FRONTBACK, "explain", _TEXT, "--html", str(explanation))
    subprocess.run(asked, check=True, stdout=subprocess.DEVNULL)
    active = (models_folder() / "active").read_text("utf-8").strip()
    return explanation, models_folder() / active / "card.html"


def _print(found: dict[str, Counter[str]]) -> None:
    heads = ("states", "rules kept", *_IMPACTS)
    table = Table(title="axe", title_justify="left")
    table.add_column("page")
    for head in heads:
        table.add_column(head, justify="right")
    for name, counts in found.items():
        table.add_row(name, *(f"{counts[head]:,}" for head in heads))
    Console(highlight=False, width=100).print(table)


if __name__ == "__main__":
    main()
