"""Postings come out of a database and tags go back into it, whichever database it is."""

import tracemalloc
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.batch import run
from pipeline.database import DatabaseReader
from pipeline.database.job import prepare
from pipeline.posting import InputError, OutputError
from pipeline.tables import open_table
from pipeline.tables.columns import find_columns
from tests.databases import ADDED, ANNOTATION, Database, annotate, tag_into, tagged


def cells(reader: DatabaseReader, size: int = 200) -> dict[str, list]:
    batches = [rows.cells for rows in reader.batches(size)]
    return pa.Table.from_batches(batches, reader.schema).to_pydict()


def test_a_table_is_read_in_the_order_of_its_primary_key(database) -> None:
    database.sql(
        "CREATE TABLE postings (id INTEGER PRIMARY KEY, title TEXT, description TEXT)",
        "INSERT INTO postings VALUES (3, 'c', 'tre'), (1, 'a', 'ett'), (2, NULL, NULL)",
    )
    reader = database.reader()
    assert reader.rows == 3
    assert find_columns(reader.schema.names, reader.path) == (1, 2)
    assert cells(reader) == {
        "id": [1, 2, 3], "title": ["a", None, "c"], "description": ["ett", None, "tre"]
    }  # fmt: skip


@pytest.mark.parametrize("size", [1, 7, 200])
def test_rows_are_the_same_however_many_are_fetched_at_a_time(database, size) -> None:
    database.postings(200)
    reader = database.reader()
    assert cells(reader, size)["id"] == list(range(1, 201))
    assert cells(reader, size) == cells(reader, 3)


def test_rows_that_come_or_go_while_it_is_read_make_no_difference(database) -> None:
    database.postings(9_000)
    reader = database.reader()
    batches = reader.batches(200)
    seen = next(batches).cells.num_rows
    database.sql(
        "DELETE FROM postings WHERE id > 8000",
        "UPDATE postings SET title = 'changed' WHERE id > 7000",
        "INSERT INTO postings VALUES (10001, 'new', 'new')",
    )
    rest = pa.Table.from_batches([rows.cells for rows in batches])
    assert seen + rest.num_rows == reader.rows == 9_000
    assert "changed" not in rest.column("title").to_pylist()


def test_a_query_is_read_in_the_order_of_its_key(database) -> None:
    database.postings(10)
    query = """
        -- the last; ones
        SELECT p.id, 'a;b' AS title, p.description AS "Beskrivelse %"
        FROM postings p WHERE id > 5 ORDER BY id DESC LIMIT 3; """
    reader = database.reader(query=query, key="id")
    assert cells(reader)["id"] == [8, 9, 10]
    assert reader.schema.names == ["id", "title", "Beskrivelse %"]


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM postings",
        "DELETE FROM postings RETURNING id",
        "WITH gone AS (DELETE FROM postings RETURNING id) SELECT * FROM gone",
        "SELECT 1 AS id; DELETE FROM postings",
        "SELECT 1 AS id) AS x; DELETE FROM postings; COMMIT; SELECT * FROM (SELECT 1 AS id",
        "UPDATE postings SET title = ''",
        "DROP TABLE postings",
        "",
        ";",
    ],
)
def test_a_query_that_does_not_only_select_is_refused_and_changes_nothing(database, query) -> None:
    database.postings(3)
    with pytest.raises(InputError):
        database.reader(query=query, key="id")
    assert database.sql("SELECT count(*), min(title) FROM postings") == [(3, "Kokk 1")]


def test_a_query_that_is_no_select_is_named_as_such(database) -> None:
    database.postings(1)
    with pytest.raises(InputError, match=r": the query is not a single SELECT; write one"):
        database.reader(query="UPDATE postings SET title = ''", key="id")


def test_only_columns_that_are_wanted_are_read_and_the_key(database) -> None:
    database.postings(2)
    reader = database.reader()
    reader.keep(["description"])
    assert cells(reader) == {"id": [1, 2], "description": ["ord ", "ord ord "]}


def test_tags_go_into_a_table_that_is_made_for_them(database) -> None:
    database.postings(20)
    assert tag_into(database.reader(), database.sink()) == 20
    assert tagged(database)[5:9] == [
        (6, "w6", 0.75, 6), (7, "w0", None, None), (8, "w1", 0.125, 1), (9, "w2", 0.25, 2)
    ]  # fmt: skip


