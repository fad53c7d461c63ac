"""One thread that tags the sheets in turn, as `frontback batch` does."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from threading import Condition, Thread
from typing import Final, get_args

from filelock import Timeout

from pipeline.annotate import depends_on, tags_by
from pipeline.batch import Summary, run
from pipeline.job import Job, prepare
from pipeline.output import cause
from pipeline.posting import FrontbackError, Office, OutputError, ResumeError
from pipeline.tagger import Tagger
from pipeline.web.sheet import Sheet
from pipeline.web.sheets import Sheets

#: Sheets that wait at a time; who brings more is told to come back.
MOST_WAITING: Final = 32
#: How often a sheet may be begun and the server be killed; one that fills the memory would else
#: kill every server that is started.
MOST_BEGUN: Final = 3
_PROBLEMS_SHOWN: Final = 100
_STOP_SECONDS: Final = 10.0

_log = logging.getLogger(__name__)


class StoppedError(Exception):
    """The server ends, or the sheet is removed: what is done so far is in its journal."""


class Work:
    """The sheets that wait, and the thread that tags them.

    Args:
        sheets: where they lie.
        tagger: returns the tagger of the model in use.
    """

    def __init__(self, sheets: Sheets, tagger: Callable[[], Tagger]) -> None:
        self._sheets, self._tagger = sheets, tagger
        self._waiting: SimpleQueue[str | None] = SimpleQueue()
        self._changed = Condition()
        self._current = ""
        self._given_up: set[str] = set()
        self._ending = False
        self._thread: Thread | None = None

    @property
    def is_full(self) -> bool:
        """Whether as many sheets wait as may."""
        return self._waiting.qsize() >= MOST_WAITING

    def put(self, sheet: Sheet) -> None:
        """Have a sheet tagged when it is its turn, be it that it was given up before."""
        with self._changed:
            self._given_up.discard(sheet.id)
        self._waiting.put(sheet.id)

    def start(self) -> None:
        """Begin, with what an earlier server has not come to."""
        self._sheets.sweep()
        for sheet in reversed(self._sheets.all()):
            if sheet.state == "waiting":
                self.put(sheet)
        self._thread = Thread(target=self._work, name="sheets", daemon=True)
        self._thread.start()

    def stop_soon(self) -> None:
        """Have the work end after the rows that are being tagged now."""
        self._ending = True
        self._waiting.put(None)

    def stop(self) -> None:
        """End; what is not done is gone on with by the next server."""
        self.stop_soon()
        if self._thread:
            self._thread.join(_STOP_SECONDS)

    def give_up(self, sheet: Sheet) -> None:
        """Return when a sheet is not worked on, and will not be."""
        with self._changed:
            self._given_up.add(sheet.id)
            self._changed.wait_for(lambda: self._current != sheet.id)

    def _work(self) -> None:
        while (id_ := self._waiting.get()) is not None and not self._ending:
            with self._changed:
                self._current = id_
            try:
                self._turn(id_)
            finally:
                self._sheets.progress.pop(id_, None)
                with self._changed:
                    self._current = ""
                    self._given_up.discard(id_)
                    self._changed.notify_all()

    def _turn(self, id_: str) -> None:
        sheet = self._sheets.get(id_)
        if sheet is None:
            return
        try:
            with self._sheets.claimed(sheet):
                # Another server may have come to it first.
                now = self._sheets.get(id_)
                if now is None or now.state != "waiting":
                    return
                sheet = now
                sheet.begun += 1
                self._sheets.save(sheet)
                try:
                    self._answer(sheet)
                finally:
                    sheet.begun = 0
                    self._sheets.save(sheet)
        except (Timeout, StoppedError):
            pass
        except (OSError, OutputError) as error:
            sheet.state = "failed"
            sheet.error = sheet.error or _not_kept(error, sheet)
            self._sheets.unkept[id_] = sheet

    def _answer(self, sheet: Sheet) -> None:
        """Tag a sheet, or note why it cannot be."""
        if sheet.begun > MOST_BEGUN:
            sheet.state, sheet.error = "failed", _ended(sheet)
            return
        sheet.error = ""
        try:
            self._tag(sheet)
            sheet.state = "tagged"
        except FrontbackError as error:
            sheet.state, sheet.error = "failed", _for_user(error, sheet)
        except StoppedError:
            raise
        except Exception as error:  # whatever it is, the next sheets are to be tagged
            # Not the message: it may hold what stands in the sheet.
            _log.error("a sheet could not be tagged: %s", type(error).__name__)
            sheet.state = "failed"
            sheet.error = (
                f"{sheet.name}: could not be tagged ({type(error).__name__}); this is a fault of"
                " frontback, please report it."
            )

    def _tag(self, sheet: Sheet) -> None:
        self._sheets.progress[sheet.id] = (0, 0)
        tagger = self._tagger()
        try:
            summary = self._run(sheet, tagger, resume=True)
        except ResumeError:
            summary = self._run(sheet, tagger, resume=False)
        sheet.rows = sheet.done = summary.rows
        sheet.counts = {
            column: {value: n for value, n in counts.most_common() if value}
            for column, counts in summary.counts.items()
        }
        offices = sheet.counts["office"]
        sheet.counts["office"] = {each: offices.get(each, 0) for each in get_args(Office)}
        sheet.problems, sheet.model = summary.problems, tagger.model

    def _run(self, sheet: Sheet, tagger: Tagger, resume: bool) -> Summary:
        job = prepare(
            sheet.source,
            sheet.tagged,
            title_column=sheet.form.get("title_column"),
            text_column=sheet.form.get("text_column"),
            sheet=sheet.form.get("sheet"),
            overwrite=True,
            resume=resume,
            name=None if sheet.beside else Path(sheet.name),
        )
        _note(sheet, job)
        annotation = tags_by(tagger)
        done = 0

        def advance(rows: int) -> None:
            nonlocal done
            done += rows
            self._sheets.progress[sheet.id] = (job.rows, done)
            if self._ending or sheet.id in self._given_up:
                raise StoppedError

        def problem(row: int, reason: str) -> None:
            if len(sheet.problem_rows) < _PROBLEMS_SHOWN:
                sheet.problem_rows.append((row + job.reader.above, reason))

        advance(0)
        return run(job, annotation, depends_on(tagger, annotation), advance, problem)


def _note(sheet: Sheet, job: Job) -> None:
    """Keep how a sheet is read."""
    sheet.problem_rows = []
    sheet.names = list(job.reader.schema.names)
    sheet.columns = {
        what: sheet.names[place]
        for what, place in job.columns._asdict().items()
        if place is not None
    }
    form = [job.reader.described] if job.reader.described else []
    sheet.notes = form + job.reader.notes


def _ended(sheet: Sheet) -> str:
    return (
        f"{sheet.name}: the server ended {MOST_BEGUN} times while it tagged this; it may be more"
        " than the memory holds: part it, or tag it again when nothing else runs."
    )


def _for_user(error: FrontbackError, sheet: Sheet) -> str:
    """Return what went wrong, by the name that the user knows, not by our paths."""
    return str(error).replace(str(sheet.tagged), sheet.name)


def _not_kept(error: OSError | OutputError, sheet: Sheet) -> str:
    return f"{sheet.name}: not kept, {cause(error)}." if isinstance(error, OSError) else str(error)
