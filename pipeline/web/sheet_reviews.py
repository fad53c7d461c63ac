"""The reviews of the sheets that are served, filled from what is tagged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from pipeline.posting import ModelError
from pipeline.review.sheet_rows import rows_of
from pipeline.review.store import ReviewStore, open_store
from pipeline.tables import open_table
from pipeline.tables.columns import find_columns
from pipeline.tagger import Tagger
from pipeline.web.sheets import Sheet


class SheetReviews:
    """Opens the reviews of a sheet; those of a sheet that was tagged since are filled first.

    A file of reviews is open for as long as somebody asks something of it, so that a sheet can be
    removed at any time, and what lies beside a user's sheet is whole when the server ends.

    Args:
        in_use: returns the tagger of the model in use.
        models: the models folder.
    """

    def __init__(self, in_use: Callable[[], Tagger], models: Path) -> None:
        self._in_use, self._models = in_use, models
        #: The tagged file that reviews were filled from, by the sheet's id: time and size.
        self._filled: dict[str, tuple[int, int]] = {}
        self._filling: dict[str, Lock] = {}
        self._tagger: Tagger | None = None

    @contextmanager
    def of(self, sheet: Sheet) -> Iterator[ReviewStore]:
        """Yield the reviews of a tagged sheet.

        Raises:
            InputError: the file of reviews, or the sheet, cannot be read.
            OutputError: the reviews cannot be written.
            ModelError: the model in use cannot be read.
        """
        with open_store(sheet.reviews) as store:
            # Those who ask meanwhile wait; sheets beside it do not.
            with self._filling.setdefault(sheet.id, Lock()):
                now = sheet.tagged.stat()
                if self._filled.get(sheet.id) != (now.st_mtime_ns, now.st_size):
                    self._fill(store, sheet)
                    self._filled[sheet.id] = now.st_mtime_ns, now.st_size
            yield store

    def tagger_of(self, model: str) -> Tagger:
        """Return the tagger with a model; the one in use where that model is not there any more.

        Raises:
            ModelError: the model in use cannot be read.
        """
        for known in (self._tagger, self._in_use()):
            if known and known.model == model:
                return known
        try:
            self._tagger = Tagger.load(model, self._models)
        except ModelError:
            return self._in_use()
        return self._tagger

    def _fill(self, store: ReviewStore, sheet: Sheet) -> None:
        tagger = self.tagger_of(sheet.model)
        reader = open_table(
            sheet.source,
            sheet=sheet.form.get("sheet"),
            text_column=sheet.form.get("text_column"),
        )
        columns = find_columns(
            reader.schema.names, sheet.name, sheet.columns.get("title"), sheet.columns["text"]
        )
        store.fill(rows_of(reader, columns, tagger), tagger.scorer.band)
