"""What a worker of Dask does: look at a file, tag a part of one."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.annotate import TAG_COLUMNS
from pipeline.cluster.columns import with_tag_fields, with_tags
from pipeline.cluster.files import inside, located, settle, state_of, temporary, write_json
from pipeline.cluster.folder import Done, done_place, writing
from pipeline.cluster.model import Packed, check_versions, threads, unpack, versions
from pipeline.cluster.plan import Look, Part
from pipeline.posting import InputError

#: Rows and bytes of a row group that is written, at most: small ones make large, slow files.
_GROUP_ROWS, _GROUP_BYTES = 20_000, 100_000_000
#: Bytes that are read at a time; with what is made of them they have to fit into memory.
_BATCH_BYTES = 16_000_000
_COUNTED = ("office", "language", "reason")


def look(place: str) -> Look:
    """Return what there is to know of a file before it is divided.

    Raises:
        InputError: it is not there, or cannot be read.
    """
    with _reading(place):
        state = state_of(place)
        with _opened(place) as file:
            metadata = file.metadata
            groups = [metadata.row_group(at) for at in range(metadata.num_row_groups)]
            sizes = tuple((group.num_rows, group.total_byte_size) for group in groups)
            return Look(place, state, tuple(file.schema_arrow.names), sizes)


def tag_part(part: Part, folder: str, packed: Packed, cores: int, worker: str) -> Done:
    """Write a part of the output, and return (and note in the folder) what it came to.

    Done twice it gives the same bytes; so it does not matter if a part is, as when a worker was
    believed dead.

    Raises:
        ClusterError: this process has other versions than the one that sent the work.
        InputError: the source cannot be read, or changed.
        OutputError: the part cannot be written.
    """
    check_versions(versions(), packed.versions, worker)
    tagger = unpack(packed)
    _check_unchanged(part)
    with threads(cores), _opened(part.source) as file:
        schema = with_tag_fields(file.schema_arrow, part.layout)
        tagged = (with_tags(cells, part.layout, tagger) for cells in _batches(file, part))
        with writing(folder):
            done = _write(tagged, schema, part, inside(folder, part.name))
            write_json(done_place(folder, part.name), done)
    return done


def _write(tagged: Iterator[pa.RecordBatch], schema: pa.Schema, part: Part, target: str) -> Done:
    system, path = located(target)
    beside, rows = temporary(path), 0
    counts: dict[str, Counter[str]] = {name: Counter() for name in _COUNTED}
    try:
        with system.open_output_stream(beside) as stream:
            sink = _Hashed(stream)
            with pq.ParquetWriter(sink, schema) as writer:
                for table in _groups(tagged):
                    writer.write_table(table, row_group_size=2**20)
                    rows += table.num_rows
                    for name, place in zip(TAG_COLUMNS, part.layout.names, strict=True):
                        if name in counts:
                            counts[name].update(_counted(table.column(place)))
        _check_unchanged(part)
        settle(system, beside, path)
    except BaseException:
        with suppress(OSError):
            system.delete_file(beside)
        raise
    return {
        "name": part.name,
        "source": part.source,
        "row_groups": [part.first, part.stop],
        "rows": rows,
        "bytes": sink.size,
        "sha256": sink.sha256.hexdigest(),
        "counts": counts,
    }


def _batches(file: pq.ParquetFile, part: Part) -> Iterator[pa.RecordBatch]:
    groups = range(part.first, part.stop)
    unpacked = sum(file.metadata.row_group(at).total_byte_size for at in groups)
    each = max(unpacked / max(part.rows, 1), 1)
    size = max(200, min(int(_BATCH_BYTES / each), _GROUP_ROWS // 2))
    with _reading(part.source):
        # The worker's cores are for tags; each of its threads reads for itself.
        yield from file.iter_batches(size, row_groups=list(groups), use_threads=False)


def _groups(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Yield the rows in tables of the size of a row group."""
    waiting: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        waiting.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows >= _GROUP_ROWS or size >= _GROUP_BYTES:
            yield pa.Table.from_batches(waiting)
            waiting, rows, size = [], 0, 0
    if waiting:
        yield pa.Table.from_batches(waiting)


def _counted(column: pa.ChunkedArray) -> dict[str, int]:
    counts = pc.value_counts(column)
    return dict(zip(counts.field(0).to_pylist(), counts.field(1).to_pylist(), strict=True))


def _check_unchanged(part: Part) -> None:
    with _reading(part.source):
        state = state_of(part.source)
    if state != part.state:
        raise InputError(f"{part.source}: changed since the run began; begin anew.")


@contextmanager
def _opened(place: str) -> Iterator[pq.ParquetFile]:
    with _reading(place):
        system, path = located(place)
        stream = system.open_input_file(path)
    with stream:
        with _reading(place):
            # With pre_buffer all that was read stays in memory until the end.
            file = pq.ParquetFile(stream, pre_buffer=False)
        yield file


@contextmanager
def _reading(place: str) -> Iterator[None]:
    """Turn what the system or Arrow says of reading into an `InputError`."""
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        parquet = "a cluster reads Parquet only; " if not place.endswith(".parquet") else ""
        raise InputError(f"{place}: cannot be read, {parquet}export it again ({error}).") from error


class _Hashed:
    """A file that is written, with its SHA-256."""

    closed = False

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.sha256, self.size = hashlib.sha256(), 0

    def write(self, data: Any) -> int:
        self.sha256.update(data)
        self._stream.write(data)
        self.size += len(data)
        return len(data)

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        self._stream.flush()

    def close(self) -> None:
        self.closed = True
