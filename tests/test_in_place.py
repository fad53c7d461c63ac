"""A table that was tagged before has its columns brought up to date, and nothing else changed."""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.tables import open_table, writer_for
from pipeline.tables.rows import Places
from tests.test_tables import ADDED, annotate

KINDS = ["csv", "tsv", "parquet", "jsonl", "ndjson", "json", "csv.gz", "jsonl.zst"]


def write(source: Path, output: Path, size: int = 200, values=annotate) -> None:
    """Write a table with the columns of ADDED, in place where it has them."""
    reader = open_table(source)
    writer = writer_for(output, source)(output, reader, ADDED)
    text = reader.schema.names.index("text")
    for rows in reader.batches(size):
        batch = pa.record_batch([rows.text(text)], names=["text"])
        writer.write(rows, values(batch))
    writer.close()


def untagged(batch: pa.RecordBatch) -> pa.RecordBatch:
    nothing = [pa.nulls(batch.num_rows, field.type) for field in ADDED]
    return pa.record_batch(nothing, schema=ADDED)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    rows = [{"ref": f"00{n}", "text": f"uno {n}", "pay": n / 4} for n in range(30)]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path / "in.jsonl"


@pytest.mark.parametrize("kind", KINDS)
def test_tagging_again_gives_the_same_bytes(tmp_path: Path, source: Path, kind: str) -> None:
    once, blank, again = (tmp_path / f"{name}.{kind}" for name in ("once", "blank", "again"))
    write(source, once)
    write(once, again)
    assert again.read_bytes() == once.read_bytes()
    write(source, blank, values=untagged)
    assert blank.read_bytes() != once.read_bytes()
    if "json" not in kind:  # a null of JSON is told from a key that is not there
        assert open_table(blank).schema.names == open_table(once).schema.names
    write(blank, again)
    assert again.read_bytes() == once.read_bytes()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [1, 7])
def test_the_sizes_in_which_rows_come_do_not_show(tmp_path, source, monkeypatch, kind, size):
    monkeypatch.setattr("pipeline.tables.parquet._SAMPLE_ROWS", 4)
    monkeypatch.setattr("pipeline.tables.parquet._GROUP_ROWS", 10)
    write(source, tmp_path / f"a.{kind}")
    write(source, tmp_path / f"b.{kind}", size)
    assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()


def test_a_replaced_key_of_json_stays_where_it_stands(tmp_path: Path) -> None:
    lines = [
        '{"office" :"x", "office": [1, {"office": 2}] , "text": "a b", "p_front":null}',
        '{"text":"a","p_front":1}',
        '{"text": "a"}',
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(lines))
    write(tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_text().splitlines() == [
        '{"office" :"x", "office": "w2" , "text": "a b", "p_front":0.25}',
        '{"text":"a","p_front":0.125, "office": "w1"}',
        '{"text": "a", "office": "w1", "p_front": 0.125}',
    ]


def test_parquet_keeps_types_places_and_footer(tmp_path: Path) -> None:
    table = pa.table(
        {
            "office": pa.array(["a", None]).dictionary_encode(),
            "text": pa.array(["uno", "dos tres"], pa.large_string()),
            "pay": pa.array([Decimal("1.10"), None], pa.decimal128(9, 2)),
            "at": pa.array([datetime(2027, 1, 2)] * 2, pa.timestamp("ms", "Europe/Oslo")),
            "of": pa.array([{"a": [1]}, None]),
            "kind": pa.array(["x", "y"]).dictionary_encode(),
        }
    )
    fields = [*table.schema]
    fields[2] = fields[2].with_metadata({"unit": "EUR"})
    pandas = {b"pandas": b'{"index_columns": [], "columns": []}', b"owner": b"HR"}
    table = table.cast(pa.schema(fields, metadata=pandas))
    pq.write_table(table, tmp_path / "in.parquet")
    write(tmp_path / "in.parquet", tmp_path / "out.parquet")
    back = pq.read_table(tmp_path / "out.parquet")
    assert back.schema.names == [*table.schema.names, "p_front"]
    assert back.column("office").to_pylist() == ["w1", "w2"]
    assert back.schema.field("office").type == pa.string()
    others = table.schema.names[1:]
    assert back.select(others).equals(table.select(others))
    assert back.schema.metadata == pandas
    assert back.schema.field("pay").metadata[b"unit"] == b"EUR"


def test_row_groups_are_smaller_where_rows_are_large(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("pipeline.tables.parquet._GROUP_BYTES", 3_000_000)
    table = pa.table({"text": ["x" * 1_000] * 5_000})
    pq.write_table(table, tmp_path / "in.parquet")
    write(tmp_path / "in.parquet", tmp_path / "out.parquet")
    file = pq.ParquetFile(tmp_path / "out.parquet")
    sizes = [file.metadata.row_group(n).num_rows for n in range(file.metadata.num_row_groups)]
    assert sum(sizes) == 5_000
    assert len(sizes) == 2
    assert 2_500 < sizes[0] < 3_000


names = st.lists(st.sampled_from("abcdef"), max_size=6)


@given(names, st.lists(st.sampled_from("abcdef"), unique=True, max_size=5))
def test_every_added_column_has_one_place_and_none_of_the_others_moves(own, added) -> None:
    places = Places.of(own, added)
    merged = places.merge([("old", name) for name in own], [("new", name) for name in added])
    assert [name for _, name in merged[: len(own)]] == own
    assert sorted(name for kind, name in merged if kind == "new") == sorted(added)
    for (kind, name), old in zip(merged, own, strict=False):
        assert kind == "old" or name == old
