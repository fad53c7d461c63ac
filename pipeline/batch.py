"""A table in, the same table with more columns out."""

from __future__ import annotations

import csv
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from pipeline.arrow import TAG_SCHEMA, cleaned, pick
from pipeline.language import CODES, VARIETIES, Detector, languages_in
from pipeline.output import appearing, check_output
from pipeline.posting import InputError
from pipeline.tables import MakeWriter, open_table, writer_for
from pipeline.tables.columns import Columns, find_columns
from pipeline.tables.rows import Reader, Rows

if TYPE_CHECKING:
    from pipeline.tagger import Tagger

#: Rows that are read, tagged and written at a time, where a reader does not know better; the result
#: does not depend on it.
BATCH_ROWS = 200

Annotate = Callable[[pa.RecordBatch], pa.RecordBatch]

TAG_COLUMNS = ("office", "p_front", "share", "language", "reason", "model")
LANGUAGE_SCHEMA = pa.schema(
    [
        pa.field("language", pa.string()),
        pa.field("language_confidence", pa.float64()),
        pa.field("variety", pa.string()),
        pa.field("mixed", pa.bool_()),
    ]
)


@dataclass
class Summary:
    """What a batch came to: rows, seconds, and how often each value was given by column."""

    rows: int = 0
    seconds: float = 0.0
    counts: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, added: pa.RecordBatch) -> None:
        """Count the values of the columns that have few."""
        self.rows += added.num_rows
        for name in ("office", "language", "reason"):
            if name in added.schema.names:
                self.counts.setdefault(name, Counter()).update(added.column(name).to_pylist())


@dataclass
class Job:
    """A table that is ready to be read, and the file that is to be written.

    Attributes:
        renamed: added columns that the input already had, by the name they get instead.
    """

    reader: Reader
    columns: Columns
    output: Path
    make_writer: MakeWriter
    renamed: dict[str, str] = field(default_factory=dict)


def prepare(
    source: Path,
    output: Path,
    *,
    title_column: str | None = None,
    text_column: str | None = None,
    sheet: str | None = None,
    encoding: str | None = None,
    overwrite: bool = False,
) -> Job:
    """Open the input and check everything that can be checked before the work begins.

    Raises:
        InputError: the input cannot be read, or has no rows or no text column.
        OutputError: the output may not be written.
    """
    make_writer = writer_for(output, source)
    check_output(output, source, overwrite)
    reader = open_table(source, encoding, sheet, text_column)
    if reader.rows == 0:
        raise InputError(f"{source}: there is no row below the header; export it again.")
    columns = find_columns(reader.schema.names, source, title_column, text_column)
    return Job(reader, columns, output, make_writer)


def run(
    job: Job,
    annotate: Annotate,
    added: pa.Schema,
    advance: Callable[[int], None] = lambda rows: None,
) -> Summary:
    """Write the job's output, and return what it came to.

    Args:
        job: see `prepare`.
        annotate: from columns ``title`` and ``text`` to the added columns, row for row.
        added: the schema of what ``annotate`` returns.
        advance: told of each number of rows done.

    Raises:
        InputError: the input turned out damaged; nothing is written.
        OutputError: the system refused to write; nothing is written.
    """
    summary, begun = Summary(), time.monotonic()
    for name in added.names:
        free = name
        while free in job.reader.schema.names:
            free = f"frontback_{free}"
        if free != name:
            job.renamed[name] = free
    names = [job.renamed.get(name, name) for name in added.names]
    written = pa.schema([f.with_name(n) for f, n in zip(added, names, strict=True)])
    # Reading and writing go on beside the work on the rows between.
    one = ThreadPoolExecutor
    with appearing(job.output) as temporary, one(1) as reading, one(1) as writing:
        writer = job.make_writer(temporary, job.reader, written)
        try:
            unwritten: Future[None] | None = None
            for rows in _ahead(_unchanged(job.reader), reading):
                result = annotate(_postings(rows, job.columns))
                result = _with_faults(result, rows.faults)
                if unwritten:
                    unwritten.result()
                unwritten = writing.submit(writer.write, rows, result.rename_columns(names))
                summary.add(result)
                advance(rows.cells.num_rows)
            if unwritten:
                unwritten.result()
            writer.close()
        except BaseException:
            writing.shutdown()
            writer.discard()
            raise
    summary.seconds = time.monotonic() - begun
    return summary


def _ahead(batches: Iterator[Rows], pool: ThreadPoolExecutor) -> Iterator[Rows]:
    """Yield the batches, each fetched by the pool while the one before is worked on."""
    fetched = pool.submit(next, batches, None)
    while (rows := fetched.result()) is not None:
        fetched = pool.submit(next, batches, None)
        yield rows


def _unchanged(reader: Reader) -> Iterator[Rows]:
    """Yield the reader's rows; where the file changed since it was opened, raise `InputError`."""
    try:
        yield from reader.batches(BATCH_ROWS)
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(
            f"{reader.path}: changed or disappeared while it was read ({error}); try again."
        ) from error


def tags_by(tagger: Tagger) -> tuple[Annotate, pa.Schema]:
    """Return what adds the tag columns of this tagger, and their schema."""

    def annotate(batch: pa.RecordBatch) -> pa.RecordBatch:
        return tagger.tag_batch(batch).select(list(TAG_COLUMNS))

    return annotate, pa.schema([TAG_SCHEMA.field(name) for name in TAG_COLUMNS])


def languages_by(detector: Detector) -> Annotate:
    """Return what adds language, confidence, variety and whether it is mixed."""

    def annotate(batch: pa.RecordBatch) -> pa.RecordBatch:
        texts, _ = cleaned(batch.column("text"))
        found = languages_in(texts, detector)
        columns = [
            pick(CODES, found.codes),
            pa.array(found.confidence),
            pick(VARIETIES, found.varieties),
            pa.array(found.mixed),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=LANGUAGE_SCHEMA)

    return annotate


def _postings(rows: Rows, columns: Columns) -> pa.RecordBatch:
    texts = rows.text(columns.text)
    titles = pa.nulls(len(texts), pa.string())
    if columns.title is not None:
        titles = rows.text(columns.title)
    return pa.RecordBatch.from_arrays([titles, texts], names=["title", "text"])


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
