"""The way of a posting from text to tag: one function for one posting, a batch and a cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Self

import numpy as np

from pipeline.active import ACTIVE
from pipeline.decision import Decision, decide, to_tags
from pipeline.explain import Weight, explain
from pipeline.language import Detector, languages_in, languages_of
from pipeline.model_files import Manifest
from pipeline.model_schema import check_model
from pipeline.places import models_folder
from pipeline.posting import Posting, Tag
from pipeline.scoring import Scorer
from pipeline.store import has_usable_model, load_model
from pipeline.text import clean

if TYPE_CHECKING:
    import pyarrow as pa

    from pipeline.reading_compiled import Texts


class Tagger:
    """Tags postings with one model.

    Examples:
        >>> tagger = Tagger.load()  # doctest: +SKIP
        >>> tagger.tag(["Atenderás a los clientes en caja y en la tienda."])  # doctest: +SKIP
        [Tag(office='front', p_front=0.98, language='es', ...)]
    """

    def __init__(
        self, scorer: Scorer, manifest: Manifest, detector: Detector = "frontback"
    ) -> None:
        self.scorer = scorer
        self.manifest = manifest
        self.detector: Detector = detector
        self.model: str = manifest["id"]

    @classmethod
    def load(
        cls,
        model: str | None = None,
        models: str | os.PathLike[str] | None = None,
        say: Callable[[str], None] = lambda message: None,
        detector: Detector = "frontback",
    ) -> Self:
        """Return a tagger with a model by its id, or with the active model.

        Args:
            model: id of a stored model; None or "active" for the active one, which is trained
                from the corpus that came with frontback when there is none yet.
            models: the models folder; see `pipeline.places.models_folder`.
            say: told about the training, if there is one.
            detector: of languages; see `pipeline.language.detect_languages`.

        Raises:
            ModelError: no such model, or it cannot be read.
            OutputError: the default model cannot be stored.
            CorpusError: the corpus that it would be trained from cannot be read.
        """
        folder = models_folder(models)
        model = None if model == ACTIVE else model
        if model is None and not has_usable_model(folder):
            from pipeline.training import ensure_model  # a tagger needs it once in its life

            ensure_model(folder, say)
        state, manifest = load_model(folder, model)
        check_model(state, manifest["id"])
        return cls(Scorer(state), manifest, detector)

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
        titles = [None] * len(texts) if titles is None else titles
        cleaned = zip(_checked(titles, "titles"), _checked(texts, "texts"), strict=True)
        postings = [Posting(clean(title), clean(text)) for title, text in cleaned]
        languages = languages_of([posting.text for posting in postings], self.detector)
        is_empty = np.array([not posting.text for posting in postings], dtype=bool)
        decision = decide(self.scorer, self.scorer.sums(postings), languages, is_empty)
        return to_tags(decision, self.model)

    def tag_batch(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the tags of a batch of postings, by columns: see `pipeline.arrow`.

        Args:
            batch: a string column ``text``, and one ``title`` where there are titles; n rows.

        Returns:
            n rows in the same order.

        Raises:
            ValueError: there is no column ``text``.
        """
        from pipeline.arrow import postings_in, to_batch  # not for one posting in a terminal

        return to_batch(self.decide_much(*postings_in(batch)), self.model)

    def decide_much(self, titles: Texts, texts: Texts, is_empty: np.ndarray) -> Decision:
        """Return the answers to n cleaned postings: see `pipeline.arrow.postings_in`."""
        languages = languages_in(texts, self.detector)
        return decide(self.scorer, self.scorer.sums_much(titles, texts), languages, is_empty)

    def explain(self, text: str, title: str | None = None) -> list[Weight]:
        """Return the words that decided, those that weigh most first."""
        return explain(self.scorer, Posting(clean(title), clean(text)))


def _checked(values: Sequence[object], name: str) -> list[str | None]:
    """Return texts with None for NaN, pandas' gap; raise `TypeError` where one is no text."""
    checked: list[str | None] = []
    for row, value in enumerate(values):
        if value is not None and value != value:  # NaN and pandas.NaT are unlike themselves
            value = None
        if value is not None and not isinstance(value, str):
            kind = type(value).__name__
            raise TypeError(f"{name} must be str or None; number {row} is {kind}")
        checked.append(value)
    return checked
