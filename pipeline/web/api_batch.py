"""A file in, the same file tagged out: what ``frontback batch`` does, for programs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePath
from threading import BoundedSemaphore
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send

from pipeline.annotate import tags_by
from pipeline.batch import run
from pipeline.job import prepare
from pipeline.posting import InputError, OutputError
from pipeline.sources import target_in
from pipeline.tables import PACKED, SUFFIXES, is_table
from pipeline.tables.streams import kind_in
from pipeline.tagger import Tagger
from pipeline.web.api import FAILURES

#: Files that are tagged at a time: each takes all cores as it is, and room on the disk.
AT_ONCE: Final = 4
#: The media types that name one kind of table, by their suffix.
MEDIA: Final = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
    ".xls": "application/vnd.ms-excel",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".parquet": "application/vnd.apache.parquet",
    ".jsonl": "application/x-ndjson",
    ".json": "application/json",
}
_ANY: Final = "application/octet-stream"
_SUFFIXES: Final = {media: suffix for suffix, media in MEDIA.items()}
_CHUNK = 1 << 20

router = APIRouter(tags=["API"])
_free = BoundedSemaphore(AT_ONCE)


@router.post(
    "/api/batch",
    response_class=FileResponse,
    responses={
        200: {
            "description": "The file with the added columns.",
            "content": {media: {} for media in (*MEDIA.values(), _ANY)},
        },
        **FAILURES,
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "The file itself, as the body.",
            "content": {
                media: {"schema": {"type": "string", "format": "binary"}}
                for media in (*MEDIA.values(), _ANY)
            },
        }
    },
)
async def batch(
    request: Request,
    name: Annotated[
        str, Query(max_length=200, description="Of the file; its suffix says what it is.")
    ] = "",
    title_column: Annotated[str | None, Query(description="Column of the job titles.")] = None,
    text_column: Annotated[str | None, Query(description="Column of the descriptions.")] = None,
    sheet: Annotated[str | None, Query(description="Sheet of a workbook.")] = None,
    explain: Annotated[bool, Query(description="Add a column why: the strongest phrases.")] = False,
    to: Annotated[
        Literal["csv", "tsv", "xlsx", "parquet", "jsonl", "json"] | None,
        Query(description="Kind of file to get, where it is to be another one."),
    ] = None,
) -> FileResponse:
    """Tag every row of a file, and get the same file with the tags behind its columns.

    .csv, .tsv, .xlsx, .xls, .ods, .parquet, .jsonl or .json, and .gz or .zst of these; told by
    `name`, else by Content-Type, else by its content. Columns are found by their names, as
    `frontback batch` finds them.
    """
    columns = {"title_column": title_column, "text_column": text_column, "sheet": sheet}
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    with ExitStack() as ending:
        folder = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="frontback-")))
        with _turn():
            source = folder / f"input{_suffix_of(name) or _SUFFIXES.get(media, '')}"
            await _keep(request, source)

            def work() -> Path:
                tagger: Tagger = request.app.state.workplace.tagger()
                return _tag(tagger, source, name, to, explain, columns)

            output = await run_in_threadpool(work)
        return _Sent(output, f"{_stem_of(name)}-tagged{output.suffix}", ending.pop_all())


class _Sent(FileResponse):
    """A file that is gone when it has been sent, or when nobody takes it any more."""

    def __init__(self, output: Path, name: str, ending: ExitStack) -> None:
        # In the headers, as Starlette would name an encoding that the file may not have.
        media = {"Content-Type": MEDIA.get(output.suffix, _ANY)}
        super().__init__(output, headers=media, filename=name)
        self._ending = ending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; see ASGI."""
        with self._ending:
            await super().__call__(scope, receive, send)


@contextmanager
def _turn() -> Iterator[None]:
    if not _free.acquire(blocking=False):
        said = "Files are being tagged already; send yours again in a few seconds."
        raise HTTPException(503, said, {"Retry-After": "5"})
    try:
        yield
    finally:
        _free.release()


async def _keep(request: Request, file: Path) -> None:
    """Write what is sent to a file."""
    with file.open("wb") as written:
        waiting = bytearray()
        async for part in request.stream():
            waiting += part
            if len(waiting) >= _CHUNK:
                await run_in_threadpool(written.write, bytes(waiting))
                waiting.clear()
        await run_in_threadpool(written.write, bytes(waiting))


def _tag(
    tagger: Tagger,
    source: Path,
    name: str,
    to: str | None,
    explain: bool,
    columns: dict[str, Any],
) -> Path:
    """Tag a file, and return the one that is written, in a folder beside it."""
    if not source.suffix:
        source = source.rename(source.with_suffix(kind_in(source)))
    if not is_table(source):
        kinds = ", ".join(SUFFIXES)
        raise InputError(f"{name}: this is no table that is read here; send one of {kinds}.")
    folder = source.with_name("tagged")
    folder.mkdir()
    output = folder / f"output.{to}" if to else target_in(folder, source)
    try:
        job = prepare(source, output, name=Path(name or "the file"), **columns)
        run(job, tags_by(tagger, explain))
    except OutputError as error:  # no path of ours goes out
        raise OutputError(str(error).replace(str(output), name or "the file")) from error
    return output


def _suffix_of(name: str) -> str:
    """Return what the name says of the kind, without whatever no suffix of a table has."""
    kinds = PurePath(name).suffixes[-2:]
    if kinds and kinds[-1].lower() not in PACKED:
        kinds = kinds[-1:]
    return "".join(kinds) if all(each[1:].isalnum() for each in kinds) else ""


def _stem_of(name: str) -> str:
    return PurePath(name).name.partition(".")[0] or "table"
