"""What is wrong with a database is said in one sentence, and a password never."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from pipeline.database import DatabaseReader, DatabaseSink
from pipeline.posting import InputError, OutputError
from tests.databases import Database, tag_into


def test_a_table_that_is_not_there_is_answered_with_those_that_are(database) -> None:
    database.sql("CREATE TABLE people (id INTEGER PRIMARY KEY)", "CREATE TABLE ads (id INTEGER)")
    with pytest.raises(InputError, match=r"no table 'postings'; choose one of: ads, people\.$"):
        database.reader()


def test_a_database_without_tables_says_so(database) -> None:
    database.sql("CREATE TABLE people (id INTEGER)", "DROP TABLE people")
    with pytest.raises(InputError, match=r"no table 'postings', nor any other that you may see\.$"):
        database.reader()


def test_a_key_that_is_no_column_is_answered_with_the_columns(database) -> None:
    database.postings(1)
    with pytest.raises(InputError, match=r"no column 'ref'; choose the key from: id, title, desc"):
        database.reader(key="ref")


def test_a_table_without_a_primary_key_asks_for_one(database) -> None:
    database.sql(
        "CREATE TABLE loose (id INTEGER, text TEXT)",
        "CREATE TABLE pairs (a INTEGER, b INTEGER, PRIMARY KEY (a, b))",
    )
    for table in ("loose", "pairs"):
        with pytest.raises(InputError, match=rf"--key \({table} has no primary key of one column"):
            database.reader(table)
    with pytest.raises(InputError, match=r"with --key \(a query needs it\)"):
        database.reader(query="SELECT * FROM loose")


def test_a_key_with_gaps_or_doubles_is_refused(database) -> None:
    database.sql(
        "CREATE TABLE loose (id INTEGER, text TEXT)",
        "INSERT INTO loose VALUES (1, 'a'), (1, 'b'), (1, 'c'), (2, 'd')",
    )
    with pytest.raises(InputError, match=r": 2 values occur again in 'id'; choose a key that"):
        database.reader("loose", key="id")
    database.sql("DELETE FROM loose WHERE id = 1", "INSERT INTO loose VALUES (NULL, 'e')")
    with pytest.raises(InputError, match=r": 1 rows have no value in 'id'"):
        database.reader("loose", key="id")


def test_a_query_that_is_not_understood_is_one_sentence(database) -> None:
    database.postings(1)
    for query in ("SELECT FROM WHERE", "SELECT nothing FROM postings", "SELECT * FROM nowhere"):
        with pytest.raises(InputError) as wrong:
            database.reader(query=query, key="id")
        assert "\n" not in str(wrong.value)
        assert str(wrong.value).endswith(".")
        assert ";" in str(wrong.value)


def test_neither_table_nor_query_or_both_is_refused(database) -> None:
    for options in ({}, {"table": "a", "query": "SELECT 1"}):
        with pytest.raises(InputError, match="either a table or a query"):
            DatabaseReader(database.url, **options)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://u:secret@h/d", r"^mysql: not a database that is known here; use postgresql, "),
        ("oracle+x://u:secret@h", r"^oracle: not a database that is known"),
        ("sqlite://", r"^sqlite: the address names no file; write sqlite:///folder/file\.db"),
        ("duckdb:///", r"^duckdb: the address names no file"),
        ("sqlite:///no/such/folder.db", r"^no/such/folder\.db: no such file; check the name"),
        ("duckdb:///nothing.duckdb", r"^nothing\.duckdb: no such file; check the name"),
        ("sqlite:////", r"^/: this is a folder; name a file in it\.$"),
        ("postgresql:secret", r"^the address of the database cannot be read; write postgresql://"),
    ],
)
def test_an_address_of_nothing_is_said_to_be_one(url, message) -> None:
    with pytest.raises(InputError, match=message) as wrong:
        DatabaseReader(url, "postings")
    assert "secret" not in str(wrong.value)


def test_a_new_file_is_begun_only_to_write_and_in_a_folder_that_is_there(tmp_path) -> None:
    for kind in ("sqlite", "duckdb"):
        with pytest.raises(InputError, match="no such file"):
            DatabaseReader(f"{kind}:///{tmp_path / 'new.db'}", "postings")
        assert not (tmp_path / "new.db").exists()
        with pytest.raises(OutputError, match=r"there is no such folder; create it first\.$"):
            DatabaseSink(f"{kind}:///{tmp_path / 'none' / 'new.db'}", "tags")


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_a_file_of_another_kind_is_no_database(tmp_path, kind) -> None:
    (tmp_path / "a.db").write_text("title;description\n" * 500)
    with pytest.raises(InputError, match=r"a\.db: this is no \w+ database; check that it is the r"):
        DatabaseReader(f"{kind}:///{tmp_path / 'a.db'}", "postings")


def test_a_sqlite_file_that_another_program_is_writing_is_said_to_be_locked(
    tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr("pipeline.database.sqlite._WAIT_SECONDS", 0)
    database = Database(f"sqlite:///{tmp_path / 'hr.db'}")
    database.postings(3)
    sink = database.sink()
    reader = database.reader()
    with closing(sqlite3.connect(tmp_path / "hr.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OutputError, match=r"another program is writing to the file; run the s"):
            tag_into(reader, sink)


def test_a_sqlite_file_in_use_for_reading_does_not_keep_others_from_writing(tmp_path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'hr.db'}")
    database.postings(5_000)
    batches = database.reader().batches(10)
    next(batches)
    database.sql("DELETE FROM postings")
    assert sum(rows.cells.num_rows for rows in batches) == 4_990


def test_what_is_held_of_a_sqlite_file_cannot_be_used_to_write(tmp_path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'hr.db'}")
    database.postings(3)
    reader = database.reader()
    with pytest.raises(InputError, match="may not be changed"):
        reader.session.run("DELETE FROM main.postings")


def test_a_duckdb_file_that_may_not_be_changed_is_read_and_not_written(
    tmp_path, monkeypatch
) -> None:
    database = Database(f"duckdb:///{tmp_path / 'hr.db'}")
    database.postings(3)
    monkeypatch.setattr("os.access", lambda path, mode: mode == os.R_OK)
    reader = database.reader()
    assert [rows.cells.num_rows for rows in reader.batches(10)] == [3]
    with pytest.raises(OutputError, match=r"the file may not be changed; ask for the right to it"):
        tag_into(reader, database.sink())


def test_a_duckdb_file_that_another_program_has_open_is_said_to_be_in_use(tmp_path) -> None:
    database = Database(f"duckdb:///{tmp_path / 'hr.db'}")
    database.postings(3)
    program = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "hr.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        other.stdout.readline()
        with pytest.raises(InputError, match=r"another program has the file open; close it there"):
            database.reader()
        other.communicate(b"\n")


def test_a_value_that_cannot_be_worked_out_ends_the_run_in_a_sentence(database) -> None:
    if database.kind == "sqlite":
        pytest.skip("SQLite turns anything into a number")
    database.postings(3)
    query = "SELECT id, CAST(title AS INTEGER) AS text FROM postings"
    with pytest.raises(InputError, match=r"Kokk 1.*; check tables, columns and query\.$"):
        list(database.reader(query=query, key="id").batches(10))


@pytest.mark.parametrize("kind", ["postgresql", "duckdb"])
def test_what_is_not_installed_is_named(kind, tmp_path, monkeypatch) -> None:
    module = {"postgresql": "postgres", "duckdb": "duck"}[kind]
    monkeypatch.setitem(sys.modules, f"pipeline.database.{module}", None)
    with pytest.raises(OutputError, match=r"install it with pip install 'frontback\[sql\]'\.$"):
        DatabaseSink(f"{kind}:///{tmp_path / 'new.db'}", "tags")
