"""Parquet: types, order and schema metadata kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.posting import InputError
from pipeline.tables.rows import Reader, Rows, Writer, unique_names

#: Rows of a row group that is written: small ones make large, slow files.
_GROUP_ROWS = 20_000
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
    """Writes Parquet with the input's columns in their types and the added ones behind them."""

    def __init__(self, path: Path, reader: Reader, added: pa.Schema) -> None:
        names = (
            reader.schema.names
            if isinstance(reader, ParquetReader)
            else unique_names(reader.schema.names)
        )
        own = [field.with_name(name) for field, name in zip(reader.schema, names, strict=True)]
        fields = [*own, *added]
        self._schema = pa.schema(fields, metadata=reader.schema.metadata)
        self._writer = pq.ParquetWriter(path, self._schema)
        self._waiting: list[pa.RecordBatch] = []

    def write(self, rows: Rows, added: pa.RecordBatch) -> None:
        """Write some rows, the added columns behind the input's."""
        columns = [*rows.cells.columns, *added.columns]
        self._waiting.append(pa.RecordBatch.from_arrays(columns, schema=self._schema))
        if sum(batch.num_rows for batch in self._waiting) >= _GROUP_ROWS:
            self._write_group()

    def _write_group(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.Table.from_batches(self._waiting), row_group_size=2**20)
            self._waiting = []

    def close(self) -> None:
        """Finish the file."""
        self._write_group()
        self._writer.close()

    def discard(self) -> None:
        """Let go of the file, unfinished; never raises."""
        with suppress(OSError):
            self._writer.close()
