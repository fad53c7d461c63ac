"""A folder of documents as a table: one row a file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from pipeline.documents import READERS, read_document
from pipeline.posting import InputError
from pipeline.tables.rows import Reader, Rows
from pipeline.wording import words

_SCHEMA = pa.schema([pa.field("file", pa.string()), pa.field("text", pa.string())])


def documents_in(folder: Path) -> list[Path]:
    """Return the documents that lie in a folder, by name; hidden ones and Word's locks left out."""
    there = (each for each in folder.iterdir() if not each.name.startswith((".", "~$")))
    return sorted(each for each in there if each.suffix.lower() in READERS)


class FolderReader(Reader):
    """The documents in a folder, by name, folders in it left out: columns ``file`` and ``text``.

    A document that cannot be read is a row without text, and its fault says why.
    """

    schema = _SCHEMA

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        try:
            entries = [each for each in path.iterdir() if not each.name.startswith((".", "~$"))]
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror}).") from error
        self._files = documents_in(path)
        if not self._files:
            raise InputError(
                f"{path}: this is a folder, and no document ({', '.join(READERS)}) is in it; name a"
                " file in it."
            )
        self.rows = len(self._files)
        self.form = (("folder", ""),)
        if others := len(entries) - self.rows:
            self.notes.append(words()("tables.note.others", others=others))

    def batches(self, size: int) -> Iterator[Rows]:
        """Yield all documents in order, at most ``size`` at a time."""
        for start in range(0, self.rows, size):
            files = self._files[start : start + size]
            texts: list[str | None] = []
            faults: dict[int, str] = {}
            for place, file in enumerate(files):
                try:
                    texts.append(_valid(read_document(file)))
                except InputError as error:
                    texts.append(None)
                    faults[place] = str(error).removeprefix(f"{file}: ").removesuffix(".")
            names = [_valid(os.fsencode(file.name).decode("utf-8", "replace")) for file in files]
            yield Rows(pa.record_batch([names, texts], schema=_SCHEMA), faults=faults)


def _valid(text: str) -> str:
    """Return the text without lone surrogates, which a PDF may hold and Arrow cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")
