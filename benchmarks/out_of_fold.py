"""How well the classifier tags the postings of its own corpus, none of which it had seen.

    python -m benchmarks.out_of_fold
    python -m benchmarks.out_of_fold --plot reliability.png

Every posting is judged by a model that learned from no text of its occupation (ISCO-08 sub-major
group). From these answers calibration, review band and shares are learned; the shares measured
here are each by a map that has not seen them, the other figures by the one that has.
"""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np
from rich.console import Console

from benchmarks.report import Answers, print_figures
from pipeline.classifier import FRONT
from pipeline.fitting import fit_corpus
from pipeline.labelled import read_corpus
from pipeline.places import corpus_folder
from pipeline.reliability_plot import draw_reliability


@click.command()
@click.option("--corpus", type=click.Path(path_type=Path), help="Corpus folder.")
@click.option(
    "--plot", type=click.Path(dir_okay=False, path_type=Path), help="Draw reliability into a PNG."
)
def main(corpus: Path | None, plot: Path | None) -> None:
    """Train on the corpus and print what was said of postings left out."""
    classifier, postings = fit_corpus(read_corpus(corpus or corpus_folder()))
    p_front = classifier.out_of_fold_
    answers = Answers(
        p_front,
        np.abs(p_front - 0.5) >= classifier.band_,
        classifier.out_of_fold_share_,
        np.array([each.language for each in postings]),
        np.array([each.label == FRONT for each in postings]),
        np.array([each.share for each in postings]),
        np.array([len(each.posting.text.split()) for each in postings]),
        np.array([each.kind for each in postings]),
    )
    console = Console(highlight=False)
    title = "postings of the corpus, their occupations left out of training"
    print_figures(console, title, answers)
    if plot:
        of = answers.language, answers.p_front, answers.front
        draw_reliability(plot, title, *of, classifier.band_)
        console.print(f"drawn: {plot}")


if __name__ == "__main__":
    main()
