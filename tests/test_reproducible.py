"""The same postings and the same seed teach the same, whatever Python and scikit-learn do it.

Environments are made by uv, which takes from the registry what a version needs. `make test` takes
the oldest and the newest there may be; `make compatible` those with every Python that is found.
"""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from pipeline.labelled import Corpus
from tests.reproducing import Answers, answered

ROOT = Path(__file__).parents[1]
PYTHONS = ("3.11", "3.12", "3.13")
OLDEST, NEWEST = "lowest-direct", "highest"
EVERYWHERE = os.environ.get("FRONTBACK_COMPATIBLE") == "1"
_MINUTES = 10


class Place(NamedTuple):
    """A Python, and which versions of what it needs: a word of uv."""

    python: str
    resolution: str


ENDS = [Place(PYTHONS[0], OLDEST), Place(PYTHONS[-1], NEWEST)]
BETWEEN = [
    Place(python, resolution)
    for python in PYTHONS
    for resolution in (OLDEST, NEWEST)
    if (python, resolution) not in ENDS
]


def found(program: str) -> str | None:
    """Return the path of a program beside this Python, or on the path."""
    return shutil.which(program, path=str(Path(sys.executable).parent)) or shutil.which(program)


def python_of(version: str) -> str | None:
    """Return a Python of a version: this one, one of pyenv's, one on the path."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    several = [
        sys.executable,
        *map(str, pyenv.glob(f"versions/{version}.*/bin/python")),
        shutil.which(f"python{version}"),
    ]
    asks = "import sys; print(*sys.version_info[:2], sep='.')"
    for each in filter(None, several):
        done = subprocess.run([each, "-c", asks], capture_output=True, text=True, check=False)
        if done.stdout.strip() == version:
            return each
    return None


def make(place: Place, folder: Path) -> Path:
    """Make an environment with what frontback needs there, and return its Python."""
    uv, python = found("uv"), python_of(place.python)
    if uv is None:
        pytest.skip("uv is not installed, so no other environment can be made")
    if python is None:
        pytest.skip(f"no Python {place.python} is found")
    home = folder / f"{place.python} {place.resolution}"
    environment = {**os.environ, "VIRTUAL_ENV": str(home)}
    # The oldest that comes built: numpy 2.0 has no wheel for Python 3.13, langdetect none at all.
    install = ["pip", "install", "--quiet", "--resolution", place.resolution,
               "--only-binary", ":all:", "--no-binary", "langdetect",
               "-r", str(ROOT / "pyproject.toml")]  # fmt: skip
    for arguments in (["venv", "--quiet", "--python", python, str(home)], install):
        done = subprocess.run([uv, *arguments], env=environment, cwd=folder, capture_output=True,
                              text=True, check=False, timeout=60 * _MINUTES)  # fmt: skip
        if "error sending request" in done.stderr or "dns error" in done.stderr:
            pytest.skip("no package index within reach")
        assert done.returncode == 0, done.stderr
    return home / ("Scripts" if os.name == "nt" else "bin") / "python"


def ask(python: Path, lessons: str, folder: Path) -> Answers:
    """Return what `tests.reproducing` answers there."""
    # Kernels are compiled by another numba: not into the cache of this one.
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "compiled" / python.parts[-3]),
                   "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}  # fmt: skip
    done = subprocess.run(
        [python, "-W", "error", "-m", "tests.reproducing"], input=lessons, cwd=ROOT,
        env=environment, capture_output=True, text=True, check=False, timeout=60 * _MINUTES,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def lessons(corpus: Corpus) -> str:
    taken = [each for each in corpus.postings if each.kind == "plain"][::50]
    lines = [each for each in corpus.lines if each.label != "neutral"][::50]
    label = {"contact": "front", "other": "back"}
    content = {
        "postings": [[*each.posting, each.label, each.share] for each in taken],
        "lines": [[each.posting.text, label[each.label]] for each in lines],
        "no_postings": [each.posting.text for each in corpus.no_postings[::20]],
    }
    return json.dumps(content)


@pytest.fixture(scope="module")
def here(lessons: str) -> Answers:
    return answered(json.loads(lessons))


def assert_same(told: Answers, here: Answers, where: Place) -> None:
    assert told.keys() == here.keys()
    for name, expected in here.items():
        where_and_what = f"{' '.join(where)}: {name}"
        np.testing.assert_allclose(told[name], expected, rtol=0, atol=1e-6, err_msg=where_and_what)


def check(places: list[Place], lessons: str, here: Answers, folder: Path) -> None:
    made = [make(place, folder) for place in places]
    with ThreadPoolExecutor(2) as several:
        told = list(several.map(lambda python: ask(python, lessons, folder), made))
    for place, answers in zip(places, told, strict=True):
        assert_same(answers, here, place)


def test_the_oldest_and_the_newest_there_may_be_learn_the_same(lessons, here, tmp_path) -> None:
    assert len(here) > 30
    check(ENDS, lessons, here, tmp_path)


@pytest.mark.skipif(not EVERYWHERE, reason="takes minutes: 'make compatible' runs it")
@pytest.mark.parametrize("place", BETWEEN, ids=" ".join)
def test_every_python_learns_the_same_with_the_oldest_and_the_newest(
    place: Place, lessons: str, here: Answers, tmp_path: Path
) -> None:
    check([place], lessons, here, tmp_path)
