"""What correcting postings is worth, and in which order: accuracy against postings labelled.

    python -m benchmarks.active_learning
    python -m benchmarks.active_learning realads.jsonl --plot docs/plots/active_learning.png

Postings are labelled batch by batch, the model is trained again after each, and measured on
postings of other occupations. Which ones are labelled goes by chance, by uncertainty (nearest to
0.5) or by the review queue (uncertainty and diversity). The studies:

- few labels: twenty postings of one language, trained from scratch;
- unknown words: the corpus without a language, whose postings are labelled;
- unknown occupations: the corpus without a fifth of its occupations, some of which are labelled;
- real postings, those of DATA (see `benchmarks.accuracy`), some of which are labelled, beside the
  whole corpus: asked about other occupations, and once more about the same ones.

Each is repeated with other parts and seeds. What is labelled gets the label of the file, and no
share; the ones who review are taken to be always right.
"""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np
from joblib import Parallel, delayed

from benchmarks.active_rounds import WAYS, Worth, follow
from benchmarks.active_studies import Study, studies
from pipeline.intervals import Estimate, estimate
from pipeline.labelled import read_corpus
from pipeline.places import corpus_folder

_CHANCE = next(iter(WAYS))
_COLOURS = dict(zip(WAYS, ("#888888", "#c8553d", "#28536b"), strict=True))
_ACCURACY = Worth._fields[0]

#: Of each way, for each trial, what the model was worth before the first batch and after each.
Found = dict[str, list[list[Worth]]]


@click.command()
@click.argument(
    "data", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--corpus", type=click.Path(path_type=Path), help="Corpus folder.")
@click.option(
    "--plot", type=click.Path(dir_okay=False, path_type=Path), help="Draw the curves into a PNG."
)
def main(data: Path | None, corpus: Path | None, plot: Path | None) -> None:
    """Label postings batch by batch, and print what the models are worth."""
    everything: list[tuple[Study, Found]] = []
    for study in studies(read_corpus(corpus or corpus_folder()), data):
        click.echo(f"  {study.title}", err=True)
        found = ask(study)
        everything.append((study, found))
        said = *as_tables(found, study.batch), told(found, study.batch)
        click.echo("\n\n".join([f"## {study.title}", *said, ""]))
    if plot:
        draw(everything, plot)
        click.echo(f"drawn: {plot}")


def ask(study: Study) -> Found:
    """Return what is found in each way, by as many processes as there are cores."""
    answers = Parallel(-1, batch_size=1)(
        delayed(follow)(learn, study.postings, start, study.batch, study.batches)
        for learn, start in study.trials
    )
    return {way: [answer[way] for answer in answers] for way in WAYS}


def means(found: Found, measure: str) -> dict[str, list[Estimate]]:
    """Return the mean over trials after each batch, of each way, and of its lead over chance.

    A lead ("lead by uncertainty") is over chance in the same trials. Intervals are by the
    bootstrap over trials.
    """
    values = {
        way: np.array([[getattr(worth, measure) for worth in trial] for trial in trials])
        for way, trials in found.items()
    }
    leads = {_lead(way): own - values[_CHANCE] for way, own in values.items() if way != _CHANCE}
    return {name: [_mean(at) for at in own.T] for name, own in (values | leads).items()}


def _lead(way: str) -> str:
    return f"lead {way}"


def _mean(values: np.ndarray) -> Estimate:
    def mean(weights: np.ndarray) -> dict[str, np.ndarray]:
        return {"mean": weights @ values / weights.sum(axis=1)}

    return estimate(mean, len(values))["mean"]


def as_tables(found: Found, batch: int) -> list[str]:
    """Return what is found after some of the batches, as Markdown.

    The first table is of accuracy, with the leads over chance, the second of AUC and lean.
    """
    accuracy, auc, lean = (means(found, measure) for measure in Worth._fields)
    last = len(accuracy[_CHANCE]) - 1
    shown = sorted({0, 1, 2, 3, last // 2, 3 * last // 4, last})
    of_order = {f"AUC {way}": auc[way] for way in WAYS} | {f"lean {way}": lean[way] for way in WAYS}
    return [_table(columns, shown, batch) for columns in (accuracy, of_order)]


def _table(columns: dict[str, list[Estimate]], shown: list[int], batch: int) -> str:
    lines = [f"| labelled | {' | '.join(columns)} |", f"|{'---:|' * (1 + len(columns))}"]
    for at in shown:
        cells = [_shown(own[at], name) for name, own in columns.items()]
        lines.append(f"| {' | '.join([f'{at * batch:,}', *cells])} |")
    return "\n".join(lines)


def _shown(mean: Estimate, name: str) -> str:
    if name.startswith("lead"):
        return f"{mean.value:+.3f} ({mean.low:+.3f} to {mean.high:+.3f})"
    return f"{mean.value:+.3f}" if name.startswith("lean") else f"{mean.value:.3f}"


def told(found: Found, batch: int) -> str:
    """Return the mean lead over all batches, and how many labels chance needs for as much."""
    figures = means(found, _ACCURACY)
    chance = np.array([each.value for each in figures[_CHANCE]])
    sentences = [f"{len(found[_CHANCE])} trials."]
    for way in WAYS:
        if way == _CHANCE:
            continue
        values = np.array([[worth.accuracy for worth in trial] for trial in found[way]])
        others = np.array([[worth.accuracy for worth in trial] for trial in found[_CHANCE]])
        lead = _mean((values - others)[:, 1:].mean(axis=1))
        reached = figures[way][-1].value
        enough = np.flatnonzero(chance >= reached)
        needed = f"{enough[0] * batch:,}" if len(enough) else "more than there were"
        sentences.append(
            f"{way.capitalize()}: a lead over chance of {_shown(lead, 'lead')} on average over all"
            f" batches; what it has after {(len(chance) - 1) * batch:,} labels, chance has after"
            f" {needed}."
        )
    return "\n".join(sentences)


def draw(everything: list[tuple[Study, Found]], file: Path) -> None:
    """Draw the curves of all studies beside each other, with their intervals, as a PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 3.6 * ((len(everything) + 1) // 2)), layout="constrained")
    panels = list(figure.subplots((len(everything) + 1) // 2, 2, squeeze=False).flat)
    for axes in panels[len(everything) :]:
        axes.set_axis_off()
    for axes, (study, found) in zip(panels, everything, strict=False):
        for way, curve in means(found, _ACCURACY).items():
            if way not in WAYS:
                continue
            labelled = np.arange(len(curve)) * study.batch
            values, low, high = zip(*curve, strict=True)
            axes.plot(labelled, values, color=_COLOURS[way], label=way)
            axes.fill_between(labelled, low, high, color=_COLOURS[way], alpha=0.15, lw=0)
        axes.set_title(study.title, fontsize=10)
        axes.set_xlabel("postings labelled")
        axes.set_ylabel("accuracy")
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    figure.legend(*figure.axes[0].get_legend_handles_labels(), ncols=3, frameon=False,
                  loc="outside lower center")  # fmt: skip
    figure.savefig(file, dpi=110, metadata={"Software": ""})


if __name__ == "__main__":
    main()
