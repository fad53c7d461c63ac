"""A table in, the same table with more columns out."""

from __future__ import annotations

import csv
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.annotate import Annotation
from pipeline.job import Job
from pipeline.journal import Journal, Settings, digest_of, journal_path
from pipeline.output import cause
from pipeline.posting import (
    ChangedError,
    FrontbackError,
    InputError,
    OutputError,
    Reason,
    ResumeError,
)
from pipeline.tables.columns import Columns
from pipeline.tables.form import described
from pipeline.tables.rows import Rows
from pipeline.wording import Wording, words

#: Rows that are read, tagged and written at a time, where a reader does not know better; the result
#: does not depend on it.
BATCH_ROWS = 200


@dataclass
class Summary:
    """What a batch came to.

    Attributes:
        rows: rows written.
        recalled: rows of these that an earlier run had answered.
        seconds: from the first row to the file in its place.
        counts: how often each value was given, by column.
        problems: rows that could not be read, or have no text.
    """

    rows: int = 0
    recalled: int = 0
    seconds: float = 0.0
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    problems: int = 0

    def add(self, added: pa.RecordBatch) -> None:
        """Count the values of the columns that have few."""
        self.rows += added.num_rows
        for name in ("office", "language", "reason"):
            if name in added.schema.names:
                self.counts.setdefault(name, Counter()).update(added.column(name).to_pylist())


def run(
    job: Job,
    annotation: Annotation,
    settings: Settings | None = None,
    advance: Callable[[int], None] = lambda rows: None,
    problem: Callable[[int, str], None] = lambda row, reason: None,
) -> Summary:
    """Write the job's output, and return what it came to.

    Args:
        job: see `prepare`.
        annotation: what is added.
        settings: what the answers depend on beside the input and its columns; a journal is kept
            with it, so that the run can be resumed. None for no journal.
        advance: told of each number of rows done.
        problem: told of each row that could not be read or has no text (number from 1, what is
            wrong); may raise `InputError` to end the run.

    Raises:
        InputError: the input turned out damaged, or the run cannot be resumed; nothing is written.
        OutputError: the system refused to write; nothing is written.
    """
    summary, begun = Summary(), time.monotonic()
    schema = job.place(annotation)
    with job.claim(), _kept(job, settings if job.resumable else None) as journal:
        ready = journal.commit if journal else lambda: None
        # Reading and writing go on beside the work on the rows between.
        with (
            job.appear(ready) as temporary,
            ThreadPoolExecutor(1) as reading,
            ThreadPoolExecutor(1) as writing,
        ):
            writer = job.make_writer(temporary, job.reader, schema)
            try:
                unwritten: Future[None] | None = None
                for rows in _ahead(_rows(job), reading):
                    added = _answers(rows, job.columns, annotation, journal)
                    _tell(job, rows, added, summary, problem)
                    if unwritten:
                        unwritten.result()
                    renamed = added.rename_columns(schema.names)
                    unwritten = writing.submit(writer.write, rows, renamed)
                    summary.add(added)
                    advance(added.num_rows)
                if unwritten:
                    unwritten.result()
                job.check_unchanged()
                writer.close()
            except BaseException:
                writing.shutdown()
                writer.discard()
                raise
        summary.recalled = journal.recalled if journal else 0
    summary.seconds = time.monotonic() - begun
    return summary


@contextmanager
def _kept(job: Job, settings: Settings | None) -> Iterator[Journal | None]:
    """Keep a journal for as long as it can be of use: until the output is there, or cannot be."""
    if settings is None:
        yield None
        return
    try:
        settings = _depends(job, settings)
    except OSError as error:
        raise InputError(f"{job.source}: cannot be read, {cause(error)}.") from error
    try:
        open_ = Journal.resume if job.resume else Journal.begin
        journal = open_(journal_path(job.output), settings)
    except OSError as error:
        raise OutputError(f"{journal_path(job.output)}: not written, {cause(error)}.") from error
    try:
        yield journal
    except BaseException as error:
        if _final(error):
            journal.remove()
        elif journal.rows:
            error.add_note(words()("work.rows_kept", rows=journal.rows))
        journal.close()
        raise
    journal.close() if job.keep_journal else journal.remove()


