"""frontback explain: why a posting got its answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli import options

if TYPE_CHECKING:
    from pipeline.language import Detector


@click.command("explain")
@click.argument("source", metavar="TEXT | FILE | -")
@click.option("--title", help="Job title, where the text does not begin with it.")
@options.as_json
@click.option("--html", type=options.FILE, metavar="FILE", help="Page to write it to as well.")
@options.overwrite
@options.ui_language
@options.detector
@options.model
@options.models
def command(
    source: str,
    title: str | None,
    as_json: bool,
    html: Path | None,
    overwrite: bool,
    detector: Detector,
    model: str | None,
    models: Path | None,
) -> None:
    """Say why a posting is tagged as it is: its words and lines, and what each adds.

    Weights are natural logarithms of odds; those of the words, like those of the lines, and the
    bias sum to the logit of front. Says as well without which few lines the answer would be
    another, and what made the text Norwegian, say, rather than Danish.

    \b
    frontback explain --title Kokk stilling.docx
    frontback explain --html why.html oferta.txt
    """
    from pipeline.cli.console import say
    from pipeline.cli.explained import show
    from pipeline.explanation import explain_posting
    from pipeline.output import check_output
    from pipeline.tagger import Tagger

    is_file = source != "-" and options.is_path(source)
    if html is not None:
        check_output(html, Path(source) if is_file else Path(), overwrite)
    text = options.read_source(source)
    tagger = Tagger.load(model, models, say, detector)
    explanation = explain_posting(tagger, text, title)
    if html is not None:
        from pipeline.explanation_page import write_page

        write_page(explanation, html, overwrite)
    show(source if source == "-" or is_file else "", explanation, as_json)
