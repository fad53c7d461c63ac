"""The site is made of the pages as they stand, holds together, and needs nothing from outside."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import docs.site
import pipeline
from docs.site import build
from pipeline.posting import InputError, OutputError

ROOT = Path(__file__).parents[1]
#: What a browser fetches by itself; a link (a) it follows only when somebody clicks.
_FETCHED = {
    "audio": ("src",),
    "embed": ("src",),
    "iframe": ("src",),
    "image": ("href", "xlink:href"),
    "img": ("src", "srcset"),
    "input": ("src",),
    "link": ("href",),
    "object": ("data",),
    "script": ("src",),
    "source": ("src", "srcset"),
    "use": ("href", "xlink:href"),
    "video": ("src", "poster"),
}
# The theme's script fetches these from the web where a page has them.
_FETCHING = {"mermaid", "glightbox"}


class _Page(HTMLParser):
    """What a page fetches, where its links lead, its anchors and classes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.classes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.fetched += [values[name] for name in _FETCHED.get(tag, ()) if values.get(name)]
        self.fetched += re.findall(r"url\(([^)]*)\)", values.get("style", ""))
        self.links += [values["href"]] if tag == "a" and "href" in values else []
        self.anchors |= {values[name] for name in ("id", "name") if name in values}
        self.classes |= set(values.get("class", "").split())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "site"
    build(folder)
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, _Page]:
    return {path: _Page(path.read_text("utf-8")) for path in site.rglob("*.html")}


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one page, index.md."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text("# Start\n", "utf-8")
    (tmp_path / "docs/zensical.toml").write_text(
        '[project]\nsite_name = "small"\nnav = [{ "Start" = "index.md" }]\n'
        "use_directory_urls = false\n",
        "utf-8",
    )
    monkeypatch.setattr(docs.site, "ROOT", tmp_path)
    return tmp_path


def test_every_page_is_on_the_site(site: Path) -> None:
    for page in (ROOT / "docs").rglob("*.md"):
        assert (site / page.relative_to(ROOT / "docs").with_suffix(".html")).is_file()


def test_nothing_is_fetched_from_outside_when_a_page_is_read(pages: dict[Path, _Page]) -> None:
    for path, page in pages.items():
        assert not page.classes & _FETCHING, path.name
        for target in page.fetched:
            parts = urlsplit(target)
            assert not parts.scheme or target.startswith("data:"), f"{path.name}: {target}"
            assert not parts.netloc, f"{path.name}: {target}"


def test_pictures_and_styles_fetch_nothing_either(site: Path) -> None:
    for path in [*site.rglob("*.svg"), *site.rglob("*.css")]:
        text = path.read_text("utf-8")
        fetched = re.findall(r"url\(\s*[\"']?([^)\"']*)|@import[^;]*|(?:src|href)=\"([^\"]*)", text)
        for target in filter(None, (a or b for a, b in fetched)):
            assert target.startswith(("#", "data:")) or not urlsplit(target).netloc, path.name


def test_every_link_and_every_file_of_a_page_is_there(pages: dict[Path, _Page]) -> None:
    for path, page in pages.items():
        if path.name == "404.html":
            continue  # its links are from the root of a server
        for target in page.links + page.fetched:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                continue
            file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            file = file / "index.html" if file.is_dir() else file
            assert file.is_file(), f"{path.name}: {target}"
            if parts.fragment and file in pages:
                assert unquote(parts.fragment) in pages[file].anchors, f"{path.name}: {target}"


def test_the_reference_has_every_public_name_with_its_docstring(site: Path) -> None:
    page = (site / "api.html").read_text("utf-8")
    for name in set(pipeline.__all__) - {"__version__"}:
        defined = getattr(pipeline, name)
        assert f'id="{defined.__module__}.{name}"' in page or f'id="pipeline.{name}"' in page, name
    assert "<!-- docstring" not in page


def test_a_link_that_leads_nowhere_is_an_error(small: Path) -> None:
    (small / "docs/index.md").write_text("# Start\n\n[more](more.md)\n", "utf-8")
    with pytest.raises(InputError, match=r"docs/index.md: there is no file more.md; mend the link"):
        build(small / "site")
    assert not (small / "site").exists()


