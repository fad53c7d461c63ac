"""frontback corpus add: what was decided in a review, into a corpus folder of one's own."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli import options
from pipeline.cli.console import say
from pipeline.places import own_corpus_folder


@click.command("add")
@click.argument("reviews", type=options.FILE, metavar="REVIEWS")
@click.option(
    "--to",
    "folder",
    type=options.FILE,
    metavar="FOLDER",
    help="Corpus folder to add to; one in your data folder where left out.",
)
def command(reviews: Path, folder: Path | None) -> None:
    """Add the postings that were decided in a review to a corpus folder of your own.

    REVIEWS is the file beside a sheet that was reviewed (.reviews.sqlite), or a table that was
    exported from it. Where reviewers disagree, a posting is left out. A text that is in the
    folder already is not added again; if its label is another now, the newer decision holds.

    \b
    frontback corpus add postings.xlsx.reviews.sqlite --to ours
    frontback train --extra ours
    """
    from pipeline.checking.finding import Finding
    from pipeline.review.own_corpus import add_reviews

    def report(finding: Finding) -> None:
        say(f"{finding.where}: {finding.what}")

    target = folder or own_corpus_folder()
    done = add_reviews(reviews, target, report)
    say(
        f"{target}: {done.added:,} added, {done.changed:,} changed, {done.known:,} there already;"
        f" 'frontback train --extra {target}' trains with them"
    )
