"""The review page, and what its script asks for."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote, unquote

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, StringConstraints
from pydantic_core import PydanticCustomError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.posting import InputError
from pipeline.review.agreement import PairAgreement, judgement
from pipeline.review.decisions import Reviewed, Verdict, holding
from pipeline.review.export import export_corrections
from pipeline.review.store import ReviewStore
from pipeline.text import clean
from pipeline.web.hosts import is_loopback
from pipeline.web.marked import marked
from pipeline.web.rendering import render, wording_for
from pipeline.web.sheet_pages import attachment, sheet_of

REVIEWER_COOKIE: Final = "frontback_reviewer"
_YEAR_SECONDS: Final = 365 * 24 * 3600
_MOST_LETTERS: Final = 100

router = APIRouter(prefix="/sheets/{sheet_id}", include_in_schema=False)


def _is_name(name: str) -> str:
    """Return a name without blanks around it; refuse one that shows nothing, or turns a line."""
    name = name.strip()
    if not (0 < len(name) <= _MOST_LETTERS and name.isprintable()):
        sentence = f"a name has 1 to {_MOST_LETTERS} letters, and no control characters"
        raise PydanticCustomError("name", sentence)
    return name


Name = Annotated[str, AfterValidator(_is_name)]
Mark = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]


class Said(BaseModel):
    """What a reviewer says of a posting; the mark is the page's own, for when it asks twice."""

    posting: Annotated[str, StringConstraints(max_length=64)]
    reviewer: Name
    decision: Verdict
    mark: Mark


class TakenBack(BaseModel):
    """A decision that a reviewer takes back."""

    reviewer: Name
    mark: Mark


@router.get("/review")
def page(request: Request, sheet_id: str, reviewer: str = "") -> Response:
    """Return the page of a sheet, for the reviewer in the address or of before; else ask who."""
    sheet = sheet_of(request, sheet_id)
    if sheet.state != "tagged":
        return RedirectResponse(f"/sheets/{sheet_id}", 303)
    known = reviewer or unquote(request.cookies.get(REVIEWER_COOKIE, ""))
    try:
        name = _is_name(known)
    except PydanticCustomError:
        name = ""
    response = render(
        request,
        "review.html",
        "review",
        sheet=sheet,
        reviewer=name,
        suggested=name or _user(request),
        most_letters=_MOST_LETTERS,
    )
    if name:
        response.set_cookie(
            REVIEWER_COOKIE, quote(name), max_age=_YEAR_SECONDS, httponly=True, samesite="lax"
        )
    return response


@router.get("/reviews/queue")
def queue(request: Request, sheet_id: str, reviewer: Name) -> dict[str, Any]:
    """Return the ids of what a reviewer has not decided, in order."""
    with _reviews(request, sheet_id) as store:
        return {"postings": store.queue(reviewer), "progress": _progress(store, reviewer)}


@router.get("/reviews/postings/{posting_id}")
def posting(request: Request, sheet_id: str, posting_id: str, reviewer: Name) -> dict[str, Any]:
    """Return a posting, its tag and evidence; what others say of it to those who have decided."""
    with _reviews(request, sheet_id) as store:
        asked = _posting(store, posting_id)
        said = _said(store, posting_id, reviewer)
    tagger = request.app.state.workplace.reviews.tagger_of(asked.tag.model)
    return {
        "id": asked.id,
        "rows": asked.rows,
        "tag": asked.tag._asdict(),
        "marks_of": tagger.model,
        **marked(tagger, asked.posting),
        **said,
    }


@router.post("/reviews/decide")
def decide(request: Request, sheet_id: str, said: Said) -> dict[str, Any]:
    """Note a decision; it is on the disk when this is answered, once however often it is sent."""
    with _reviews(request, sheet_id) as store:
        _posting(store, said.posting)
        store.decide(said.posting, said.reviewer, said.decision, said.mark)
        return {
            "progress": _progress(store, said.reviewer),
            **_said(store, said.posting, said.reviewer),
        }


@router.post("/reviews/undo")
def undo(request: Request, sheet_id: str, taken_back: TakenBack) -> dict[str, Any]:
    """Take a decision back; what the reviewer said of the posting before holds again."""
    with _reviews(request, sheet_id) as store:
        found = store.undo(taken_back.reviewer, taken_back.mark)
        if found is None:
            raise HTTPException(404, "There is no such decision to take back.")
        return {"posting": found, "progress": _progress(store, taken_back.reviewer)}