def _final(error: BaseException) -> bool:
    """Whether the same run would end in the same way again: a journal of it is of no use."""
    refused = isinstance(error.__cause__, OSError) or isinstance(error, ResumeError)
    return isinstance(error, FrontbackError) and not refused


def _depends(job: Job, settings: Settings) -> Settings:
    """Return all that the answers depend on."""
    names = job.reader.schema.names
    title = None if job.columns.title is None else names[job.columns.title]
    return {
        **settings,
        "the input": digest_of(job.source),
        "its form": described(job.reader.form, Wording("en")),  # whoever goes on may read another
        "the column of the text": names[job.columns.text],
        "the column of the title": title,
        "the shard": f"rows {job.span.start + 1} to {job.span.stop}",
        "the kind of the output": job.output.suffix.lower(),
    }


def _answers(
    rows: Rows, columns: Columns, annotation: Annotation, journal: Journal | None
) -> pa.RecordBatch:
    """Return what is added to these rows: recalled, or answered now and noted."""
    postings = rows.postings(*columns)
    added = journal.recall(postings) if journal else None
    if added is None:
        added = annotation.answer(postings)
        if journal:
            journal.note(postings, added)
    return _with_faults(added, rows.faults)


def _tell(
    job: Job,
    rows: Rows,
    added: pa.RecordBatch,
    summary: Summary,
    problem: Callable[[int, str], None],
) -> None:
    """Report the rows that could not be read or have no text."""
    found = dict(rows.faults)
    if "reason" in added.schema.names:
        empty = pc.index_in(added.column("reason"), value_set=pa.array([Reason.NO_TEXT]))
        for place in np.flatnonzero(empty.is_valid().to_numpy(zero_copy_only=False)).tolist():
            found.setdefault(place, Reason.NO_TEXT)
    for place in sorted(found):
        summary.problems += 1
        problem(job.span.start + summary.rows + place + 1, found[place])


def _ahead(batches: Iterator[Rows], pool: ThreadPoolExecutor) -> Iterator[Rows]:
    """Yield the batches, each fetched by the pool while the one before is worked on."""
    fetched = pool.submit(next, batches, None)
    while (rows := fetched.result()) is not None:
        fetched = pool.submit(next, batches, None)
        yield rows


def _rows(job: Job) -> Iterator[Rows]:
    """Yield the job's rows; where the file changed since it was opened, raise `InputError`."""
    at = 0
    try:
        for rows in job.reader.batches(BATCH_ROWS):
            size = rows.cells.num_rows
            start, stop = max(job.span.start - at, 0), min(job.span.stop - at, size)
            at += size
            if start < stop:
                yield rows if stop - start == size else _cut(rows, start, stop)
            if at >= job.span.stop:
                break
    except (OSError, ValueError, csv.Error) as error:
        raise ChangedError(
            f"{job.name or job.source}: changed or disappeared while it was read ({error});"
            " try again."
        ) from error


def _cut(rows: Rows, start: int, stop: int) -> Rows:
    faults = {at - start: fault for at, fault in rows.faults.items() if start <= at < stop}
    return Rows(rows.cells.slice(start, stop - start), rows.raw[start:stop], faults)


def _with_faults(result: pa.RecordBatch, faults: dict[int, str]) -> pa.RecordBatch:
    """Put what was wrong with a row that could not be read into its reason."""
    if not faults or "reason" not in result.schema.names:
        return result
    reasons = result.column("reason").to_pylist()
    for place, fault in faults.items():
        reasons[place] = fault
    return result.set_column(
        result.schema.names.index("reason"), result.schema.field("reason"), pa.array(reasons)
    )
