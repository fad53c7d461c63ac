"""What programs ask the HTTP API, and what it answers; the OpenAPI document is made of these."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from pipeline.posting import LanguageCode, Office

#: Of one request; more go in a file, by /api/batch.
MOST_POSTINGS = 1000
#: Characters of a posting that is explained: twice that takes four times as long.
MOST_EXPLAINED = 20_000

_POSTING: JsonDict = {
    "title": "Receptionist",
    "text": "You greet guests at the front desk, check them in and answer their questions.",
}
_TAG: JsonDict = {
    "office": "front",
    "p_front": 0.9993,
    "share": 88,
    "language": "en",
    "language_confidence": 1.0,
    "mixed": False,
    "reason": "",
    "model": "default-3a4a9d9e80",
}
_WORD: JsonDict = {"part": "text", "start": 0, "end": 3, "word": "You", "weight": 0.241}
_EXPLAINED: JsonDict = {
    **_TAG,
    "source": "",
    "why": "greet guests at the front; answer their questions",
    "bias": -0.137,
    "logit": 7.264,
    **_POSTING,
    "words": [_WORD],
    "lines": [{"part": "text", "start": 0, "end": 77, "weight": 5.12, "mark": "contact"}],
    "without": None,
    "languages": [
        {
            "language": "en",
            "than": "da",
            "words": [{"word": "you", "weight": 8.4}],
            "prior": 0.0,
            "odds": 41.7,
        }
    ],
}
_WORDS = [["guests", 1.254], ["front", 0.87], ["desk", 0.412]]


class _Message(BaseModel):
    # A misspelt name is told, not passed over.
    model_config = ConfigDict(extra="forbid")


class Posting(_Message):
    """A job posting."""

    model_config = ConfigDict(json_schema_extra={"examples": [_POSTING]})

    text: str = Field(description="The posting as it stands: plain text or HTML.")
    title: str = Field("", description="Job title, where the text does not begin with it.")


class ExplainedPosting(Posting):
    """A job posting that is to be explained."""

    text: str = Field(max_length=MOST_EXPLAINED, description="Plain text or HTML.")
    title: str = Field("", max_length=MOST_EXPLAINED, description="Job title.")


class ToTag(_Message):
    """One posting, or several."""

    model_config = ConfigDict(json_schema_extra={"examples": [_POSTING, {"postings": [_POSTING]}]})

    text: str | None = Field(None, description="One posting: plain text or HTML.")
    title: str | None = Field(None, description="Its title, where the text has none.")
    postings: Annotated[list[Posting], Field(max_length=MOST_POSTINGS)] | None = Field(
        None, description="Several postings, in place of text and title."
    )
    explain: bool = Field(False, description="Whether to say the words that decided.")

    @model_validator(mode="after")
    def _one_or_several(self) -> Self:
        if (self.text is None) == (self.postings is None) or (self.postings and self.title):
            raise PydanticCustomError("either", "send either text (and title) or postings")
        return self

    def asked(self) -> list[Posting]:
        """Return the postings."""
        if self.postings is not None:
            return self.postings
        return [Posting(text=self.text or "", title=self.title or "")]


class ToDetect(_Message):
    """One text, or several."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "Vi søker en kokk til kantina vår"}]}
    )

    text: str | None = Field(None, description="One text.")
    texts: Annotated[list[str], Field(max_length=MOST_POSTINGS)] | None = Field(
        None, description="Several texts, in place of text."
    )

    @model_validator(mode="after")
    def _one_or_several(self) -> Self:
        if (self.text is None) == (self.texts is None):
            raise PydanticCustomError("either", "send either text or texts")
        return self


class Tagged(BaseModel):
    """The answer for one posting, its fields as ``frontback tag --json`` names them."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TAG]})

    office: Office = Field(description="front, back, or review where the model should not guess.")
    p_front: float | None = Field(
        description="Calibrated probability of front; null where no model answers."
    )
    share: int | None = Field(
        description="Estimated share of the duties that are contact with customers, 0 to 100."
    )
    language: LanguageCode
    language_confidence: float
    mixed: bool = Field(description="Whether a substantial part is in another of es, no, en.")
    reason: str = Field(description="Why review; empty otherwise.")
    model: str = Field(description="Id of the model that answered.")
    words: list[tuple[str, float]] | None = Field(
        None,
        description="With explain: the words that weigh most, to front above 0, to back below.",
        examples=[_WORDS],
    )


class TaggedAll(BaseModel):
    """The answers for several postings, in their order."""

    tags: list[Tagged]


class Detected(BaseModel):
    """The language of one text."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"code": "no", "confidence": 0.9998, "variety": "nb", "mixed": False}]
        }
    )

    code: LanguageCode
    confidence: float
    variety: str = Field(description="nb (bokmål) or nn (nynorsk) of no, otherwise empty.")
    mixed: bool = Field(description="Whether a substantial part is in another of es, no, en.")


class DetectedAll(BaseModel):
    """The languages of several texts, in their order."""

    languages: list[Detected]


class Explained(Tagged):
    """Why a posting got its answer; weights, and the bias, sum to the logit of front."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXPLAINED]})

    source: str = Field(description="Empty.")
    why: str = Field(description="The strongest phrases.")
    bias: float | None
    logit: float | None
    title: str = Field(description="As the models read it; the places of words are in it.")
    text: str = Field(description="As the models read it; the places of words are in it.")
    words: list[dict[str, Any]] = Field(  # type: ignore[assignment]
        description="part (title or text), start, end, word, weight."
    )
    lines: list[dict[str, Any]] = Field(
        description="part, start, end, weight, mark (contact, other or empty)."
    )
    without: dict[str, Any] | None = Field(
        description="The few lines without which the answer would be another, and that answer."
    )
    languages: list[dict[str, Any]] = Field(description="Why this language and not the next one.")


class Wrong(BaseModel):
    """What went wrong, in one sentence."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"error": "body.text: Field required."}]}
    )

    error: str
