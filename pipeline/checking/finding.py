"""What a check finds."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

from pipeline.posting import CorpusError


class Finding(NamedTuple):
    """One thing that is wrong: where it stands (file:line; file, row; folder), and what it is."""

    where: str
    what: str


Report = Callable[[Finding], None]


def library(name: str, extra: str = "corpus") -> Any:
    """Return a library of an extra; `CorpusError` says how to install it."""
    try:
        return import_module(name)
    except ImportError:
        raise CorpusError(
            f"this needs {name.partition('.')[0]};"
            f" install it with pip install 'frontback[{extra}]'."
        ) from None
