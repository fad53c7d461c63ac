"""The project's words: what goes in, what comes out, and what can go wrong.

Errors, all of them one sentence that a user can act on:

    FrontbackError
    ├── InputError     a file, table or text that cannot be read
    │   ├── ChangedError   an input that changed while it was read
    │   ├── StrictError    a row that cannot be read, where none may be
    │   └── ResumeError    a run that was stopped, and something it depends on is another now
    ├── OutputError    a result that cannot be written
    ├── ModelError     a model that is missing, damaged or of another format
    │   └── UnsoundError   a file of a stored model that is not as it has to be
    ├── ClusterError   a cluster that cannot be reached, or whose workers do not fit
    ├── CorpusError    labelled postings that cannot be trained on
    └── WorseError     a model that does worse than another by more than is allowed
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Office = Literal["front", "back", "review"]
LanguageCode = Literal["es", "no", "en", "other", "unknown"]

#: The languages that a model is trained on; any other is answered with review.
LANGUAGES: Final = ("es", "no", "en")


class Reason:
    """Why a posting goes to review: the values of the column ``reason``."""

    NO_TEXT: Final = "no text"
    TOO_SHORT: Final = "too short"
    OTHER_LANGUAGE: Final = "other language"
    UNKNOWN_LANGUAGE: Final = "unknown language"
    NO_POSTING: Final = "no posting"
    SEVERAL_ROLES: Final = "several roles"
    CLOSE_CALL: Final = "close call"


class Posting(NamedTuple):
    """A job posting: its title, which may be empty, and its text."""

    title: str
    text: str


class Language(NamedTuple):
    """The language of a text.

    Attributes:
        code: ``es``, ``no``, ``en``, ``other`` (a language that the models do not know) or
            ``unknown`` (too little text to say).
        confidence: 0 to 1, of ``code`` as a whole; 0 for ``unknown``.
        variety: ``nb`` (bokmål) or ``nn`` (nynorsk) for Norwegian, otherwise empty.
        mixed: whether a substantial part is in another one of es, no, en.
    """

    code: LanguageCode
    confidence: float
    variety: str = ""
    mixed: bool = False


class Tag(NamedTuple):
    """The answer for one posting.

    Attributes:
        office: ``front``, ``back``, or ``review`` where the model should not guess.
        p_front: calibrated probability of front, 0 to 1; None where no model applies
            (no text, too short, other or unknown language).
        share: estimated share of the duties that are contact with customers, 0 to 100; None where
            p_front is, or where the model was trained without shares.
        language: see `Language.code`.
        language_confidence: see `Language.confidence`.
        mixed: see `Language.mixed`.
        reason: empty unless ``office`` is ``review``; then one of `Reason`.
        model: the id of the model that answered.
    """

    office: Office
    p_front: float | None
    share: int | None
    language: LanguageCode
    language_confidence: float
    mixed: bool
    reason: str
    model: str


class FrontbackError(Exception):
    """Any expected failure; its text is one sentence that says what to do next."""


class InputError(FrontbackError):
    """A file, table or text that cannot be read."""


class ChangedError(InputError):
    """An input that changed while it was read."""


class StrictError(InputError):
    """A row that cannot be read or has no text, where none may be."""


class ResumeError(InputError):
    """A run that was stopped and cannot go on, as something it depends on is another now."""


class OutputError(FrontbackError):
    """A result that cannot be written."""


class ModelError(FrontbackError):
    """A model that is missing, damaged or of another format."""


class UnsoundError(ModelError):
    """A file of a stored model that is not as it has to be.

    Attributes:
        what: the same in a few words, for a table.
    """

    what = ""


class ClusterError(FrontbackError):
    """A cluster that cannot be reached, or whose workers are not as they have to be."""


class CorpusError(FrontbackError):
    """Labelled postings that cannot be trained on."""


class WorseError(FrontbackError):
    """A model that does worse than another by more than is allowed."""
