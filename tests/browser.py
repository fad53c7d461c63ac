"""A browser that a person could use, the server that it opens, and what accessibility asks of both.

The browser is the Chromium of the system; where there is none, tests that need it are skipped.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_SWITCHES = (
    # Nothing is asked of the network but what a test opens.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
_SERVE = "from pipeline.cli import main; main()"
_SERIOUS = ("serious", "critical")


def chromium() -> str:
    """Return the path of the system's Chromium, or skip the test that asks for it."""
    for name in _NAMES:
        if found := shutil.which(name):
            return found
    pytest.skip(f"there is no {_NAMES[0]} here; on Debian: apt-get install chromium")


@contextmanager
def started() -> Iterator[Browser]:
    """Run a browser."""
    path = chromium()
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    switches = [*_SWITCHES, *(["--no-sandbox"] if as_root else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=switches)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def served(models: Path, folder: Path, *arguments: str) -> Iterator[str]:
    """Run `frontback serve`, or the command given, and yield the address that it prints.

    Args:
        models: the models folder.
        folder: that stands for the user's data folder.
        arguments: of the command line, in place of ``serve``.
    """
    environment = {**os.environ, "FRONTBACK_MODELS": str(models), "XDG_DATA_HOME": str(folder)}
    command = [*(arguments or ("serve",)), "--port", "0", "--no-browser"]
    with subprocess.Popen(
        [sys.executable, "-c", _SERVE, *command],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        try:
            for line in process.stderr:
                if found := re.search(r"http://[^\s;]+", line):
                    break
            else:
                pytest.fail("the server ended before it said where it is")
            yield found.group().rstrip("/")
        finally:
            process.terminate()
            process.communicate(timeout=20)


def serious_findings(page: Page) -> list[str]:
    """Return what axe finds wrong with a page that keeps people from using it."""
    found: Any = Axe().run(page).response
    return [
        f"{each['id']} ({each['impact']}): {each['help']}; {each['nodes'][0]['html'][:200]}"
        for each in found["violations"]
        if each["impact"] in _SERIOUS
    ]


def is_here(url: str) -> bool:
    """Whether an address leads to no other machine."""
    return url.startswith(("http://127.0.0.1:", "data:", "blob:", "about:", "file:"))


def is_too_wide(page: Page) -> bool:
    """Whether a page has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))
