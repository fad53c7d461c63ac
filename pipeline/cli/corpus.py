"""frontback corpus: look over the labelled texts that models are trained on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli import options
from pipeline.places import corpus_folder
from pipeline.posting import CorpusError

if TYPE_CHECKING:
    from rich.table import Table

    from pipeline.labelled import Corpus

_folder = click.option(
    "--corpus",
    type=options.FILE,
    help="Corpus folder; the one that came with frontback where left out.",
)


@click.group("corpus")
def command() -> None:
    """Check and count the labelled texts that models are trained on."""


@command.command("check")
@_folder
def check(corpus: Path | None) -> None:
    """Check a corpus; each finding is a line with file and line number.

    Checked: fields and values, labels against shares, ids, duplicates and near-duplicates,
    declared against detected languages, balance of labels. Leaves with 1 if anything is found.
    """
    from pipeline.checking import check_corpus
    from pipeline.cli.console import messages, progress
    from pipeline.labelled import read_corpus

    texts = read_corpus(corpus or corpus_folder())
    total = len(texts.postings) + len(texts.other_languages) + len(texts.no_postings)
    with progress(total, "checking") as advance:
        findings = list(check_corpus(texts, advance))
    for finding in findings:
        click.echo(f"{finding.where}: {finding.what}")
    if findings:
        raise CorpusError(f"{texts.folder}: {len(findings)} findings; mend the lines named above.")
    messages.print(f"{texts.folder}: {total:,} texts, nothing found")


@command.command("stats")
@_folder
def stats(corpus: Path | None) -> None:
    """Count a corpus: texts by language and label, lengths, occupations."""
    from rich.console import Console

    from pipeline.labelled import read_corpus

    texts = read_corpus(corpus or corpus_folder())
    console = Console(highlight=False)
    console.print(_counts(texts))
    console.print(_postings(texts))


def _counts(corpus: Corpus) -> Table:
    from rich.table import Table

    from pipeline.checking import label_counts

    table = Table(title="texts", title_justify="left")
    for name in ("part", "language", "texts", "labels"):
        table.add_column(name, justify="right" if name == "texts" else "left")
    for name, part in corpus.parts.items():
        for language, counts in label_counts(part).items():
            shown = ", ".join(f"{label} {n:,}" for label, n in counts.most_common(6))
            table.add_row(name, language, f"{counts.total():,}", shown)
        table.add_section()
    return table


def _postings(corpus: Corpus) -> Table:
    import numpy as np
    from rich.table import Table

    table = Table(title="postings", title_justify="left")
    quantiles = "words at 25 · 50 · 75 · 95 %"
    for name in ("language", "front", "plain", "nynorsk", "occupations", quantiles):
        table.add_column(name, justify="left" if name == "language" else "right")
    for language in sorted({each.language for each in corpus.postings}):
        own = [each for each in corpus.postings if each.language == language]
        words = np.quantile(
            [len(each.posting.text.split()) for each in own], [0.25, 0.5, 0.75, 0.95]
        )
        table.add_row(
            language,
            f"{sum(each.label == 'front' for each in own) / len(own):.0%}",
            f"{sum(each.kind == 'plain' for each in own) / len(own):.0%}",
            f"{sum(each.variety == 'nn' for each in own) / len(own):.0%}",
            f"{len({each.isco for each in own}):,}",
            " · ".join(f"{quantile:.0f}" for quantile in words),
        )
    return table
