"""What training would leave out of folders and tables, or should not be asked to learn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.checking.finding import Finding, Report
from pipeline.layout import Layout
from pipeline.near_duplicates import near_twins
from pipeline.training_set import training_set


def check_sources(
    sources: Sequence[Path], layout: Layout, corrections: Sequence[Path], report: Report
) -> None:
    """Report what is wrong with labelled postings that are to be trained on together.

    Args:
        sources, layout, corrections: see `pipeline.training_set.training_set`.
        report: told of each finding, as it comes.

    Raises:
        CorpusError: a folder or table is not there, or a line of it cannot be read.
        InputError: a table cannot be read, or has no label at all.
    """
    with training_set(sources, layout, report, corrections, strict=False) as texts:
        twins = near_twins(texts.read())
        for (_, twin), own in zip(twins, texts.read(at for at, _ in twins), strict=True):
            (other,) = texts.read([twin])
            what = f"{own.label}, and nearly the same text is {other.label} at {other.where}"
            report(Finding(own.where, what))
