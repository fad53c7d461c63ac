"""Postings come out of a database and tags go back into it, whichever database it is."""

import pyarrow as pa

from pipeline.database import DatabaseReader, DatabaseSink
from pipeline.tables.columns import find_columns
from tests.databases import tag_into


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


def test_tags_go_into_a_table_that_is_made_for_them(database) -> None:
    database.postings(20)
    sink = DatabaseSink(database.url, "tags")
    assert tag_into(database.reader(), sink) == 20
    assert database.sql("SELECT id, office, p_front, share FROM tags ORDER BY id")[5:9] == [
        (6, "w6", 0.75, 6), (7, "w0", None, None), (8, "w1", 0.125, 1), (9, "w2", 0.25, 2)
    ]  # fmt: skip
