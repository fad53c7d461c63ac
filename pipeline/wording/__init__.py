"""What people read, in the language they read: English, Spanish or Norwegian (bokmål).

The sentences of each language lie in ``LANGUAGE/SECTION.toml``; a key is ``section.name`` or
``section.table.name``. What stands in a table that is written (``front``, ``close call``) is the
same in all languages; only what people see of it is worded, by `Wording.of`.
"""

from __future__ import annotations

import os
import tomllib
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any, Final

#: By their codes, with the names they have for themselves.
UI_LANGUAGES: Final = {"en": "English", "es": "Español", "no": "Norsk"}
ENVIRONMENT_VARIABLE: Final = "FRONTBACK_UI_LANGUAGE"

_FOLDER = Path(__file__).parent
# Separators of thousands and of decimals; a number is not broken over two lines.
_NUMBERS = {"en": (",", "."), "es": (".", ","), "no": ("\N{NO-BREAK SPACE}", ",")}


class Wording:
    """The sentences of one language.

    Args:
        language: one of `UI_LANGUAGES`.

    Raises:
        ValueError: there are no sentences in that language.
    """

    def __init__(self, language: str) -> None:
        if language not in UI_LANGUAGES:
            raise ValueError(f"{language!r} is none of {', '.join(UI_LANGUAGES)}")
        self.language = language

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the sentence of a key, with values in their places.

        Whole numbers and fractions are written as the language writes them.

        Raises:
            KeyError: there is no such sentence, or a value that it names is missing.
        """
        section, *path = key.split(".")
        found: Any = section_of(self.language, section)
        for name in path:
            found = found[name]
        shown = {name: self._shown(value) for name, value in values.items()}
        return str(found).format_map(shown) if shown else str(found)

    def of(self, kind: str, value: str) -> str:
        """Return how people call a value of a column; the value itself where it has no name here.

        Args:
            kind: ``office``, ``language``, ``code`` (of a language, where there is little room),
                ``reason``; ``doing`` and ``unit`` of work that goes on.
            value: as it stands in the table, or in English.
        """
        return str(section_of(self.language, "values").get(kind, {}).get(value, value))

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number as the language writes it, with so many digits behind the decimal."""
        return self._written(f"{value:,.{digits}f}")

    def signed(self, value: float, digits: int = 0) -> str:
        """Return a number as the language writes it, with its sign."""
        return self._written(f"{value:+,.{digits}f}")

    def percent(self, share: float, digits: int = 0) -> str:
        """Return a share from 0 to 1 in percent."""
        blank = "" if self.language == "en" else "\N{NO-BREAK SPACE}"
        return f"{self.number(100 * share, digits)}{blank}%"

    def _written(self, number: str) -> str:
        thousands, decimal = _NUMBERS[self.language]
        parts = {",": thousands, ".": decimal}
        return "".join(parts.get(each, each) for each in number)

    def _shown(self, value: object) -> object:
        return self.number(value) if type(value) is int else value


@cache
def section_of(language: str, section: str) -> dict[str, Any]:
    """Return the sentences of a section.

    Raises:
        KeyError: there is no such section.
    """
    try:
        return tomllib.loads((_FOLDER / language / f"{section}.toml").read_text("utf-8"))
    except FileNotFoundError:
        raise KeyError(section) from None


_chosen: ContextVar[str] = ContextVar("ui_language", default="")


def choose(language: str) -> None:
    """Have `words` be those of this language, in this thread of work; "" undoes it."""
    _chosen.set(language)


def chosen() -> str:
    """Return the language chosen, else the environment's; "" where there is neither."""
    named = _chosen.get() or os.environ.get(ENVIRONMENT_VARIABLE, "")
    return named if named in UI_LANGUAGES else ""


def words() -> Wording:
    """Return the sentences in the language chosen, else English."""
    return Wording(chosen() or "en")
