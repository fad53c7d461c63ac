"""What all requests share: where things lie, and the model in use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Lock

import platformdirs

from pipeline.active import ACTIVE, active_id
from pipeline.places import corpus_folder
from pipeline.tagger import Tagger
from pipeline.web.candidate import Candidates
from pipeline.web.sheet_reviews import SheetReviews
from pipeline.web.sheet_work import Work
from pipeline.web.sheets import Sheets


class Workplace:
    """The folder of sheets, the work on them, the models folder and the tagger that answers.

    Args:
        folder: where sheets that were dropped in lie; nothing in it is served by its path.
        models: the models folder.
        model: id of the model that tags, where it is not the active one.
    """

    def __init__(self, folder: Path, models: Path, model: str | None = None) -> None:
        self.folder, self.models, self.model = folder, models, model
        self.sheets = Sheets(folder)
        self.work = Work(self.sheets, self.tagger)
        self.candidates = Candidates(models, corpus_folder())
        self.reviews = SheetReviews(self.tagger, models)
        self._tagger: Tagger | None = None
        self._loading = Lock()

    def model_in_use(self) -> str | None:
        """Return the id of the model that tags now, None where none was stored yet.

        Raises:
            ModelError: the file that says so cannot be read.
        """
        return self.model if self.model not in (None, ACTIVE) else active_id(self.models)

    def tagger(self, say: Callable[[str], None] = lambda message: None) -> Tagger:
        """Return what tags now: another one as soon as another model is active.

        Args:
            say: told about the training, where there is no model yet.

        Raises:
            ModelError: there is no such model, or it cannot be read.
        """
        wanted = self.model_in_use()
        with self._loading:
            if self._tagger is None or self._tagger.model != wanted:
                self._tagger = Tagger.load(wanted, self.models, say)
            return self._tagger


def sheets_folder() -> Path:
    """Return the folder of the user's data that sheets are kept in; it need not exist yet."""
    return Path(platformdirs.user_data_dir("frontback", appauthor=False)) / "sheets"
