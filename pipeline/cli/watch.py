"""frontback watch: tag each table that arrives in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli import options
from pipeline.posting import InputError, ResumeError

if TYPE_CHECKING:
    from pipeline.language import Detector


@click.command("watch")
@click.argument("folder", type=options.FILE)
@click.option(
    "-o", "--output", type=options.FILE, required=True, help="Folder that the tagged tables go to."
)
@options.title_column
@options.text_column
@click.option(
    "--every",
    type=click.FloatRange(min=0.1),
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help="Between two looks; what has not grown in between has arrived.",
)
@click.option("--once", is_flag=True, help="End after what is there now, for a scheduler.")
@options.workers
@options.quiet
@options.ui_language
@options.detector
@options.model
@options.models
def command(
    folder: Path,
    output: Path,
    every: float,
    once: bool,
    workers: int | None,
    quiet: bool,
    detector: Detector,
    model: str | None,
    models: Path | None,
    **form: Any,
) -> None:
    """Tag each table that arrives in FOLDER, once, until it is stopped.

    A table is moved to FOLDER/working while it is tagged, and to FOLDER/done after that; one that
    cannot be read goes to FOLDER/failed with a text that says why. Of two tables with one name the
    second becomes NAME-2. Stopped at any time, the next watch goes on.

    \b
    frontback watch exports/ -o tagged/
    frontback watch exports/ -o tagged/ --once
    """
    from pipeline.cli import tagging
    from pipeline.job import prepare
    from pipeline.sources import ensure_folder, target_in
    from pipeline.tagger import Tagger
    from pipeline.watch import PLACES, Watch, watch

    telling = tagging.Telling(quiet)
    within = output.resolve().parents
    if output.resolve() == folder.resolve() or any(
        (folder / place).resolve() in (output.resolve(), *within) for place in PLACES
    ):
        raise InputError(f"{output}: tables arrive here; name another folder with -o.")
    ensure_folder(output)
    options.use_cores(workers)
    tagger = Tagger.load(model, models, telling.say, detector)

    def tag(path: Path, resume: bool = True) -> None:
        job = prepare(path, target_in(output, path), overwrite=True, resume=resume, **form)
        tagging.tell_columns(job, telling)
        try:
            tagging.tag_table(job, tagger, telling, lambda source, row, reason: None)
        except ResumeError as error:  # another model since then, say
            telling.say(str(error))
            tag(path, resume=False)

    def is_free(path: Path) -> bool:
        return not target_in(output, path).exists()

    watch(Watch(folder, tag, options.tell, is_free), every, once)
