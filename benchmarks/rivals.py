"""What frontback is compared with: the same file in, the same columns out, by other means.

    python -m benchmarks.rivals langdetect postings.parquet tagged.parquet --models FOLDER

langdetect  langdetect and scikit-learn's tf-idf and LogisticRegression, text by text
fasttext    eldc for the language and fastText for the tag, asked for many texts at once
floor       nothing: the file is read and written with columns that say nothing

They write with frontback's own writer, so that compression and row groups are the same and only
the tagging differs; plain pyarrow takes as long. They read titles and texts as they are, without
cleaning them of markup, and explain nothing. They run in one process, as such scripts do; with
--processes a pool shares the row groups. See `benchmarks.rival_models` for the models.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing import Pool
from pathlib import Path

import click
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.rival_models import RIVALS, Answer, joined
from pipeline.posting import LANGUAGES
from pipeline.tables.parquet import ParquetReader, ParquetWriter
from pipeline.tables.rows import Rows

_FLOOR = "floor"
_BAND = 0.1
#: Frontback's columns; named here, since its own schema would bring its kernels with it.
_ADDED = pa.schema(
    [
        ("office", pa.string()),
        ("p_front", pa.float64()),
        ("share", pa.int8()),
        ("language", pa.string()),
        ("reason", pa.string()),
        ("model", pa.string()),
    ]
)

#: A part of the table, and the columns to add to it.
Tagged = tuple[pa.RecordBatch, pa.RecordBatch]

#: What a process answers with; loaded once in each.
_loaded: list[Answer] = []


def _load(name: str, models: Path) -> None:
    if name != _FLOOR:
        _loaded[:] = [RIVALS[name].load(models)]


def _tagged(source: Path, name: str, group: int) -> list[Tagged]:
    """Read a row group and return it by batches with what the rival says."""
    batches = pq.ParquetFile(source).read_row_group(group).to_batches()
    return [(batch, _annotated(batch, name)) for batch in batches]


def _annotated(batch: pa.RecordBatch, name: str) -> pa.RecordBatch:
    rows = batch.num_rows
    if name == _FLOOR:
        languages, p_front = ["en"] * rows, [0.5] * rows
    else:
        pairs = zip(*(batch.column(each).to_pylist() for each in ("title", "text")), strict=True)
        languages, p_front = _loaded[0]([joined(*pair) for pair in pairs])
    reasons = [
        "other language" if code not in LANGUAGES else "close call" if abs(p - 0.5) < _BAND else ""
        for code, p in zip(languages, p_front, strict=True)
    ]
    offices = [
        "review" if reason else "front" if p >= 0.5 else "back"
        for reason, p in zip(reasons, p_front, strict=True)
    ]
    columns = (offices, p_front, [None] * rows, languages, reasons, [name] * rows)
    arrays = [pa.array(c, field.type) for c, field in zip(columns, _ADDED, strict=True)]
    return pa.record_batch(arrays, schema=_ADDED)


@contextmanager
def _parts(
    source: Path, name: str, models: Path, processes: int
) -> Iterator[Iterator[list[Tagged]]]:
    """Yield the tagged row groups, in order."""
    groups = range(pq.ParquetFile(source).num_row_groups)
    work = partial(_tagged, source, name)
    if processes == 1:
        _load(name, models)
        yield map(work, groups)
    else:
        with Pool(processes, _load, (name, models)) as pool:
            yield pool.imap(work, groups)


@click.command()
@click.argument("name", type=click.Choice([*RIVALS, _FLOOR]))
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("output", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--models", type=click.Path(path_type=Path), default=".", help="Its trained model.")
@click.option("--processes", type=click.IntRange(1), default=1, show_default=True)
def main(name: str, source: Path, output: Path, models: Path, processes: int) -> None:
    """Tag the Parquet file SOURCE with columns title and text, and write OUTPUT."""
    writer = ParquetWriter(output, ParquetReader(source), _ADDED)
    with _parts(source, name, models, processes) as parts:
        for part in parts:
            for cells, added in part:
                writer.write(Rows(cells), added)
    writer.close()


if __name__ == "__main__":
    main()
