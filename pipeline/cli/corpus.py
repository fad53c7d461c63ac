"""frontback corpus: look over the labelled texts that models are trained on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli import corpus_add, corpus_doctor, options
from pipeline.cli.console import printable, say
from pipeline.layout import Layout
from pipeline.places import corpus_folder
from pipeline.posting import CorpusError

if TYPE_CHECKING:
    from rich.table import Table

    from pipeline.checking.finding import Finding, Report
    from pipeline.labelled import Corpus

_folder = click.option(
    "--corpus",
    type=options.FILE,
    help="Corpus folder; the one that came with frontback where left out.",
)


@click.group("corpus")
def command() -> None:
    """Check and count the labelled texts that models are trained on."""


command.add_command(corpus_add.command)
command.add_command(corpus_doctor.command)


@command.command("check")
@options.corpora
@options.layout
@options.corrections
def check(sources: list[Path], layout: Layout, corrections: tuple[Path, ...]) -> None:
    """Check what is to be trained on; each finding is a line with file and line or row.

    Of corpus folders are checked: fields and values, labels against shares, ids, texts and
    sentences that stand twice, near-duplicates by shared runs of words and by MinHash, declared
    against detected languages, addresses and telephone numbers that could be real, agreement of
    the two readers, and the proportions of labels, kinds, lengths and occupations.

    Of several together, and as soon as a table is among them, what training asks for: labels,
    texts, languages, texts that stand twice, and texts that stand with both labels, word for word
    or nearly.

    Leaves with 1 if anything is found.
    """
    from pipeline.checking.sources import check_sources

    found = texts = 0

    def report(finding: Finding) -> None:
        nonlocal found
        found += 1
        click.echo(printable(f"{finding.where}: {finding.what}"))

    folders_only = not corrections and all(source.is_dir() for source in sources)
    for folder in sources if folders_only else ():
        texts += _check_folder(folder, report)
    if not folders_only or len(sources) > 1:
        check_sources(sources, layout, corrections, report)
    named, place = ", ".join(map(str, sources)), "lines" if folders_only else "rows"
    if found:
        raise CorpusError(f"{named}: {found:,} findings; mend the {place} named above.")
    say(f"{named}: {f'{texts:,} texts, ' if folders_only else ''}nothing found")


def _check_folder(folder: Path, report: Report) -> int:
    """Report what is wrong in a corpus folder, and return how many texts it holds."""
    from pipeline.checking import check_corpus
    from pipeline.cli.progress import progress
    from pipeline.labelled import read_corpus

    texts = read_corpus(folder)
    total = sum(len(part) for part in texts.parts.values())
    with progress(total, "checking") as advance:
        findings = list(check_corpus(texts, advance))
    for finding in findings:
        report(finding)
    return total


@command.command("stats")
@_folder
@click.option("--plots", type=options.FILE, metavar="FOLDER", help="Draw it, too, as PNG files.")
def stats(corpus: Path | None, plots: Path | None) -> None:
    """Count a corpus: texts by language and label, agreement, lengths, kinds, occupations."""
    from pipeline.cli.console import results
    from pipeline.labelled import read_corpus

    texts = read_corpus(corpus or corpus_folder())
    console = results()
    console.print(_counts(texts))
    console.print(_postings(texts))
    if plots is not None:
        from pipeline.corpus_plots import draw_corpus

        for drawn in draw_corpus(texts, plots):
            say(f"{drawn}: drawn")


def _counts(corpus: Corpus) -> Table:
    from rich.table import Table
    from rich.text import Text

    from pipeline.checking import label_counts
    from pipeline.checking.whole import agreement

    table = Table(title="texts", title_justify="left")
    names = ("part", "language", "texts", "read twice", "agreed at first", "dropped", "labels")
    for name in names:
        table.add_column(name, justify="left" if name in ("part", "labels") else "right")
    for name, part in corpus.parts.items():
        for language, counts in label_counts(part).items():
            own = [each for each in part if each.language == language]
            lost = [d for d in corpus.dropped if (d.kind, d.language) == (name, language)]
            agreed = agreement([*own, *lost])
            labels = ", ".join(f"{label} {n:,}" for label, n in counts.most_common(6))
            table.add_row(
                name,
                Text(printable(language)),  # of other languages and their labels, anything
                f"{counts.total():,}",
                f"{sum(bool(each.second) for each in own):,}",
                "–" if agreed is None else f"{agreed:.1%}",
                f"{len(lost):,}",
                Text(printable(labels)),
            )
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
