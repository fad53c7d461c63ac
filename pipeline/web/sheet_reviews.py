"""The reviews of the sheets that are served, filled from what is tagged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, Thread
from typing import Final

from pipeline.posting import ModelError
from pipeline.review.sheet_rows import rows_of
from pipeline.review.store import ReviewStore, open_store
from pipeline.tables import open_table
from pipeline.tables.columns import find_columns
from pipeline.tagger import Tagger
from pipeline.web.sheet import Sheet

#: How long a request waits for reviews that are being filled; a sheet of 10,000 rows takes seconds.
PATIENCE_SECONDS: Final = 15.0

#: Time and size of a tagged file.
_Version = tuple[int, int]


class SheetReviews:
    """Opens the reviews of a sheet; those of a sheet that was tagged since are filled first.

    A file of reviews is open for as long as a request takes, so that a sheet can be removed at any
    time, and what lies beside a user's sheet is whole when the server ends.

    Args:
        in_use: returns the tagger of the model in use.
        models: the models folder.
    """

    def __init__(self, in_use: Callable[[], Tagger], models: Path) -> None:
        self._in_use, self._models = in_use, models
        #: What reviews were filled from, or are being, by the sheet's id.
        self._filled: dict[str, tuple[_Version, Future[None]]] = {}
        self._asking, self._filling = Lock(), Lock()
        self._tagger: Tagger | None = None

    @contextmanager
    def of(self, sheet: Sheet) -> Iterator[ReviewStore]:
        """Yield the reviews of a tagged sheet.

        Raises:
            TimeoutError: they are being filled; ask again.
            InputError: the file of reviews, or the sheet, cannot be read.
            OutputError: the reviews cannot be written.
            ModelError: the model in use cannot be read.
        """
        self._fill_once(sheet).result(PATIENCE_SECONDS)
        with open_store(sheet.reviews) as store:
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
            self._tagger = found = Tagger.load(model, self._models)
        except ModelError:
            return self._in_use()
        return found

    def _fill_once(self, sheet: Sheet) -> Future[None]:
        """Return what is done when the reviews hold the sheet as it is tagged now."""
        tagged = sheet.tagged.stat()
        version = tagged.st_mtime_ns, tagged.st_size
        with self._asking:
            before, filling = self._filled.get(sheet.id, (None, Future[None]()))
            # Whoever removes the file of reviews begins again.
            gone = filling.done() and (filling.exception() or not sheet.reviews.exists())
            if before != version or gone:
                filling = Future()
                self._filled[sheet.id] = version, filling
                # A thread that nobody waits for: what it writes is there wholly or not at all.
                Thread(target=self._fill, args=(sheet, filling), daemon=True).start()
            return filling

    def _fill(self, sheet: Sheet, filling: Future[None]) -> None:
        """Fill the reviews of a sheet, one sheet after the other."""
        try:
            with self._filling, open_store(sheet.reviews) as store:
                tagger = self.tagger_of(sheet.model)
                form = sheet.form
                reader = open_table(
                    sheet.source, sheet=form.get("sheet"), text_column=form.get("text_column")
                )
                names = sheet.columns.get("title"), sheet.columns["text"]
                columns = find_columns(reader.schema.names, sheet.name, *names)
                store.fill(rows_of(reader, columns, tagger), tagger.scorer.band)
        except BaseException as error:
            filling.set_exception(error)
        else:
            filling.set_result(None)
