"""Everything that can be said of why one posting got its answer."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Literal, NamedTuple

from pipeline.counterfactual import Without, find_without
from pipeline.explain import Weight, add_up, places_of
from pipeline.language_why import Rather, rather
from pipeline.letters import fold
from pipeline.lines import lines_of
from pipeline.phrases import why
from pipeline.posting import Posting, Tag
from pipeline.text import clean

if TYPE_CHECKING:
    from pipeline.tagger import Tagger

Part = Literal["title", "text"]
Mark = Literal["contact", "other", ""]
#: A line whose words push so far is marked as contact with customers, or as other work.
CLEARLY = 0.5


class Span(NamedTuple):
    """A word or a line where it stands, and what it adds to the logit of front.

    Attributes:
        part: ``title`` or ``text``.
        start, end: characters of that part, cleaned.
        weight: in natural logarithms of the odds.
        mark: of a line of the text, ``contact`` or ``other`` where its words push clearly.
    """

    part: Part
    start: int
    end: int
    weight: float
    mark: Mark = ""


class Explanation(NamedTuple):
    """Why a posting got its answer.

    The weights of `words`, like those of `lines`, and `bias` sum to `logit`.

    Attributes:
        tag: the answer.
        posting: as the models read it, cleaned; all offsets are into it.
        bias, logit: of front, calibrated; None where no model answers.
        words: in order; empty where no model answers, as are lines.
        lines: title and lines of the text, sentences of a text of one line; in order.
        without: the few lines without which the answer would be another; see
            `pipeline.counterfactual`. Its places are those of the lines of the text alone.
        languages: why this language; see `pipeline.language_why.rather`.
        why: the strongest phrases, as ``frontback batch --explain`` gives them.
        heaviest: how much the strongest of the words weighs, without its sign.
    """

    tag: Tag
    posting: Posting
    bias: float | None
    logit: float | None
    words: list[Span]
    lines: list[Span]
    without: Without | None
    languages: list[Rather]
    why: str
    heaviest: float = 0.0

    def text_of(self, span: Span) -> str:
        """Return a word or a line as it stands in the posting."""
        part = self.posting.title if span.part == "title" else self.posting.text
        return part[span.start : span.end]

    def strongest(self) -> list[Weight]:
        """Return each word once, lower-cased, those that weigh most first."""
        return add_up((fold(self.text_of(word)), word.weight) for word in self.words)

    def text_lines(self) -> list[Span]:
        """Return the lines of the text; those that `without` counts."""
        return [line for line in self.lines if line.part == "text"]


def explain_posting(
    tagger: Tagger, text: str, title: str | None = None, words_only: bool = False
) -> Explanation:
    """Return why a tagger answers as it does to a posting.

    Args:
        tagger: that answers.
        text, title: of the posting.
        words_only: whether to leave out what takes most of the time: without which lines the answer
            would be another, and why this language.
    """
    posting = Posting(clean(title), clean(text))
    tag = tagger.tag([text], [title])[0]
    of_ours = tagger.detector == "frontback" and not words_only
    languages = rather(posting.text) if of_ours else []
    if tag.p_front is None:
        return Explanation(tag, posting, None, None, [], [], None, languages, "")
    (places,) = places_of(tagger.scorer, [posting])
    begin = len(posting.title) + 1
    rows = zip(*(column.tolist() for column in places), strict=True)
    words = [
        Span("title", start, end, weight)
        if start < begin
        else Span("text", start - begin, end - begin, weight)
        for start, end, weight in rows
    ]
    bounds = lines_of(posting.text)
    without = None
    if not words_only:
        without = find_without(
            tagger.scorer,
            posting,
            tag,
            bounds,
            lambda each: tagger.tag([each.text], [each.title])[0],
        )
    bias = tagger.scorer.bias
    return Explanation(
        tag,
        posting,
        bias,
        sum(word.weight for word in words) + bias,
        words,
        _lines(posting, words, bounds),
        without,
        languages,
        why(tag.office, posting, places),
        max((abs(word.weight) for word in words), default=0.0),
    )


def _lines(posting: Posting, words: list[Span], bounds: list[tuple[int, int]]) -> list[Span]:
    """Return the title, where there is one, and the lines with the sums of their words."""
    starts = [start for start, _ in bounds]
    of_title, sums = 0.0, [0.0] * len(bounds)
    for word in words:
        if word.part == "title":
            of_title += word.weight
        else:
            sums[bisect_right(starts, word.start) - 1] += word.weight
    title = [Span("title", 0, len(posting.title), of_title)] if posting.title else []
    pairs = zip(bounds, sums, strict=True)
    return title + [Span("text", *bound, weight, mark_of(weight)) for bound, weight in pairs]


def mark_of(weight: float) -> Mark:
    """Return how a line is marked whose words weigh so much."""
    if abs(weight) < CLEARLY:
        return ""
    return "contact" if weight > 0 else "other"
