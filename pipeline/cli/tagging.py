"""What ``batch`` and ``watch`` do to one table, and what they say of it."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from pipeline.cli.console import printable, say
from pipeline.posting import StrictError
from pipeline.wording import words

if TYPE_CHECKING:
    from pipeline.batch import Summary
    from pipeline.job import Job
    from pipeline.tagger import Tagger

#: Told of a row that could not be read or has no text: table, row from 1, what is wrong.
Problem = Callable[[Path, int, str], None]


class Telling(NamedTuple):
    """How much is said: nothing but errors, and the end as JSON on standard output."""

    quiet: bool = False
    as_json: bool = False

    def say(self, message: str) -> None:
        """Print a line of progress."""
        if not self.quiet:
            say(message)


def tag_table(
    job: Job,
    tagger: Tagger,
    telling: Telling,
    problem: Problem,
    output: Path | None = None,
    explained: bool = False,
) -> Summary:
    """Tag the rows of a table, and say what came of it; ``output`` is what to call its file."""
    from pipeline.annotate import depends_on, tags_by
    from pipeline.batch import run
    from pipeline.cli.progress import messages, progress, summary_table

    annotation = tags_by(tagger, explained)
    output = output or job.output
    with progress(job.rows, "tagging", telling.quiet) as advance:
        try:
            summary = run(
                job,
                annotation,
                depends_on(tagger, annotation),
                advance,
                lambda *row: problem(job.name or job.source, *row),
            )
        except BaseException as stopped:
            for note in getattr(stopped, "__notes__", ()):
                say(f"{output}: {note}")
            raise
    if not telling.quiet:
        tell_renamed(job)
        messages.print(summary_table(summary))
        names = ", ".join(job.renamed.get(name, name) for name in annotation.schema.names)
        written = words()("work.summary.written", output=output, rows=summary.rows, names=names)
        click.echo(printable(written), err=True)
    if telling.as_json:
        click.echo(json.dumps(_as_json(job, output, summary, tagger), ensure_ascii=False))
    return summary


def _as_json(job: Job, output: Path, summary: Summary, tagger: Tagger) -> dict[str, object]:
    return {
        "input": str(job.name or job.source),
        "output": str(output),
        "rows": summary.rows,
        "recalled": summary.recalled,
        "problems": summary.problems,
        "seconds": round(summary.seconds, 3),
        "model": tagger.model,
        **{column: dict(counts) for column, counts in summary.counts.items()},
    }


def tell_columns(job: Job, telling: Telling) -> None:
    """Say what was found out about the input: its form, and the columns that are read."""
    names = job.reader.schema.names
    form = f" ({job.reader.described})" if job.reader.described else ""
    table, text = f"{job.name or job.source}{form}", repr(names[job.columns.text])
    if job.columns.title is None:
        telling.say(words()("work.columns.untitled", table=table, text=text))
    else:
        title = repr(names[job.columns.title])
        telling.say(words()("work.columns.titled", table=table, text=text, title=title))
    for note in job.reader.notes:
        telling.say(note)


def tell_renamed(job: Job) -> None:
    """Say which added columns got another name because the input has one of that name."""
    for name, instead in job.renamed.items():
        if instead not in job.reader.schema.names:
            say(words()("work.columns.renamed", name=repr(name), instead=repr(instead)))


def strict(source: Path, row: int, reason: str) -> None:
    """Stop at a row that could not be read or has no text."""
    raise StrictError(f"{source}: row {row:,}: {reason}; mend that row, or leave --strict out.")


@contextmanager
def listed(path: Path) -> Iterator[Problem]:
    """Write each row that could not be read or has no text to a CSV that appears at the end."""
    from pipeline.output import appearing, claimed
    from pipeline.tables.formulas import make_safe

    with (
        claimed(path),
        appearing(path) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        rows = csv.writer(file)
        rows.writerow(["input", "row", "problem"])

        def write(source: Path, row: int, reason: str) -> None:
            name = os.fsencode(source).decode("utf-8", "replace")
            rows.writerow([make_safe(name), row, make_safe(reason)])

        yield write
