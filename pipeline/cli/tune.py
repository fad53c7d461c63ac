"""frontback tune: which parameters do best on postings that were left out of training."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli import options
from pipeline.layout import Layout
from pipeline.places import corpus_folder, same_place

if TYPE_CHECKING:
    from pipeline.tuning.results import Tuning


@click.command("tune")
@options.corpora
@options.corrections
@options.layout
@click.option(
    "--grid", metavar="KEY=V1,V2", multiple=True,
    help="Values to try of estimator, C, min_df or grey (as 10:66), instead of the usual ones; may"
    " be repeated.",
)  # fmt: skip
@click.option(
    "--by", type=click.Choice(["accuracy", "auc", "calibration_error", "coverage"]),
    default="accuracy", show_default=True, help="What the candidates are ranked by.",
)  # fmt: skip
@click.option(
    "-o", "--output", "folder", type=options.FILE, default=Path("tuning"), show_default=True,
    metavar="FOLDER", help="For the journal, results.csv and tuning.png; what is done is kept.",
)  # fmt: skip
@options.workers
@click.option(
    "--scheduler", metavar="ADDRESS", help="Scheduler of Dask whose workers do it: tcp://host:8786."
)
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Of all chance."
)
@options.as_json
def command(
    sources: list[Path],
    corrections: tuple[Path, ...],
    layout: Layout,
    grid: tuple[str, ...],
    by: str,
    folder: Path,
    workers: int | None,
    scheduler: str | None,
    seed: int,
    as_json: bool,
) -> None:
    """Try parameters, and say whether some are better than the usual ones beyond chance.

    Every candidate answers the same postings, none of which it has seen, nor any of the same
    occupation or, where that is not known, nearly the same text. A search that was stopped goes
    on where it was when the same command is given again.

    \b
    frontback tune --corpus labels.xlsx
    frontback tune --extra labels.csv --grid estimator=svm --grid C=0.3,1,3 -o svm
    frontback tune --grid min_df=1,2,3 --scheduler tcp://cluster:8786
    """
    from pipeline.cli.console import say
    from pipeline.cli.findings import Findings
    from pipeline.cli.progress import progress
    from pipeline.cli.tuning_tables import print_tuning
    from pipeline.posting import CorpusError
    from pipeline.tuning.grid import parse_grid
    from pipeline.tuning.plot import draw_tuning
    from pipeline.tuning.results import check_replaceable, write_csv
    from pipeline.tuning.search import tune

    if scheduler is not None and workers is not None:
        raise click.UsageError(
            f"the workers of {scheduler} are started there; leave --workers out."
        )
    check_replaceable(folder / "results.csv")
    findings = Findings()
    try:
        tuning = tune(
            sources,
            folder,
            layout=layout,
            corrections=corrections,
            grid=parse_grid(grid),
            by=by,
            seed=seed,
            workers=workers,
            scheduler=scheduler,
            say=say,
            report=findings,
            progress=progress,
        )
    except KeyboardInterrupt:
        say(f"{folder}: the candidates that are done are kept; the same command goes on")
        raise
    findings.tell_rest()
    write_csv(folder / "results.csv", tuning)
    written = "results.csv"
    try:
        draw_tuning(folder / "tuning.png", tuning)
        written += ", tuning.png"
    except CorpusError as error:  # all but the picture is there
        options.tell(str(error))
    train = " ".join(map(shlex.quote, _training(sources, corrections, layout, tuning, seed)))
    if as_json:
        click.echo(json.dumps(tuning.as_json() | {"train": train}, ensure_ascii=False))
    else:
        print_tuning(tuning, train)
    say(f"{folder}: {written} written")


def _training(
    sources: list[Path],
    corrections: tuple[Path, ...],
    layout: Layout,
    tuning: Tuning,
    seed: int,
) -> Iterator[str]:
    """Yield the words of the command that trains what is recommended."""
    from pipeline.tuning.grid import settings_shown

    yield from ("frontback", "train")
    option = "--corpus"
    for place, source in enumerate(sources):
        if place == 0 and same_place(source, corpus_folder()):
            option = "--extra"
        else:
            yield from (option, str(source))
    for path in corrections:
        yield from ("--corrections", str(path))
    for name, given in layout._asdict().items():
        flag = f"--{name}-column" if name in ("title", "text", "label") else f"--{name}"
        for value in given if isinstance(given, tuple) else (given,):
            if value is not None:
                yield from (flag, value)
    for key, value in settings_shown(tuning.recommended.parameters).items():
        yield from ("--estimator", value) if key == "estimator" else ("--set", f"{key}={value}")
    if seed:
        yield from ("--seed", str(seed))
