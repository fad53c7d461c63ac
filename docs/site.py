"""Make a site of the pages of documentation: ``python -m docs.site FOLDER``.

The pages are written to be read where they lie, in the repository, and link to files beside
``docs/`` as well (``../corpus/README.md``). A site is made of one folder, so they are copied to one
with all that they lead to, ``docs/`` becoming its root, and each link is written anew. Where
``<!-- docstring: NAME -->`` stands in a page, the site has the docstring of that name and those of
its public members, or of ``NAME with THESE, MEMBERS``. A page, or a part of one, that is linked and
missing is an error, here or in the build, which is strict; so is a page that the navigation in
``docs/zensical.toml`` does not lead to.
"""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pipeline.posting import FrontbackError, InputError, OutputError

ROOT = Path(__file__).resolve().parents[1]
_ROOM = "docs/"
_LINK = re.compile(r"(?<=\]\()(?!\w+:)([^)#\s]+)((?:#[^)\s]*)?)(?=\))")
_DOCSTRING = re.compile(r"^<!-- docstring: ([\w.]+)(?: with ([\w, ]+))? -->$", re.MULTILINE)

_BAR_IN_CODE = re.compile(r"`([^`\n]*\\\|[^`\n]*)`")


def build(site: Path) -> None:
    """Make the site of this repository's pages, in place of one that was made before.

    Raises:
        InputError: a link leads nowhere, or the site cannot be made of the pages.
        OutputError: the folder holds something else than a site.
    """
    if site.exists() and any(site.iterdir()) and not (site / "sitemap.xml").exists():
        raise OutputError(f"{site}: holds something else than a site; name an empty folder.")
    with TemporaryDirectory() as name:
        folder = Path(name)
        _gather(folder / "docs")
        shutil.copy(ROOT / "docs/zensical.toml", folder)
        command = [sys.executable, "-m", "zensical", "build", "--strict", "--config-file"]
        done = subprocess.run(
            [*command, str(folder / "zensical.toml")],
            cwd=ROOT,  # from where the docstrings are read
            capture_output=True,
            encoding="utf-8",
            env={**os.environ, "NO_COLOR": "1"},
            check=False,
        )
        if done.returncode:
            sys.stderr.write(done.stdout + done.stderr)
            raise InputError("docs: the site cannot be made; mend what is named above.")
        shutil.rmtree(site, ignore_errors=True)
        shutil.copytree(folder / "site", site)


def _gather(folder: Path) -> None:
    """Copy the pages, and all that they lead to, to where the site wants them."""
    navigation = tomllib.loads((ROOT / "docs/zensical.toml").read_text("utf-8"))["project"]["nav"]
    waiting = [_origin(place) for place in _leaves(navigation)]
    for page in sorted(_files("docs/**/*.md") - set(waiting)):
        raise InputError(f"{page}: in no menu; add it to 'nav' in docs/zensical.toml.")
    waiting += _files("docs/assets/*")
    seen = set(waiting)
    while waiting:
        path = waiting.pop()
        if not (ROOT / path).is_file():
            raise InputError(f"docs/zensical.toml: there is no page {path}; mend 'nav'.")
        target = folder / _place(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not path.endswith(".md"):
            shutil.copy(ROOT / path, target)
            continue
        text, linked = _moved(path, (ROOT / path).read_text("utf-8"))
        text = _BAR_IN_CODE.sub(_as_html, _DOCSTRING.sub(_directive, text))
        target.write_text(text, "utf-8")
        waiting += sorted(linked - seen)
        seen |= linked


def _moved(page: str, text: str) -> tuple[str, set[str]]:
    """Return a page with its links as they are on the site, and the files that it links to."""
    linked = set()

    def move(match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(page), match[1]))
        if not (ROOT / path).is_file():
            raise InputError(f"{page}: there is no file {match[1]}; mend the link.")
        linked.add(path)
        return posixpath.relpath(_place(path), posixpath.dirname(_place(page))) + match[2]

    return _LINK.sub(move, text), linked


def _directive(comment: re.Match[str]) -> str:
    """Return what mkdocstrings puts the docstrings for."""
    members = f"\n    options:\n      members: [{comment[2]}]" if comment[2] else ""
    return f"::: {comment[1]}{members}"


def _as_html(code: re.Match[str]) -> str:
    r"""Return code in a table with its bars: Markdown's site makers leave the ``\`` before them."""
    return f"<code>{escape(code[1]).replace(chr(92) + '|', '&#124;')}</code>"


def _place(path: str) -> str:
    """Return where a file of the repository lies in the folder that the site is made of."""
    return path.removeprefix(_ROOM)


def _origin(place: str) -> str:
    """Return which file of the repository lies there: the inverse of `_place`."""
    return next((path for path in (_ROOM + place, place) if (ROOT / path).is_file()), place)


def _files(pattern: str) -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in ROOT.glob(pattern)}


def _leaves(navigation: Any) -> Iterator[str]:
    """Give the pages of a navigation: groups and pages by their names, to any depth."""
    if isinstance(navigation, str):
        yield navigation
        return
    for entry in navigation.values() if isinstance(navigation, dict) else navigation:
        yield from _leaves(entry)


if __name__ == "__main__":
    try:
        build(Path(sys.argv[1]))
    except FrontbackError as error:
        sys.exit(str(error))