def test_an_empty_table_gives_an_empty_table_of_tags_with_the_right_key(database) -> None:
    database.postings(0)
    assert tag_into(database.reader(), database.sink()) == 0
    database.sql("INSERT INTO postings VALUES (7, 'Kokk', 'en to')")
    assert tag_into(database.reader(), database.sink()) == 1
    assert tagged(database) == [(7, "w2", 0.25, 2)]


def test_a_second_run_takes_up_what_has_changed_and_what_is_new(database) -> None:
    database.postings(20)
    tag_into(database.reader(), database.sink())
    before = tagged(database)
    database.sql(
        "UPDATE postings SET description = 'en to tre' WHERE id = 7",
        "INSERT INTO postings VALUES (21, 'ny', 'ett')",
    )
    tag_into(database.reader(), database.sink())
    before[6] = (7, "w3", 0.375, 3)
    assert tagged(database) == [*before, (21, "w1", 0.125, 1)]


def test_a_run_that_was_interrupted_ends_the_same_when_it_is_run_again(
    database, monkeypatch
) -> None:
    monkeypatch.setattr("pipeline.database.sink._COMMIT_ROWS", 100)
    monkeypatch.setattr("pipeline.database.session._MOST_ROWS", 150)
    database.postings(5_000)
    reader = database.reader()
    writer = database.sink()(Path(), reader, ADDED)
    for rows in islice(reader.batches(10), 2):
        texts = rows.cells.select(["description"]).rename_columns(["text"])
        writer.write(rows, annotate(texts))
    writer.discard()
    reader.close()
    assert 0 < len(tagged(database)) < 5_000
    tag_into(database.reader(), database.sink())
    again = tagged(database)
    tag_into(database.reader(), database.sink("whole"))
    assert again == tagged(database, "whole")
    assert len(again) == 5_000


def test_tags_become_columns_of_the_table_that_is_read_where_it_is_named(database) -> None:
    database.postings(300)
    before = database.sql("SELECT * FROM postings ORDER BY id")
    for _ in range(2):  # the second time the columns are there
        assert tag_into(database.reader(), database.sink("postings")) == 300
        assert tagged(database, "postings")[7] == (8, "w1", 0.125, 1)
    after = database.sql("SELECT * FROM postings ORDER BY id")
    assert [row[:3] for row in after] == before
    assert {len(row) for row in after} == {6}


def test_tags_stand_beside_a_column_that_has_the_name_of_one_in_capitals(database) -> None:
    database.postings(300)
    database.sql(
        'ALTER TABLE postings ADD COLUMN "Share" TEXT', "UPDATE postings SET \"Share\" = 'A'"
    )
    beside = "share" if database.kind == "postgresql" else "frontback_share"  # two names, or one
    for _ in range(2):  # the second time the columns are there
        run(prepare(database.reader(), database.sink("postings")), ANNOTATION)
        names = ["id", "title", "description", "Share", "office", "p_front", beside]
        assert database.reader().schema.names == names
        found = database.sql(f'SELECT "Share", office, {beside} FROM postings WHERE id = 8')
        assert found == [("A", "w1", 1)]


def test_a_table_gets_all_the_columns_of_tags_or_none(database) -> None:
    database.postings(3)
    sink = database.sink("postings")
    session = sink.session
    add = "ALTER TABLE postings ADD COLUMN {} TEXT"
    with pytest.raises(OutputError):
        session.run(add.format("office"), add.format("title"))
    assert database.reader().schema.names == ["id", "title", "description"]
    session.run(add.format("office"), add.format("reason"))  # nothing of it is left in the way
    assert database.reader().schema.names[3:] == ["office", "reason"]


@pytest.mark.parametrize("into", ["tags", "postings"])
def test_a_key_that_has_the_name_of_a_tag_is_refused_and_nothing_is_written(database, into) -> None:
    database.sql(
        "CREATE TABLE postings (share INTEGER PRIMARY KEY, description TEXT)",
        "INSERT INTO postings VALUES (1, 'en to')",
    )
    with pytest.raises(InputError, match=r"the key 'share' has the name of a tag; rename it, in a"):
        tag_into(database.reader(), database.sink(into))
    assert database.sql("SELECT * FROM postings") == [(1, "en to")]
    database.sql("CREATE TABLE tags (id INTEGER)")  # there is none yet


