"""The way of a posting from text to tag: one function for one posting, a batch and a cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Self

import numpy as np
import pyarrow as pa

from pipeline.classifier import BACK, FRONT, OfficeClassifier
from pipeline.explain import Weight, explain
from pipeline.language import language_of
from pipeline.places import models_folder
from pipeline.posting import LANGUAGES, Language, ModelError, Posting, Reason, Tag
from pipeline.store import Manifest, has_usable_model, load_model
from pipeline.text import clean

#: Fewer words than this, title and text together, are too short to tag.
MIN_WORDS = 5

#: What `Tagger.tag_batch` returns: one row a posting, `Tag` by columns.
TAG_SCHEMA = pa.schema(
    [
        pa.field("office", pa.string(), nullable=False),
        pa.field("p_front", pa.float64()),
        pa.field("language", pa.string(), nullable=False),
        pa.field("language_confidence", pa.float64(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("model", pa.string(), nullable=False),
    ]
)


class Tagger:
    """Tags postings with one model.

    >>> tagger = Tagger.load()  # doctest: +SKIP
    >>> tagger.tag(["Atenderás a los clientes en caja y resolverás sus dudas."])  # doctest: +SKIP
    [Tag(office='front', p_front=0.98, language='es', ...)]
    """

    def __init__(self, classifier: OfficeClassifier, manifest: Manifest) -> None:
        self.classifier = classifier
        self.manifest = manifest
        self.model: str = manifest["id"]

    @classmethod
    def load(
        cls,
        model: str | None = None,
        models: str | os.PathLike[str] | None = None,
        say: Callable[[str], None] = lambda message: None,
    ) -> Self:
        """Return a tagger with a model by its id, or with the active model.

        Args:
            model: id of a stored model; None for the active one, which is trained from the
                corpus that came with frontback when there is none yet.
            models: the models folder; see `pipeline.places.models_folder`.
            say: told about the training, if there is one.

        Raises:
            ModelError: no such model, or it cannot be read.
            OutputError: the default model cannot be stored.
            CorpusError: the corpus that it would be trained from cannot be read.
        """
        folder = models_folder(models)
        if model is None and not has_usable_model(folder):
            from pipeline.training import ensure_model  # a tagger needs it once in its life

            ensure_model(folder, say)
        state, manifest = load_model(folder, model)
        try:
            return cls(OfficeClassifier.from_state(state), manifest)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(
                f"{manifest['id']}: the file lacks what a model needs ({error});"
                " train one with 'frontback train'."
            ) from error

    def tag(
        self, texts: Sequence[str | None], titles: Sequence[str | None] | None = None
    ) -> list[Tag]:
        """Return the tags of these postings, in order.

        Args:
            texts: descriptions, length n; None, "" or NaN, pandas' gap, is answered with review.
            titles: job titles, length n; left out where there are none.

        Raises:
            ValueError: texts and titles differ in length.
            TypeError: one is no text.
        """
        if isinstance(texts, str):
            raise TypeError("texts is a list of texts; for one text write tag([text])")
        if titles is not None and len(titles) != len(texts):
            raise ValueError(f"{len(texts)} texts and {len(titles)} titles")
        # Through Python, not `tag_batch`: Arrow strings hold no lone surrogates, Python's do.
        tags = self._tag(
            [_text(text, row, "texts") for row, text in enumerate(texts)],
            [
                _text(title, row, "titles")
                for row, title in enumerate(titles or [None] * len(texts))
            ],
        )
        return [Tag(*row) for row in zip(*tags.to_pydict().values(), strict=True)]

    def tag_batch(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the tags of a batch of postings, by columns: see `TAG_SCHEMA`.

        Args:
            batch: a string column ``text``, and one ``title`` where there are titles; n rows.

        Returns:
            n rows in the same order.

        Raises:
            ValueError: there is no column ``text``.
        """
        names = batch.schema.names
        if "text" not in names:
            raise ValueError(f"the batch has columns {names}; it needs 'text'")
        texts = batch.column("text").to_pylist()
        titles = batch.column("title").to_pylist() if "title" in names else [None] * len(texts)
        return self._tag(texts, titles)

    def explain(self, text: str, title: str | None = None) -> list[Weight]:
        """Return the words that decided, those that weigh most first."""
        return explain(self.classifier, Posting(clean(title), clean(text)))

    def _tag(self, texts: list[str | None], titles: list[str | None]) -> pa.RecordBatch:
        postings = [Posting(clean(t), clean(x)) for t, x in zip(titles, texts, strict=True)]
        languages = [language_of(posting.text) for posting in postings]
        reasons = [_unfit(*pair) for pair in zip(postings, languages, strict=True)]
        fit = [row for row, reason in enumerate(reasons) if not reason]
        offices: list[str] = ["review"] * len(postings)
        p_front: list[float | None] = [None] * len(postings)
        for row, p, is_posting in zip(fit, *self._score([postings[i] for i in fit]), strict=True):
            p_front[row] = p
            if not is_posting:
                reasons[row] = Reason.NO_POSTING
            elif abs(p - 0.5) < self.classifier.band_:
                reasons[row] = Reason.CLOSE_CALL
            else:
                offices[row] = FRONT if p >= 0.5 else BACK
        columns = [
            offices,
            p_front,
            [language.code for language in languages],
            [language.confidence for language in languages],
            reasons,
            [self.model] * len(postings),
        ]
        arrays = [
            pa.array(column, field.type) for column, field in zip(columns, TAG_SCHEMA, strict=True)
        ]
        return pa.record_batch(arrays, schema=TAG_SCHEMA)

    def _score(self, postings: list[Posting]) -> tuple[list[float], list[bool]]:
        if not postings:
            return [], []
        matrix = self.classifier.features_.transform(postings)
        p_front = self.classifier.probabilities(matrix)
        return np.round(p_front, 4).tolist(), self.classifier.is_posting(matrix).tolist()


def _text(value: object, row: int, name: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if value != value:  # NaN and pandas.NaT are unlike themselves
        return None
    raise TypeError(f"{name} must be str or None; number {row} is {type(value).__name__}")


def _unfit(posting: Posting, language: Language) -> str:
    """Return why this posting cannot be scored at all, or ""."""
    if not posting.text:
        return Reason.NO_TEXT
    if len(posting.title.split()) + len(posting.text.split()) < MIN_WORDS:
        return Reason.TOO_SHORT
    if language.code == "unknown":
        return Reason.UNKNOWN_LANGUAGE
    return "" if language.code in LANGUAGES else Reason.OTHER_LANGUAGE
