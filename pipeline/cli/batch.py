"""frontback batch: a spreadsheet in, the same spreadsheet with tags out."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli import options
from pipeline.cli.databases import Ends, database_options
from pipeline.posting import FrontbackError, InputError, OutputError, StrictError

if TYPE_CHECKING:
    from pipeline.language import Detector
    from pipeline.tagger import Tagger


@click.command("batch")
@click.argument("inputs", nargs=-1, metavar="INPUT...")
@click.option(
    "-o", "--output", "target", type=click.Path(), help="File to write; of several, a folder."
)
@database_options
@options.title_column
@options.text_column
@options.sheet
@options.encoding
@options.delimiter
@click.option(
    "--raw-formulas",
    is_flag=True,
    help="Into a CSV, write texts that a spreadsheet would run as they are.",
)
@options.overwrite
@click.option("--resume", is_flag=True, help="Go on where a run that was stopped had come to.")
@click.option("--strict", is_flag=True, help="Stop at the first row that cannot be read.")
@click.option(
    "--errors", type=options.FILE, help="CSV to list such rows in, and those without text."
)
@click.option(
    "--shard", type=options.SHARD, default="1/1", help="Tag the i-th of n parts of the rows: i/n."
)
@options.workers
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Tag Parquet files on the workers of this Dask scheduler, or of one of its own: local.",
)
@options.quiet
@click.option("--json", "as_json", is_flag=True, help="Summary as JSON on standard output.")
@click.option("--explain", is_flag=True, help="Add a column why: the strongest phrases.")
@options.ui_language
@options.detector
@options.model
@options.models
def command(
    inputs: tuple[str, ...],
    target: str | None,
    from_url: str | None,
    table: str | None,
    query: str | None,
    key: str | None,
    to_url: str | None,
    into: str | None,
    strict: bool,
    errors: Path | None,
    workers: int | None,
    cluster: str | None,
    quiet: bool,
    as_json: bool,
    explain: bool,
    detector: Detector,
    model: str | None,
    models: Path | None,
    **form: Any,
) -> None:
    """Tag every row of a table: .csv, .tsv, .xlsx, .xls, .ods, .parquet, .jsonl or .json.

    Writes the same rows in the same order with the columns office (front, back, review),
    p_front (0 to 1), share, language, reason (why review) and model behind them; a table that was
    tagged before gets them in their places. The output's suffix decides its kind. The columns of
    title and text are found by their names. A table may be packed (.csv.gz, .jsonl.zst). Several
    tables, a pattern or a folder go into a folder; of a folder of documents (.docx, .pdf, …) each
    is a row. - is standard input and standard output.

    Beside the output a journal is kept while it is made. Stopped, killed or out of space, the same
    command with --resume goes on and gives what it would have given.

    \b
    frontback batch stillinger.xlsx -o tagged.xlsx
    frontback batch ofertas.csv -o tagged.parquet --text-column Funciones
    frontback batch 'exports/*.csv' -o tagged/
    cat ofertas.csv | frontback batch - -o - > tagged.csv
    frontback batch ofertas.csv --key Referencia --to sqlite:///hr.db --into tags
    frontback batch --from postgresql://hr@db/hr --table postings -o tagged.xlsx
    frontback batch 's3://bucket/*.parquet' -o s3://bucket/tagged --cluster tcp://10.0.0.1:8786
    """
    from pipeline.cli import tagging

    if cluster:
        from pipeline.cli.cluster import check_options, tag_files

        check_options(click.get_current_context(), cluster)
        if not inputs or target is None:
            raise click.UsageError("a cluster reads Parquet files and writes a folder: name both.")
        wanted = ("title_column", "text_column", "overwrite", "resume")
        tag_files(
            inputs,
            target,
            cluster,
            tagging.Telling(quiet, as_json),
            workers=workers,
            detector=detector,
            model=model,
            models=models,
            **{name: form[name] for name in wanted},
        )
        return
    from pipeline.job import prepare
    from pipeline.journal import journal_path
    from pipeline.output import check_output
    from pipeline.sources import pairs, piped
    from pipeline.tagger import Tagger

    output = None if target is None else Path(target)
    ends = Ends(from_url, table, query, key, to_url, into)
    ends.check(inputs, output, form)
    to_pipe = target == "-"
    if to_pipe and as_json:
        raise click.UsageError("standard output is the table's: leave --json out, or name a file.")
    telling = tagging.Telling(quiet, as_json)

    @cache
    def tagger() -> Tagger:
        options.use_cores(workers)
        return Tagger.load(model, models, telling.say, detector)

    with ExitStack() as stack:

        def problems(tables: list[tuple[Path, Path]]) -> tagging.Problem:
            each: list[tagging.Problem] = [tagging.strict] if strict else []
            if errors:
                for source, target in tables:
                    check_output(errors, source, form["overwrite"])
                    if errors.resolve() == target.resolve():
                        raise OutputError(f"{errors}: this is the output; name another --errors.")
                each.insert(0, stack.enter_context(tagging.listed(errors)))

            def tell(source: Path, row: int, reason: str) -> None:
                for one in each:
                    one(source, row, reason)

            return tell

        if ends.used or output is None:
            from_database = ends.job(inputs, output, form)
            problem = problems([(from_database.source, from_database.output)])
            tagging.tell_columns(from_database, telling)
            tagging.tag_table(from_database, tagger(), telling, problem, explained=explain)
            return
        piping = None
        if to_pipe or "-" in inputs:
            piping = stack.enter_context(piped(inputs, output))
            tables, names = [piping.table], piping.names
        else:
            tables, names = pairs(inputs, output), (None, None)
        problem = problems(tables)
        failures: list[FrontbackError] = []
        for source, written in tables:
            try:
                job = prepare(source, written, name=names[0], **form)
                # Of several tables, all are there or all can be gone on with.
                job.keep_journal = len(tables) > 1
                job.resumable = piping is None
                tagging.tell_columns(job, telling)
                tagging.tag_table(job, tagger(), telling, problem, names[1], explain)
            except FrontbackError as error:
                if len(tables) == 1 or isinstance(error, StrictError):
                    raise
                failures.append(error)
                options.tell(str(error))
        if not any(isinstance(error, OutputError) for error in failures):
            for _, written in tables:
                journal_path(written).unlink(missing_ok=True)
    if failures:
        raise InputError(
            f"{len(failures)} of {len(tables)} tables were not tagged; what is wrong is above."
        )
