"""The models that answered to a table, where they are still there."""

from __future__ import annotations

from pathlib import Path

from pipeline.active import ACTIVE
from pipeline.model_files import is_id
from pipeline.posting import ModelError
from pipeline.tagger import Tagger


class Models:
    """Taggers by the id of their model, each loaded once."""

    def __init__(self, folder: Path | None = None, instead: str | None = None) -> None:
        """Begin.

        Args:
            folder: the models folder; see `pipeline.places.models_folder`.
            instead: id of a model that is used instead of those that answered.

        Raises:
            ModelError: that model is not there, or cannot be read.
        """
        self._folder = folder
        self._found: dict[str, Tagger | None] = {}
        self._instead = Tagger.load(instead, folder) if instead else None

    def of(self, model: str) -> Tagger | None:
        """Return the tagger of a model by its id; None where it cannot be used."""
        if self._instead is not None:
            return self._instead
        if model not in self._found:
            self._found[model] = self._load(model)
        return self._found[model]

    def _load(self, model: str) -> Tagger | None:
        # The active model may be another one by now, and what a cell says trains none.
        if model == ACTIVE or not is_id(model):
            return None
        try:
            return Tagger.load(model, self._folder)
        except ModelError:
            return None
