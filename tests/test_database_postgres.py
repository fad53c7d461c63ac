"""PostgreSQL: a real server, its types, its refusals, and connections that end in the middle."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.database import DatabaseReader
from pipeline.database.sink import DatabaseWriter
from pipeline.posting import InputError, OutputError
from pipeline.tables import open_table
from pipeline.tables.rows import Reader
from tests.databases import ADDED, Database, annotate, tag_into, tagged, whole
from tests.postgres_server import PASSWORD

_END = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE application_name = 'frontback' AND datname = current_database()"
)


def versions(database: Database, table: str = "tags") -> list[tuple]:
    """Which transaction wrote each row last: a row that is written again has another one."""
    return database.sql(f"SELECT id, xmin::text, ctid::text FROM {table} ORDER BY id")


def test_types_are_kept_and_what_arrow_has_no_type_for_is_text(postgres_database) -> None:
    postgres_database.sql(
        "CREATE TYPE mood AS ENUM ('glad', 'trist')",
        "CREATE TABLE postings (id uuid PRIMARY KEY, a smallint, b integer, c bigint, d real,"
        " e double precision, f numeric(10, 2), g numeric, h boolean, i text, j varchar(5),"
        " k char(3), l date, m timestamp, n timestamptz, o time, p interval, q bytea, r jsonb,"
        " s text[], t mood, u inet)",
        "INSERT INTO postings VALUES ('00000000-0000-0000-0000-00000000000a', 1, 2, 3, 0.5, 0.25,"
        " 1.5, 1e50, true, 'tekst', 'kort', 'ab', '2027-01-02', '2027-01-02 03:04:05.678',"
        " '2027-01-02 03:04:05+02', '24:00', '1 day 2 hours', '\\x00ff', '{\"a\": [1]}',"
        " '{x,NULL,\"y z\"}', 'glad', '10.0.0.1')",
        "INSERT INTO postings (id) VALUES ('00000000-0000-0000-0000-00000000000b')",
    )
    table = whole(postgres_database.reader())
    kinds = dict(zip(table.schema.names, map(str, table.schema.types), strict=True))
    assert [kinds[name] for name in "abcdefgh"] == [
        "int16", "int32", "int64", "float", "double", "decimal128(10, 2)", "string", "bool"
    ]  # fmt: skip
    assert [kinds[name] for name in "lmnq"] == [
        "date32[day]", "timestamp[us]", "timestamp[us, tz=UTC]", "binary"
    ]  # fmt: skip
    first, gaps = table.to_pylist()
    assert first == {
        "id": "00000000-0000-0000-0000-00000000000a", "a": 1, "b": 2, "c": 3, "d": 0.5, "e": 0.25,
        "f": Decimal("1.50"), "g": "1" + 50 * "0", "h": True, "i": "tekst", "j": "kort",
        "k": "ab ", "l": date(2027, 1, 2), "m": datetime(2027, 1, 2, 3, 4, 5, 678000),
        "n": datetime(2027, 1, 2, 1, 4, 5, tzinfo=UTC), "o": "24:00:00", "p": "1 day 02:00:00",
        "q": b"\x00\xff", "r": '{"a": [1]}', "s": '{x,NULL,"y z"}', "t": "glad", "u": "10.0.0.1/32",
    }  # fmt: skip
    assert set(gaps.values()) == {gaps["id"], None}


def test_dates_and_numbers_that_python_does_not_have_are_text(postgres_database) -> None:
    postgres_database.sql(
        "CREATE TABLE postings (id integer PRIMARY KEY, day date, at timestamptz,"
        " pay numeric(5,1))",
        "INSERT INTO postings VALUES (1, 'infinity', '-infinity', 'NaN'),"
        " (2, '0044-03-15 BC', '20000-01-01 00:00Z', 1.5)",
    )
    table = whole(postgres_database.reader()).drop_columns("id").to_pydict()
    assert table == {
        "day": ["infinity", "0044-03-15 BC"],
        "at": ["-infinity", "20000-01-01 00:00:00+00"],
        "pay": ["NaN", "1.5"],
    }


def test_texts_of_a_database_without_an_encoding_stop_nothing(postgres_url) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            "CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C'"
        )
    database = Database(postgres_url.removesuffix("postgres") + "ascii")
    with psycopg.connect(database.url, client_encoding="latin1") as connection:
        connection.execute("CREATE TABLE postings (id integer PRIMARY KEY, text text)")
        connection.execute("INSERT INTO postings VALUES (1, E'bl\\345 \\303\\270')")
    reader = database.reader()
    assert whole(reader).column("text").to_pylist() == ["bl\ufffd ø"]
    reader.close()


def test_the_key_keeps_its_type_in_the_table_of_tags(postgres_database) -> None:
    postgres_database.sql(
        "CREATE TABLE postings (id uuid PRIMARY KEY, description text)",
        "INSERT INTO postings SELECT gen_random_uuid(), 'en to' FROM generate_series(1, 50)",
    )
    for _ in range(2):
        tag_into(postgres_database.reader(), postgres_database.sink())
    joined = "SELECT count(*) FROM postings JOIN tags USING (id) WHERE office = 'w2'"
    assert postgres_database.sql(joined) == [(50,)]


def test_a_second_run_writes_only_rows_that_differ(postgres_database) -> None:
    postgres_database.postings(500)
    for into in ("tags", "postings"):
        tag_into(postgres_database.reader(), postgres_database.sink(into))
        before = versions(postgres_database, into)
        tag_into(postgres_database.reader(), postgres_database.sink(into))
        assert versions(postgres_database, into) == before
    postgres_database.sql("UPDATE tags SET office = 'x' WHERE id = 7")
    before = versions(postgres_database)
    tag_into(postgres_database.reader(), postgres_database.sink())
    changed = set(versions(postgres_database)) - set(before)
    assert [row[0] for row in changed] == [7]


def test_a_schema_can_be_named_and_case_is_found(postgres_database) -> None:
    postgres_database.sql(
        "CREATE SCHEMA staff",
        "CREATE TABLE staff.postings (id integer PRIMARY KEY, text text)",
        "INSERT INTO staff.postings VALUES (1, 'en')",
        'CREATE VIEW "Open" AS SELECT * FROM staff.postings',
    )
    with pytest.raises(InputError, match=r"choose one of: Open, staff\.postings\.$"):
        postgres_database.reader("postings")
    assert postgres_database.reader("Staff.Postings").table == ("staff", "postings", False)
    assert postgres_database.reader("open", key="id").rows == 1
    tag_into(
        postgres_database.reader("staff.postings"),
        postgres_database.sink("staff.tags"),
        "text",
    )
    assert postgres_database.sql("SELECT office FROM staff.tags") == [("w1",)]


def test_a_query_cannot_write_even_through_a_function(postgres_database) -> None:
    postgres_database.postings(3)
    postgres_database.sql(
        "CREATE FUNCTION wipe() RETURNS integer LANGUAGE sql AS 'DELETE FROM postings; SELECT 1'"
    )
    with pytest.raises(InputError, match="only reading is possible there") as wrong:
        postgres_database.reader(query="SELECT wipe() AS id", key="id")
    assert postgres_database.sql("SELECT count(*) FROM postings") == [(3,)]
    assert "DELETE" in str(wrong.value)


def test_a_connection_that_ends_while_postings_are_read_is_said_in_a_sentence(
    postgres_database,
) -> None:
    postgres_database.postings(20_000)
    batches = postgres_database.reader().batches(100)
    next(batches)
    postgres_database.sql(_END)
    with pytest.raises(InputError, match=r"the connection was lost \(.+\); run the same command"):
        list(batches)


def write_until_cut(database: Database, writer: DatabaseWriter, reader: Reader, rows: int) -> None:
    """Write tags a hundred at a time, and have the server end all connections on the way."""
    done = 0
    for some in reader.batches(100):
        for start in range(0, some.cells.num_rows, 100):
            if done == rows:
                database.sql(_END)
            part = some._replace(cells=some.cells.slice(start, 100))
            texts = part.cells.select(["description"]).rename_columns(["text"])
            writer.write(part, annotate(texts))
            done += part.cells.num_rows


@pytest.mark.parametrize("rows", [0, 100, 500, 900])
def test_a_run_whose_connections_are_cut_ends_the_same_when_it_is_run_again(
    postgres_database, monkeypatch, rows
) -> None:
    monkeypatch.setattr("pipeline.database.sink._COMMIT_ROWS", 100)
    postgres_database.postings(1_000)
    reader = postgres_database.reader()
    writer = postgres_database.sink()(Path(), reader, ADDED)
    with pytest.raises((InputError, OutputError), match="the connection was lost"):
        write_until_cut(postgres_database, writer, reader, rows)
    writer.discard()
    assert len(tagged(postgres_database, "tags")) == rows
    tag_into(postgres_database.reader(), postgres_database.sink())
    tag_into(postgres_database.reader(), postgres_database.sink("whole"))
    assert tagged(postgres_database, "tags") == tagged(postgres_database, "whole")
    assert len(tagged(postgres_database, "tags")) == 1_000


def test_rights_that_are_lacking_are_named(postgres_database) -> None:
    postgres_database.postings(3)
    name = postgres_database.url.rsplit("/", 1)[1]
    postgres_database.sql(
        "DROP ROLE IF EXISTS guest",
        "CREATE ROLE guest LOGIN PASSWORD 'guest'",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    )
    guest = Database(postgres_database.url.replace(f"hr:{PASSWORD}", "guest:guest"))
    guest = Database(f"postgresql://guest:guest@{guest.url.rsplit('@', 1)[1]}")
    with pytest.raises(InputError, match=r"permission denied for table postings; ask the datab"):
        guest.reader()
    postgres_database.sql("GRANT SELECT ON postings TO guest")
    with pytest.raises(OutputError, match=r"permission denied for schema public; ask the database"):
        tag_into(guest.reader(), guest.sink())
    with pytest.raises(OutputError, match=r"must be owner of table postings; ask the database's"):
        tag_into(guest.reader(), guest.sink("postings"))
    postgres_database.sql(
        "CREATE TABLE tags (id int PRIMARY KEY, office text, p_front float8, share int)",
        "GRANT SELECT, INSERT ON tags TO guest",
    )
    with pytest.raises(OutputError, match=r"permission denied for table tags; ask the database"):
        tag_into(guest.reader(), guest.sink())
    postgres_database.sql("GRANT UPDATE ON tags TO guest")
    assert tag_into(guest.reader(), guest.sink()) == 3
    assert name in guest.url
    postgres_database.sql("DROP OWNED BY guest", "DROP ROLE guest")


def test_a_table_that_somebody_uses_is_not_waited_for_without_end(
    postgres_database, monkeypatch
) -> None:
    monkeypatch.setattr("pipeline.database.postgres._WAIT_SECONDS", 1)
    postgres_database.postings(3)
    with psycopg.connect(postgres_database.url) as other:
        other.execute("SELECT * FROM postings")
        sink = postgres_database.sink("postings")
        with pytest.raises(OutputError, match=r"another program is using the table; run the same"):
            tag_into(postgres_database.reader(), sink)


def test_a_table_of_tags_that_takes_no_such_key_is_said_in_a_sentence(
    postgres_database, tmp_path
) -> None:
    (tmp_path / "in.csv").write_text("id,text\nA-7,en\n")
    postgres_database.sql(
        "CREATE TABLE tags (id int PRIMARY KEY, office text, p_front float8, share int)"
    )
    sink = postgres_database.sink("tags", "id")
    with pytest.raises(OutputError, match=r'invalid input syntax for type integer: "A-7"; check'):
        tag_into(open_table(tmp_path / "in.csv"), sink, "text")


def test_keys_that_are_the_same_to_the_database_are_refused(postgres_database, tmp_path) -> None:
    (tmp_path / "in.csv").write_text("id,text\n7,en\n07,to\n")
    postgres_database.sql(
        "CREATE TABLE tags (id int PRIMARY KEY, office text, p_front float8, share int)"
    )
    with pytest.raises(OutputError, match=r"two rows have keys that are the same there; name anot"):
        tag_into(open_table(tmp_path / "in.csv"), postgres_database.sink("tags", "id"), "text")
    assert tagged(postgres_database, "tags") == []


def test_wrong_addresses_are_said_in_a_sentence_without_the_password(postgres_url) -> None:
    place = postgres_url.rsplit("@", 1)[1].split("/")[0]
    port = place.split(":")[1]
    for url, message in {
        f"postgresql://hr:wr0ng@{place}/postgres": r"no connection to it \(password authentication",
        f"postgresql://hr:wr0ng@{place}": r"password authentication failed",
        postgres_url + "x": r'\(database "postgresx" does not exist\); check host, database, user',
        f"postgresql://hr:wr0ng@127.0.0.1:1{port[1:]}x/d": r"the address cannot be read",
        "postgresql://hr:wr0ng@127.0.0.1:1/d": r"no connection to it \(Connection refused",
        "postgresql://hr:p%wr0ng@h/d": r"the address cannot be read",
        "postgresql://hr:p@wr0ng@h/d": r"the address cannot be read.*\(@ is %40",
        "postgresql://hr:p/wr0ng@h/d": r"the address cannot be read",
        "postgresql://hr@127.0.0.1:1/d?password=wr0ng": r"no connection to it",
        "postgresql://hr@h/d?wr0ng=1": r"the address cannot be read",
    }.items():
        with pytest.raises(InputError, match=message) as wrong:
            DatabaseReader(url, "postings")
        assert "\n" not in str(wrong.value)
        assert "wr0ng" not in str(wrong.value)
        assert PASSWORD not in str(wrong.value)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(secret=st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=6))
def test_no_password_comes_out_in_a_message_however_it_is_written(secret) -> None:
    for url in (f"postgresql://hr:{secret}@127.0.0.1:1/d", f"postgresql://hr:{secret}@/127.0.0.1"):
        with pytest.raises(InputError) as wrong:
            DatabaseReader(url, "postings")
        assert secret not in str(wrong.value)
