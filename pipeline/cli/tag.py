"""frontback tag: one posting, or several files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli import options
from pipeline.posting import InputError, Tag

if TYPE_CHECKING:
    from pipeline.explain import Weight
    from pipeline.language import Detector

_WORDS = 5


@click.command("tag")
@click.argument("sources", nargs=-1, required=True, metavar="TEXT | FILE… | -")
@click.option("--title", help="Job title, where the text does not begin with it.")
@click.option("--explain", is_flag=True, help="Say why, as 'frontback explain' does.")
@options.as_json
@options.ui_language
@options.detector
@options.model
@options.models
def command(
    sources: tuple[str, ...],
    title: str | None,
    explain: bool,
    as_json: bool,
    detector: Detector,
    model: str | None,
    models: Path | None,
) -> None:
    """Tag one posting: its text, a file, or - for standard input.

    Files: .txt, .md, .html, .docx, .pdf. Several files give several answers.

    \b
    frontback tag "Buscamos camarero/a para atender mesas y barra"
    frontback tag --title Kokk stilling.docx
    pbpaste | frontback tag -
    """
    from pipeline.cli.console import say
    from pipeline.tagger import Tagger

    if len(sources) > 1:
        for source in sources:
            if source != "-" and not options.is_path(source):
                raise InputError(f"{source}: no such file; put a text of several words in quotes.")
    texts = [options.read_source(source) for source in sources]
    tagger = Tagger.load(model, models, say, detector)
    for source, text in zip(sources, texts, strict=True):
        name = source if source == "-" or options.is_path(source) else ""
        if explain:
            from pipeline.cli.explained import show
            from pipeline.explanation import explain_posting

            show(name, explain_posting(tagger, text, title), as_json)
            continue
        tag = tagger.tag([text], [title])[0]
        words = tagger.explain(text, title) if tag.p_front is not None else []
        if as_json:
            click.echo(_json(name, tag, words))
        else:
            click.echo(_shown(name, tag, words))


def _json(name: str, tag: Tag, words: list[Weight]) -> str:
    strongest = [[each.word, round(each.weight, 3)] for each in words[:_WORDS]]
    fields = {"source": name} | tag._asdict() | {"words": strongest}
    return json.dumps(fields, ensure_ascii=False)


def _shown(name: str, tag: Tag, words: list[Weight]) -> str:
    from pipeline.cli.console import answer, printable, pushing

    lines = [printable(name)] if name else []
    lines.append(answer(tag))
    for office, sign in (("front", 1), ("back", -1)):
        strongest = [each for each in words if each.weight * sign > 0][:_WORDS]
        if strongest:
            lines.append(f"  {pushing(office, strongest)}")
    return "\n".join(lines)
