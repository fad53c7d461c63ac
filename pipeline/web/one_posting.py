"""The page of one posting: its answer and the reason, as one types."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from pipeline import wording
from pipeline.explanation import Explanation
from pipeline.explanation_words import languages_said, without_said
from pipeline.shades import pieces
from pipeline.web.answering import Answering
from pipeline.web.messages import MOST_EXPLAINED, ExplainedPosting
from pipeline.web.rendering import render, wording_for

router = APIRouter(include_in_schema=False)


@router.get("/posting")
def posting(request: Request) -> HTMLResponse:
    """Return the page."""
    return render(request, "posting.html", "posting", most=MOST_EXPLAINED)


@router.post("/posting/answer")
async def answer(request: Request, asked: ExplainedPosting) -> HTMLResponse:
    """Return the part of the page that says what the answer is, and why."""

    def shown(explanation: Explanation) -> HTMLResponse:
        wording.choose(wording_for(request).language)  # of the sentences that the terminal has too
        return render(
            request,
            "posting_answer.html",
            tag=explanation.tag,
            marked=[(line, list(pieces(explanation, line))) for line in explanation.lines],
            signed=wording.words().signed,
            without=[line.removeprefix("  - ") for line in without_said(explanation)],
            reasons=languages_said(explanation),
        )

    answering: Answering = request.app.state.answering
    return await answering.explain(asked, shown)
