"""Where things lie: the corpus that came with frontback, and the folder of models."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

ENVIRONMENT_VARIABLE = "FRONTBACK_MODELS"

_PACKAGE = Path(__file__).resolve().parent


def checkout() -> Path | None:
    """Return the checkout that this code runs from, or None where it was installed."""
    root = _PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() and (root / "corpus").is_dir() else None


def corpus_folder() -> Path:
    """Return the folder of the corpus: of the checkout, else the one inside the package."""
    root = checkout()
    return root / "corpus" if root else _PACKAGE / "_corpus"


def own_corpus_folder() -> Path:
    """Return the folder that a user's own labelled postings are added to; it need not exist yet."""
    return Path(platformdirs.user_data_dir("frontback", appauthor=False)) / "corpus"


def same_place(one: Path, other: Path) -> bool:
    """Return whether two paths lead to the same place, be it there or not."""
    # Path.resolve() raises where links lead in a circle.
    return os.path.realpath(one) == os.path.realpath(other)


def models_folder(option: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder that models are kept in; it need not exist yet.

    The first of these that applies: the option, the environment variable FRONTBACK_MODELS, the
    checkout when run from one, the user's data folder. Never the current folder as such.
    """
    if option:
        return Path(option).expanduser().absolute()
    if named := os.environ.get(ENVIRONMENT_VARIABLE):
        return Path(named).expanduser().absolute()
    root = checkout()
    if root:
        return root / "models"
    return Path(platformdirs.user_data_dir("frontback", appauthor=False)) / "models"
