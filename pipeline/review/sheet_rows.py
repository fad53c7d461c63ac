"""The rows of a sheet, and these with their tags, as reviews take them."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from pipeline.encoding import readable
from pipeline.posting import Posting, Tag
from pipeline.review.store import SheetRow
from pipeline.tables.columns import Columns
from pipeline.tables.rows import Reader
from pipeline.tagger import Tagger

_ROWS = 1_000


def rows_of(reader: Reader, columns: Columns, tagger: Tagger) -> Iterator[SheetRow]:
    """Yield the rows that could be read, with the tags that the tagger gives.

    They are tagged once more, not read from a tagged sheet: a table holds no more of a tag than
    people look at, and the same model answers the same to the last bit.

    Args:
        reader: of the sheet as it came.
        columns: places of title and text.
        tagger: of the model that tagged it.

    Raises:
        InputError: the table turned out damaged.
    """
    for batch, postings in _parts(reader, columns):
        tags = tagger.tag_batch(batch).to_pylist()
        for (row, posting), tag in zip(postings, tags, strict=True):
            if posting:
                yield SheetRow(row, posting, Tag(**tag))


def postings_of(reader: Reader, columns: Columns) -> Iterator[tuple[int, Posting]]:
    """Yield the rows that could be read, by their numbers as a spreadsheet shows them.

    Raises:
        InputError: the table turned out damaged.
    """
    for _, postings in _parts(reader, columns):
        yield from ((row, posting) for row, posting in postings if posting)


def _parts(
    reader: Reader, columns: Columns
) -> Iterator[tuple[pa.RecordBatch, list[tuple[int, Posting | None]]]]:
    """Yield title and text of some rows, and each row's number with its posting, if it has one."""
    row = reader.above
    for rows in reader.batches(_ROWS):
        batch = rows.postings(*columns)
        cells = zip(*(readable(column).to_pylist() for column in batch.columns), strict=True)
        held: list[tuple[int, Posting | None]] = []
        for place, (title, text) in enumerate(cells):
            row += 1
            broken = place in rows.faults
            held.append((row, None if broken else Posting(title or "", text or "")))
        yield batch, held
