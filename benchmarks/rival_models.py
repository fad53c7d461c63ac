"""What one would use instead of frontback, trained on the same postings and asked the same.

    python -m benchmarks.rival_models fasttext FOLDER

trains a rival on the plain postings of the corpus, or of another one, and puts its model into the
folder. A rival answers a list of texts with their languages and their probabilities of front.
"""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
import joblib

from pipeline.places import corpus_folder

Answer = Callable[[list[str]], tuple[list[str], list[float]]]

_FRONT = "__label__front"
#: Chosen on real postings (those of `benchmarks.accuracy`): more dimensions or epochs are slower
#: and no more often right, fewer epochs or a lower rate wrong more often.
_FASTTEXT = {"lr": 1.0, "epoch": 10, "dim": 16, "wordNgrams": 2, "bucket": 200_000}


def needed(module: str) -> Any:
    """Return a module of the dependency group ``bench``; where it is missing, say how to get it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise click.ClickException(
            f"{module} is not installed; get the rivals by pip install --group bench (pip 25.1+)."
        ) from error


def train_langdetect(corpus: Path, folder: Path) -> None:
    """Train tf-idf over words and word pairs and a logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    texts, labels = zip(*_examples(corpus), strict=True)
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2),
        LogisticRegression(C=10, max_iter=1_000),
    )
    joblib.dump(model.fit(texts, labels), folder / "sklearn.joblib")


def load_langdetect(folder: Path) -> Answer:
    """Return langdetect and scikit-learn, text by text."""
    import langdetect

    langdetect.DetectorFactory.seed = 0
    model = joblib.load(folder / "sklearn.joblib")

    def answer(texts: list[str]) -> tuple[list[str], list[float]]:
        languages, p_front = [], []
        for text in texts:
            try:
                languages.append(langdetect.detect(text))
            except langdetect.LangDetectException:
                languages.append("unknown")
            p_front.append(float(model.predict_proba([text])[0, 1]))
        return languages, p_front

    return answer


def train_fasttext(corpus: Path, folder: Path) -> None:
    """Train a supervised fastText model, with a thread a core."""
    fasttext = needed("fasttext")
    learned = folder / "fasttext.txt"
    with learned.open("w", encoding="utf-8") as file:
        for text, label in _examples(corpus):
            file.write(f"__label__{label} {_words(text)}\n")
    model = fasttext.train_supervised(str(learned), thread=os.cpu_count(), verbose=0, **_FASTTEXT)
    model.save_model(str(folder / "fasttext.bin"))


def load_fasttext(folder: Path) -> Answer:
    """Return eldc for the language and fastText, asked for all texts at once."""
    eldc, fasttext = needed("eldc"), needed("fasttext")
    eldc.init()
    model = fasttext.load_model(str(folder / "fasttext.bin"))

    def answer(texts: list[str]) -> tuple[list[str], list[float]]:
        labels, probabilities = model.predict([_words(text) for text in texts])
        answers = zip(labels, probabilities, strict=True)
        p_front = [float(p[0] if label[0] == _FRONT else 1 - p[0]) for label, p in answers]
        return [eldc.detect(text) for text in texts], p_front

    return answer


def joined(title: str | None, text: str | None) -> str:
    """Return title and text as the rivals read them."""
    return f"{title or ''}\n{text or ''}"


def _examples(corpus: Path) -> Iterator[tuple[str, str]]:
    """Yield text and label of a corpus folder's plain postings, a line in memory at a time."""
    for path in sorted(corpus.glob("postings/*.jsonl")):
        with path.open(encoding="utf-8") as file:
            for posting in map(json.loads, file):
                if posting["kind"] == "plain":
                    yield joined(posting["title"], posting["text"]), posting["label"]


def _words(text: str) -> str:
    """Return the text as fastText wants it: one line, words between blanks."""
    return " ".join(text.lower().split())


class Rival(NamedTuple):
    """How a rival is trained into a folder, and loaded from it."""

    train: Callable[[Path, Path], None]
    load: Callable[[Path], Answer]


RIVALS = {
    "langdetect": Rival(train_langdetect, load_langdetect),
    "fasttext": Rival(train_fasttext, load_fasttext),
}


@click.command()
@click.argument("name", type=click.Choice(list(RIVALS)))
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--corpus", type=click.Path(exists=True, path_type=Path), help="Corpus folder.")
def main(name: str, folder: Path, corpus: Path | None) -> None:
    """Train a rival and put its model into FOLDER."""
    folder.mkdir(parents=True, exist_ok=True)
    RIVALS[name].train(corpus or corpus_folder(), folder)


if __name__ == "__main__":
    main()