@router.get("/reviews/progress")
def progress(request: Request, sheet_id: str, reviewer: Name) -> dict[str, int]:
    """Return how far a reviewer is."""
    with _reviews(request, sheet_id) as store:
        return _progress(store, reviewer)


@router.get("/reviews/decisions")
def decisions(request: Request, sheet_id: str, reviewer: Name) -> list[dict[str, Any]]:
    """Return a reviewer's decisions that were not taken back, oldest first."""
    with _reviews(request, sheet_id) as store:
        return [
            {
                "posting": made.posting,
                "decision": made.decision,
                "at": made.at,
                "mark": made.mark,
                "title": clean(title),
                "rows": rows,
            }
            for made, title, rows in store.decisions_of(reviewer)
        ]


@router.get("/reviews/agreement")
def agreement(request: Request, sheet_id: str) -> dict[str, Any]:
    """Return how far reviewers are of one mind, and on how many postings they agree."""
    with _reviews(request, sheet_id) as store:
        outcomes, found = store.outcomes(), store.agreement()
    return {
        "kappa": found.kappa,
        "pairs": [_pair(each) for each in found.pairs],
        "agreed": sum(bool(each.label) for each in outcomes),
        "conflicts": sum(not each.label for each in outcomes),
    }


@router.get("/reviews/export")
def export(request: Request, sheet_id: str, kind: Literal["jsonl", "xlsx", "csv"]) -> Response:
    """Return the postings on which reviewers agree as a file."""
    with _reviews(request, sheet_id) as store, TemporaryDirectory() as folder:
        file = Path(folder) / f"corrections.{kind}"
        if not any(each.label for each in store.outcomes()):
            raise HTTPException(409, "There is nothing yet on which those who decided agree.")
        export_corrections(store, file)
        content = file.read_bytes()
    called = wording_for(request)("review.export_name")
    name = f"{Path(sheet_of(request, sheet_id).name).stem}-{called}.{kind}"
    return Response(
        content,
        media_type="application/octet-stream",
        headers={"content-disposition": attachment(name)},
    )


@contextmanager
def _reviews(request: Request, sheet_id: str) -> Iterator[ReviewStore]:
    sheet = sheet_of(request, sheet_id)
    if sheet.state != "tagged" or not sheet.tagged.is_file():
        raise HTTPException(409, "This sheet is not tagged yet; come back when it is.")
    with ExitStack() as stack:
        try:
            store = stack.enter_context(request.app.state.workplace.reviews.of(sheet))
        except TimeoutError:
            sentence = "The postings are being put in order; ask again in some seconds."
            raise HTTPException(503, sentence, {"retry-after": "5"}) from None
        yield store


def _posting(store: ReviewStore, posting_id: str) -> Reviewed:
    try:
        return store.posting(posting_id)
    except InputError:
        raise HTTPException(
            404, "There is no such posting in this sheet any more; open the page anew."
        ) from None


def _progress(store: ReviewStore, reviewer: str) -> dict[str, int]:
    return store.progress(reviewer)._asdict()


def _said(store: ReviewStore, posting_id: str, reviewer: str) -> dict[str, Any]:
    """Return what a reviewer says of a posting, and then what others do: nobody is led by them."""
    held = holding(store.decisions()).get(posting_id, {})
    mine = held.pop(reviewer, None)
    others = [{"reviewer": each.reviewer, "decision": each.decision} for each in held.values()]
    if mine is None:
        return {"mine": None, "others": []}
    own = {"decision": mine.decision, "at": mine.at, "mark": mine.mark}
    return {"mine": own, "others": others}


def _pair(pair: PairAgreement) -> dict[str, Any]:
    return pair._asdict() | {
        "kappa": pair.kappa._asdict(),
        "judgement": judgement(pair.kappa.value),
    }


def _user(request: Request) -> str:
    """Return the name of the system's user to one who sits at this machine."""
    host = request.client.host if request.client else ""
    with suppress(OSError, KeyError, ImportError):
        return getpass.getuser() if is_loopback(host) else ""
    return ""
