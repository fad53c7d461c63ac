"""What the documentation shows is what happens."""

import doctest
import re
from pathlib import Path

import pytest

from pipeline.cli import frontback as group
from tests.examples import commands, comparable, renewed
from tests.test_cli import every_command

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("corpus/*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_example_prints_what_the_page_shows(page: Path, models, monkeypatch) -> None:
    monkeypatch.setenv("FRONTBACK_MODELS", str(models))
    text = page.read_text("utf-8")
    assert comparable(renewed(text)) == comparable(text), (
        f"run: python -m tests.examples {page.name}"
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_python_example_holds(page: Path, models, monkeypatch) -> None:
    monkeypatch.setenv("FRONTBACK_MODELS", str(models))
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    assert doctest.testfile(str(page), module_relative=False, optionflags=flags).failed == 0


def test_every_command_stands_in_the_documentation() -> None:
    text = "\n".join(page.read_text("utf-8") for page in PAGES)
    for path, _ in every_command(group):
        assert f"frontback {' '.join(path)}".strip() in text


def test_every_link_between_pages_leads_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_readme_has_examples() -> None:
    assert len(commands((ROOT / "README.md").read_text("utf-8"))) >= 5
