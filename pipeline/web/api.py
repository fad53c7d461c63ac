"""The HTTP API: what the commands tag, detect and explain do, for programs."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from pipeline.explanation_json import to_json
from pipeline.web.answering import Answering
from pipeline.web.messages import (
    Detected,
    DetectedAll,
    Explained,
    ExplainedPosting,
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

router = APIRouter(tags=["API"])


@router.get("/healthz", tags=["health"])
async def healthz() -> dict[str, str]:
    """Say that the server answers; no token is asked for, and it is never too busy for this."""
    return {"status": "ok"}


@router.post("/api/tag", responses=FAILURES, response_model_exclude_unset=True)
async def tag(request: Request, asked: ToTag) -> Tagged | TaggedAll:
    """Tag one posting, or several: front, back or review.

    One posting is answered with its tag, several with `tags`. With `explain`, each has the `words`
    that weigh most.
    """
    answering: Answering = request.app.state.answering
    answers = await answering.tag(asked.asked(), asked.explain)
    return answers[0] if asked.postings is None else TaggedAll(tags=answers)


@router.post("/api/detect", responses=FAILURES)
async def detect(request: Request, asked: ToDetect) -> Detected | DetectedAll:
    """Say the language of a text, or of several: es, no, en, other or unknown."""
    texts = [asked.text or ""] if asked.texts is None else asked.texts
    answering: Answering = request.app.state.answering
    found = await answering.detect(texts)
    answers = [Detected(**each._asdict()) for each in found]
    return answers[0] if asked.texts is None else DetectedAll(languages=answers)


@router.post("/api/explain", responses={200: {"model": Explained}, **FAILURES})
async def explain(request: Request, asked: ExplainedPosting) -> Response:
    """Say why a posting is tagged as it is, as `frontback explain --json` does."""
    answering: Answering = request.app.state.answering
    content = await answering.explain(asked, lambda explanation: to_json("", explanation))
    return Response(content, media_type="application/json")
