"""The rows of a sheet with their tags, as reviews take them."""

from __future__ import annotations

from collections.abc import Iterator

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
    row = reader.above
    for rows in reader.batches(_ROWS):
        postings = rows.postings(*columns)
        columns_of = (readable(column).to_pylist() for column in postings.columns)
        tags = tagger.tag_batch(postings).to_pylist()
        for place, (title, text, tag) in enumerate(zip(*columns_of, tags, strict=True)):
            row += 1
            if place not in rows.faults:
                yield SheetRow(row, Posting(title or "", text or ""), Tag(**tag))