def test_a_query_that_gives_other_rows_each_time_is_run_once(database) -> None:
    if database.kind == "postgresql":
        pytest.skip("PostgreSQL holds a snapshot, and runs the query twice in it")
    database.postings(2_000)
    half = {"sqlite": "random() > 0", "duckdb": "random() < 0.5"}[database.kind]
    reader = database.reader(query=f"SELECT * FROM postings WHERE {half}", key="id")
    first = cells(reader)["id"]
    assert reader.rows == len(first) == len(set(first))
    assert cells(reader)["id"] == first


def test_a_table_of_that_name_in_another_database_is_another_table(database, tmp_path) -> None:
    database.postings(3)
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    other.sql("CREATE TABLE postings (id INTEGER PRIMARY KEY, text TEXT)")
    sink = other.sink("postings")
    with pytest.raises(OutputError, match=r"is no table of tags, it has no column office, p_front"):
        tag_into(database.reader(), sink)
    assert other.sql("SELECT * FROM postings") == []


def test_a_table_that_is_no_table_of_tags_stays_as_it_is(database) -> None:
    database.postings(3)
    database.sql("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT)")
    with pytest.raises(OutputError, match=r"'people' is no table of tags.*name one that does not"):
        tag_into(database.reader(), database.sink("people"))
    assert database.reader("people").schema.names == ["id", "name"]


def test_a_table_of_tags_whose_key_may_repeat_is_refused(database) -> None:
    database.postings(3)
    database.sql("CREATE TABLE tags (id INTEGER, office TEXT, p_front REAL, share INTEGER)")
    with pytest.raises(OutputError, match=r"nothing says that the key is unique"):
        tag_into(database.reader(), database.sink())
    assert tagged(database) == []


def test_names_may_hold_anything(database) -> None:
    table, key, text = "a 'b\"; DROP TABLE x; --%s", 'nøkkel "1" %', "tekst $1 ?1"
    quoted = [name.replace('"', '""') for name in (table, key, text)]
    database.sql(
        'CREATE TABLE "{}" ("{}" INTEGER PRIMARY KEY, "{}" TEXT)'.format(*quoted),
        f"INSERT INTO \"{quoted[0]}\" VALUES (1, 'en to')",
    )
    reader = database.reader(table)
    assert cells(reader) == {key: [1], text: ["en to"]}
    tag_into(reader, database.sink("T;'\"%"), text)
    reader.close()
    tag_into(database.reader(table), database.sink(table), text)
    for written, at in (('T;\'""%', 1), (quoted[0], 2)):
        assert database.sql(f'SELECT * FROM "{written}"')[0][at] == "w2"


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet", ".xlsx"])
def test_a_table_goes_through_a_batch_into_a_file(database, tmp_path, suffix) -> None:
    database.postings(500)
    output = tmp_path / f"out{suffix}"
    summary = run(prepare(database.reader(), output), ANNOTATION)
    assert summary.rows == 500
    back = open_table(output)
    assert back.schema.names == ["id", "title", "description", "office", "p_front", "share"]
    rows = [row for rows in back.batches(200) for row in rows.cells.to_pylist()]
    assert [int(row["id"]) for row in rows] == list(range(1, 501))
    assert rows[9]["office"] == "w3"


def test_a_file_from_a_table_is_the_same_every_time(database, tmp_path) -> None:
    database.postings(500)
    outputs = [tmp_path / "1.parquet", tmp_path / "2.parquet"]
    for output in outputs:
        run(prepare(database.reader(), output), ANNOTATION)
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
    assert pq.read_metadata(outputs[0]).num_rows == 500


def test_memory_stays_flat_however_long_the_table(database, monkeypatch) -> None:
    monkeypatch.setattr("pipeline.database.session._BATCH_BYTES", 1_000_000)
    database.postings(20_000)
    peaks = []
    for rows in (5_000, 20_000):
        long = "o" * 1_000
        query = f"SELECT id, title || '{long}' AS description FROM postings WHERE id <= {rows}"
        reader = database.reader(query=query, key="id")
        tracemalloc.start()
        assert tag_into(reader, database.sink(f"tags_{rows}")) == rows
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]