def test_a_link_to_a_part_that_is_not_there_is_an_error(small: Path, capsys) -> None:
    (small / "docs/index.md").write_text("# Start\n\n[more](#more)\n", "utf-8")
    with pytest.raises(InputError, match="the site cannot be made"):
        build(small / "site")
    assert "anchor does not exist" in capsys.readouterr().err


def test_a_page_that_no_menu_leads_to_is_an_error(small: Path) -> None:
    (small / "docs/new.md").write_text("# New\n", "utf-8")
    with pytest.raises(InputError, match=r"docs/new.md: in no menu; add it to 'nav'"):
        build(small / "site")


def test_a_menu_that_leads_nowhere_is_an_error(small: Path) -> None:
    config = small / "docs/zensical.toml"
    config.write_text(config.read_text("utf-8").replace("index.md", "gone.md"), "utf-8")
    (small / "docs/index.md").unlink()
    with pytest.raises(InputError, match=r"there is no page gone.md; mend 'nav'"):
        build(small / "site")


def test_a_file_beside_the_pages_is_on_the_site_and_its_own_links_lead_back(small: Path) -> None:
    (small / "corpus").mkdir()
    (small / "corpus/README.md").write_text("# Corpus\n\n[start](../docs/index.md)\n", "utf-8")
    (small / "docs/index.md").write_text("# Start\n\n[corpus](../corpus/README.md)\n", "utf-8")
    build(small / "site")
    assert 'href="corpus/index.html"' in (small / "site/index.html").read_text("utf-8")
    assert 'href="../index.html"' in (small / "site/corpus/index.html").read_text("utf-8")


def test_code_in_a_table_keeps_its_bars(small: Path) -> None:
    (small / "docs/index.md").write_text("| a | b |\n|---|---|\n| `x \\| <y>` | z |\n", "utf-8")
    build(small / "site")
    text = (small / "site/index.html").read_text("utf-8")
    assert re.search(r"<td><code>x (\||&#124;) &lt;y&gt;</code></td>\s*<td>z</td>", text)


def test_a_docstring_has_the_members_that_are_named_and_no_others(small: Path) -> None:
    (small / "pens.py").write_text(
        'class Pen:\n    """Writes."""\n\n    def write(self):\n        """Put ink."""\n\n'
        '    def fill(self):\n        """Take ink."""\n',
        "utf-8",
    )
    config = (small / "docs/zensical.toml").read_text("utf-8")
    config += "[project.plugins.mkdocstrings.handlers.python]\n"
    config += 'paths = ["."]\noptions = { show_source = false }\n'
    (small / "docs/zensical.toml").write_text(config, "utf-8")
    (small / "docs/index.md").write_text("<!-- docstring: pens.Pen with write -->\n", "utf-8")
    build(small / "site")
    text = (small / "site/index.html").read_text("utf-8")
    assert "Writes." in text
    assert "Put ink." in text
    assert "Take ink." not in text


def test_a_site_is_made_anew_but_no_other_folder_replaced(small: Path) -> None:
    build(small / "site")
    (small / "site/old.html").write_text("old", "utf-8")
    build(small / "site")
    assert not (small / "site/old.html").exists()
    with pytest.raises(OutputError, match="holds something else than a site"):
        build(small / "docs")
    assert (small / "docs/index.md").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_the_recording_shows_what_the_commands_print(models: Path, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("FRONTBACK_MODELS", str(models))
    made = tmp_path / "made.svg"
    subprocess.run([sys.executable, "-m", "docs.recording", made], cwd=ROOT, check=True)
    assert _said(made) == _said(ROOT / "docs/recording.svg"), "run: make recording"


def _said(picture: Path) -> str:
    """Return the words of a recording, but for its times."""
    words = re.sub(r"<style>.*?</style>|<[^>]*>", "", picture.read_text("utf-8"), flags=re.DOTALL)
    return re.sub(r"\b\d+\.\d&#160;s\b", "", words)


def test_what_a_program_took_back_is_not_in_a_recording() -> None:
    pytest.importorskip("pty", reason="Windows has no pseudo-terminals")
    from docs.recording import on_screen

    shown = "\x1b[?25l\r\x1b[2Ktagging 10 %\r\x1b[2Ktagging 100 %\r\n\x1b[?25h"
    taken_back = "\r\x1b[1A\x1b[2K"
    assert on_screen(f"{shown}{taken_back}3 rows\r\nend\r\n") == ["3 rows", "end"]
