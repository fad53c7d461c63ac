"""Parquet: types, order and schema metadata kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.posting import InputError
from pipeline.tables.rows import Places, Reader, Rows, Writer, unique_names

#: Rows of a row group that is written, at most: small ones make large, slow files.
_GROUP_ROWS = 20_000
#: Bytes of one, about: it is held in memory until it is written.
_GROUP_BYTES = 100_000_000
#: Rows by which the bytes of all others are judged.
_SAMPLE_ROWS = 1_000
#: Bytes that are read at a time: many rows at once are tagged quicker, few large ones fit as well.
_BATCH_BYTES = 16_000_000


class ParquetReader(Reader):
    """A Parquet file, read a row group at a time."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        try:
            # With pre_buffer all that was read stays in memory until the end.
            self._file = pq.ParquetFile(path, pre_buffer=False)
            self.schema = self._file.schema_arrow
        except Exception as error:  # a damaged file makes the reader raise just anything
            raise InputError(f"{path}: not a readable Parquet file; export it again.") from error
        self.rows = self._file.metadata.num_rows

    def batches(self, size: int) -> Iterator[Rows]:
        """Yield all rows in order, at most ``size`` at a time, or `_BATCH_BYTES` if more."""
        metadata = self._file.metadata
        groups = (metadata.row_group(at) for at in range(metadata.num_row_groups))
        each = sum(group.total_byte_size for group in groups) / max(self.rows, 1)
        size = max(size, min(int(_BATCH_BYTES / max(each, 1)), _GROUP_ROWS // 2))
        batches = self._file.iter_batches(batch_size=size)
        while True:
            try:
                batch = next(batches, None)
            except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
                raise InputError(f"{self.path}: damaged ({error}); export it again.") from error
            if batch is None:
                return
            yield Rows(batch)


class ParquetWriter(Writer):
    """Writes Parquet with the input's columns in their types, in row groups of one size."""

    def __init__(self, path: Path, reader: Reader, added: pa.Schema) -> None:
        names = (
            reader.schema.names
            if isinstance(reader, ParquetReader)
            else unique_names(reader.schema.names)
        )
        own = [field.with_name(name) for field, name in zip(reader.schema, names, strict=True)]
        self._places = Places.of(reader.schema.names, added.names)
        fields = self._places.merge(own, list(added))
        self._schema = pa.schema(fields, metadata=reader.schema.metadata)
        self._writer = pq.ParquetWriter(path, self._schema)
        self._waiting = self._schema.empty_table()
        self._group_rows = 0

    def write(self, rows: Rows, added: pa.RecordBatch) -> None:
        """Write some rows with their added columns."""
        columns = self._places.merge(rows.cells.columns, added.columns)
        batch = pa.RecordBatch.from_arrays(columns, schema=self._schema)
        self._waiting = pa.concat_tables([self._waiting, pa.Table.from_batches([batch])])
        if not self._group_rows and self._waiting.num_rows >= _SAMPLE_ROWS:
            each = self._waiting.slice(0, _SAMPLE_ROWS).nbytes / _SAMPLE_ROWS
            self._group_rows = max(_SAMPLE_ROWS, min(int(_GROUP_BYTES / each), _GROUP_ROWS))
        while self._group_rows and self._waiting.num_rows >= self._group_rows:
            self._write_group(self._group_rows)

    def _write_group(self, rows: int) -> None:
        # In one piece: the sizes in which the rows came would show in the file.
        group = self._waiting.slice(0, rows).combine_chunks()
        self._writer.write_table(group, row_group_size=rows)
        self._waiting = self._waiting.slice(rows)

    def close(self) -> None:
        """Finish the file."""
        if self._waiting.num_rows:
            self._write_group(self._waiting.num_rows)
        self._writer.close()

    def discard(self) -> None:
        """Let go of the file, unfinished; never raises."""
        with suppress(OSError):
            self._writer.close()
