"""The HTTP API: what the commands tag, detect and explain do, for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from pipeline.explanation import explain_posting
from pipeline.explanation_json import to_json
from pipeline.language import detect_languages
from pipeline.posting import Tag
from pipeline.tagger import Tagger
from pipeline.web.messages import (
    Detected,
    DetectedAll,
    Explained,
    ExplainedPosting,
    Posting,
    Tagged,
    TaggedAll,
    ToDetect,
    ToTag,
    Wrong,
)

#: What every route of the API may answer instead; see `pipeline.web.limits` and `guard`.
FAILURES: dict[int | str, dict[str, Any]] = {
    status: {"model": Wrong, "description": said}
    for status, said in {
        400: "It cannot be done, or the server was called by another name.",
        401: "The token is missing.",
        408: "The request stopped on its way.",
        413: "Larger than is taken.",
        422: "Not what is asked for here.",
        503: "Too much at once, or it took too long; Retry-After says when to ask again.",
    }.items()
}
_WORDS = 5

router = APIRouter(tags=["API"])


@router.get("/healthz", tags=["health"])
async def healthz() -> dict[str, str]:
    """Say that the server answers; no token is asked for, and it is never too busy for this."""
    return {"status": "ok"}


@router.post("/api/tag", responses=FAILURES, response_model_exclude_unset=True)
def tag(request: Request, asked: ToTag) -> Tagged | TaggedAll:
    """Tag one posting, or several: front, back or review.

    One posting is answered with its tag, several with `tags`. With `explain`, each has the `words`
    that weigh most.
    """
    tagger: Tagger = request.app.state.workplace.tagger()
    postings = asked.asked()
    tags = tagger.tag([each.text for each in postings], [each.title for each in postings])
    answers = list(_answers(tagger, postings, tags, asked.explain))
    return answers[0] if asked.postings is None else TaggedAll(tags=answers)


@router.post("/api/detect", responses=FAILURES)
def detect(asked: ToDetect) -> Detected | DetectedAll:
    """Say the language of a text, or of several: es, no, en, other or unknown."""
    texts = [asked.text or ""] if asked.texts is None else asked.texts
    answers = [Detected(**each._asdict()) for each in detect_languages(texts)]
    return answers[0] if asked.texts is None else DetectedAll(languages=answers)


@router.post("/api/explain", responses={200: {"model": Explained}, **FAILURES})
def explain(request: Request, posting: ExplainedPosting) -> Response:
    """Say why a posting is tagged as it is, as `frontback explain --json` does."""
    tagger: Tagger = request.app.state.workplace.tagger()
    explanation = explain_posting(tagger, posting.text, posting.title)
    return Response(to_json("", explanation), media_type="application/json")


def _answers(
    tagger: Tagger, postings: list[Posting], tags: list[Tag], explained: bool
) -> Iterator[Tagged]:
    for posting, each in zip(postings, tags, strict=True):
        answer = Tagged(**each._asdict())
        if explained:
            words = tagger.explain(posting.text, posting.title) if each.p_front is not None else []
            answer.words = [(word.word, round(word.weight, 3)) for word in words[:_WORDS]]
        yield answer
