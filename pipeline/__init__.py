"""frontback: front office or back office, for job postings in Spanish, Norwegian and English.

    >>> from pipeline import Tagger
    >>> tagger = Tagger.load()
    >>> tagger.tag(["You serve guests at the bar and take their orders."])  # doctest: +SKIP

Everything a program needs is here; the modules below are the rooms behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.posting import (
    CorpusError,
    FrontbackError,
    InputError,
    Language,
    ModelError,
    OutputError,
    Posting,
    Tag,
)

if TYPE_CHECKING:
    from pipeline.language import detect_languages
    from pipeline.tagger import Tagger

__version__ = "0.6.0"

__all__ = [
    "CorpusError",
    "FrontbackError",
    "InputError",
    "Language",
    "ModelError",
    "OutputError",
    "Posting",
    "Tag",
    "Tagger",
    "__version__",
    "detect_languages",
]


def __getattr__(name: str) -> Any:
    # Tagger brings numpy and joblib with it; `frontback --help` must not wait for them.
    if name == "Tagger":
        from pipeline.tagger import Tagger

        return Tagger
    if name == "detect_languages":
        from pipeline.language import detect_languages

        return detect_languages
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
