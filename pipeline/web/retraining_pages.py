"""The page that trains on what was decided, shows what that would change, and switches models."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse

from pipeline.posting import CorpusError
from pipeline.retraining import LEAST_DECISIONS
from pipeline.review.store import open_store
from pipeline.web.candidate import Candidate, Candidates
from pipeline.web.rendering import render
from pipeline.web.sheet import Sheet
from pipeline.web.sheet_pages import sheet_of
from pipeline.web.workplace import Workplace

router = APIRouter(prefix="/sheets/{id_}/retrain", include_in_schema=False)

#: What is shown of both models on hard postings: all of them, and each language.
_PARTS = ("all", "es", "no", "en")
#: A difference that chance makes less often than this is none of chance's.
_SURE = 0.05


@router.get("")
def page(request: Request, id_: str) -> HTMLResponse:
    """Return the page: what was decided, how far the training is, what it would change."""
    sheet = sheet_of(request, id_)
    now = _candidates(request).of(sheet)
    if now.state == "used" and now.preview["candidate"] != _in_use(request):
        now = Candidate(sheet.id)  # somebody has gone back to another model since
    return render(
        request,
        "retrain.html",
        "retrain",
        sheet=sheet,
        now=now,
        decided=_decided(sheet),
        least=LEAST_DECISIONS,
        verdict=verdict(now.preview) if now.preview else "",
        parts=_PARTS,
    )


@router.post("", status_code=202)
def train(request: Request, id_: str) -> dict[str, str]:
    """Begin to train."""
    try:
        _candidates(request).train(sheet_of(request, id_))
    except CorpusError as error:
        raise HTTPException(409, str(error)) from error
    return {"state": "training"}


@router.get("/state")
def state(request: Request, id_: str) -> dict[str, Any]:
    """Return how far the training is."""
    return {"state": _candidates(request).of(sheet_of(request, id_)).state}


@router.post("/use")
def use(request: Request, id_: str) -> dict[str, str]:
    """Have the trained model tag from now on."""
    try:
        return {"model": _candidates(request).use(sheet_of(request, id_))}
    except CorpusError as error:
        raise HTTPException(409, str(error)) from error


@router.delete("", status_code=204)
def give_up(request: Request, id_: str) -> None:
    """Stop the training, or remove the model that came of it."""
    _candidates(request).give_up(sheet_of(request, id_))


def _in_use(request: Request) -> str | None:
    workplace: Workplace = request.app.state.workplace
    return workplace.model_in_use()


def _candidates(request: Request) -> Candidates:
    candidates: Candidates = request.app.state.workplace.candidates
    return candidates


def _decided(sheet: Sheet) -> dict[str, int]:
    """Return how many postings are decided as front, back, and otherwise by each reviewer ("")."""
    counts = {"front": 0, "back": 0, "": 0}
    if sheet.reviews.is_file():
        with closing(open_store(sheet.reviews)) as store:
            for each in store.outcomes():
                counts[each.label] += 1
    return counts


def verdict(preview: dict[str, Any]) -> str:
    """Return better, worse or same: what can be said of the new model beyond chance.

    Better by the hard postings only: those that were reviewed were asked about because the model in
    use doubts them, so any other one looks better on them than it is.
    """
    hard, reviewed = preview["challenge"]["parts"]["all"], preview["reviewed"]
    sure = [part for part in (hard, reviewed) if part and part["p_value"] < _SURE]
    if any(part["only_first"] > part["only_second"] for part in sure):
        return "worse"
    return "better" if hard in sure else "same"
