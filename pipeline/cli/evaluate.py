"""frontback evaluate: how well a model does on postings whose labels are known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli import options
from pipeline.layout import Layout
from pipeline.places import corpus_folder

if TYPE_CHECKING:
    from pipeline.challenge import LabelledPostings
    from pipeline.learning_curve import LearningCurve, Study
    from pipeline.tagger import Tagger

_MISTAKES = 25


@click.command("evaluate")
@click.argument("data", type=options.FILE)
@options.model
@options.models
@options.layout
@click.option(
    "--precision",
    type=options.Share(0.5),
    default=0.98,
    show_default=True,
    help="Share of right answers to state the coverage for.",
)
@click.option(
    "--learning-curve", is_flag=True, help="What the size of the corpus is worth: some trainings."
)
@options.corpora
@options.as_json
@click.option(
    "--report", type=options.FILE, metavar="FILE.html", help="Write a page with plots, too."
)
@options.overwrite
def command(
    data: Path,
    model: str | None,
    models: Path | None,
    layout: Layout,
    precision: float,
    learning_curve: bool,
    sources: list[Path],
    as_json: bool,
    report: Path | None,
    overwrite: bool,
) -> None:
    """Measure a model on a table whose rows are labelled front or back.

    Accuracy, F1, AUC, calibration error, coverage and precision, with 95 % intervals, over all, by
    language and by occupation (a column isco08); the confusion matrix; the surest mistakes with
    the words that decided. Rows without label are left out. Use postings the model has not seen.

    --learning-curve trains on growing parts of a corpus (--corpus, --extra), up to six, and
    measures each on DATA. What says how DATA is read holds for the tables of the corpus, too.

    \b
    frontback evaluate labelled.xlsx
    frontback evaluate labelled.csv --label-column Oficina --report evaluation.html
    """
    from pipeline.answers import answers_of
    from pipeline.cli.console import say
    from pipeline.cli.evaluation_tables import print_learning_curve, print_scorecard
    from pipeline.labelled_table import LabelledTable
    from pipeline.output import check_output
    from pipeline.scorecard import score
    from pipeline.tagger import Tagger

    if report is not None:
        from pipeline.evaluation_page import check_page

        check_page(report)
        check_output(report, data, overwrite)
    if sources != [corpus_folder()] and not learning_curve:
        raise click.UsageError("--corpus and --extra go with --learning-curve.")
    study = _study(sources, layout) if learning_curve else None
    table = LabelledTable(data, layout)
    tagger = Tagger.load(model, models, say)
    (answers,) = answers_of(table, [tagger])
    scorecard = score(table, tagger, answers, precision, _MISTAKES)
    tell_left_out(table)
    curve = _curve(study, table, tagger) if study else None
    if report is not None:
        from pipeline.evaluation_page import write_page

        write_page(report, data.name, tagger.scorer.band, scorecard, answers, curve)
    if as_json:
        found = table_as_json(table) | scorecard.as_json()
        found |= {"learning_curve": curve.as_json()} if curve else {}
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        print_scorecard(data.name, scorecard)
        if curve:
            print_learning_curve(data.name, curve)
    if report is not None:
        say(f"{report}: written")


def _study(sources: list[Path], layout: Layout) -> Study:
    from pipeline.cli.findings import Findings
    from pipeline.learning_curve import Study

    findings = Findings()
    study = Study(sources, layout, findings)
    findings.tell_rest()
    return study


def _curve(study: Study, table: LabelledPostings, tagger: Tagger) -> LearningCurve:
    from pipeline.cli.console import say
    from pipeline.cli.progress import progress

    sizes = ", ".join(f"{size:,}" for size in study.sizes)
    corpus = ", ".join(study.sources)
    if known := study.in_corpus(table):
        options.tell(
            f"{table.path}: {known:,} of the labelled postings are in {corpus}, too; leave them out"
            " of one of the two, as what was trained on says nothing of other postings."
        )
    say(f"learning curve: training from scratch on {sizes} postings of {corpus}")
    with progress(sum(study.sizes), "learning curve") as advance:
        return study.measure(table, tagger.manifest, advance)


def table_as_json(table: LabelledPostings) -> dict[str, Any]:
    """Return what was read, and how many rows were left out."""
    found = {"unlabelled": table.unlabelled, "unreadable": table.unreadable}
    return {"data": str(table.path)} | found


def tell_left_out(table: LabelledPostings) -> None:
    """Say how many rows were left out."""
    from pipeline.cli.console import say

    for what, rows in (("have no label", table.unlabelled), ("cannot be read", table.unreadable)):
        if rows:
            say(f"{table.path}: rows left out because they {what}: {rows:,}")
