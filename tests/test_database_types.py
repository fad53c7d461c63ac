"""SQLite and DuckDB: what their columns hold comes out as it is, or as text."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from pipeline.database import DatabaseReader
from pipeline.posting import InputError
from tests.databases import Database, tag_into, whole


@pytest.fixture
def sqlite(tmp_path) -> Database:
    return Database(f"sqlite:///{tmp_path / 'hr.db'}")


@pytest.fixture
def duck(tmp_path) -> Database:
    return Database(f"duckdb:///{tmp_path / 'hr.db'}")


def test_duckdb_may_have_names_that_our_copy_has_as_well(tmp_path) -> None:
    duck = Database(f"duckdb:///{tmp_path / 'temp.db'}")
    duck.sql(
        "CREATE SCHEMA temp",
        "CREATE TABLE held (id INTEGER PRIMARY KEY, text TEXT)",
        "INSERT INTO held VALUES (7, 'en')",
    )
    assert whole(duck.reader("held")).to_pylist() == [{"id": 7, "text": "en"}]


def kinds(reader: DatabaseReader) -> list[str]:
    return [str(kind) for kind in reader.schema.types]


def test_a_sqlite_column_is_of_the_kind_that_all_its_values_are(sqlite) -> None:
    sqlite.sql(
        "CREATE TABLE postings (id INTEGER PRIMARY KEY, a, b, c, d, e, f)",
        "INSERT INTO postings VALUES (1, 1, 0.5, 'x', x'00ff', NULL, 1),"
        " (2, 9223372036854775807, 2, NULL, NULL, NULL, 'two'),"
        " (3, NULL, NULL, 'y', x'', NULL, x'41')",
    )
    reader = sqlite.reader()
    assert kinds(reader) == ["int64", "int64", "double", "string", "binary", "string", "string"]
    assert whole(reader).drop_columns("id").to_pydict() == {
        "a": [1, 2**63 - 1, None],
        "b": [0.5, 2.0, None],
        "c": ["x", None, "y"],
        "d": [b"\x00\xff", None, b""],
        "e": [None] * 3,
        "f": ["1", "two", "A"],
    }


def test_a_sqlite_text_that_is_not_utf8_is_read_with_a_sign_for_what_is_not(sqlite) -> None:
    sqlite.sql(
        "CREATE TABLE postings (id INTEGER PRIMARY KEY, text TEXT)",
        "INSERT INTO postings VALUES (1, CAST(x'626ce520f8' AS TEXT)), (2, 'a' || char(0) || 'b')",
    )
    assert whole(sqlite.reader()).column("text").to_pylist() == ["bl\ufffd \ufffd", "a\0b"]


def test_a_sqlite_table_with_hundreds_of_columns_is_read(sqlite) -> None:
    columns = ", ".join(f"c{number} INTEGER" for number in range(900))
    sqlite.sql(
        f"CREATE TABLE postings (id INTEGER PRIMARY KEY, {columns}, text TEXT)",
        "INSERT INTO postings (id, c899, text) VALUES (1, 7, 'en')",
    )
    assert whole(sqlite.reader()).to_pylist()[0]["c899"] == 7


@pytest.mark.parametrize("into", ["tags", "postings"])
@pytest.mark.parametrize("kind", ["", "INTEGER", "REAL", "TEXT", "VARCHAR(9)", "BLOB", "DATE"])
@pytest.mark.parametrize("keys", [(1, 2), (1.5, 2.5), ("'1'", "'b'")])
def test_a_sqlite_key_finds_its_row_again_whatever_its_column_is(sqlite, into, kind, keys) -> None:
    sqlite.sql(
        f"CREATE TABLE postings (id {kind} NOT NULL UNIQUE, description)",
        f"INSERT INTO postings VALUES ({keys[0]}, 'en'), ({keys[1]}, 'en to')",
    )
    for _ in range(2):
        tag_into(sqlite.reader(key="id"), sqlite.sink(into))
    joined = f"SELECT t.office FROM postings p JOIN {into} t ON t.id = p.id ORDER BY 1"
    assert sqlite.sql(joined) == [("w1",), ("w2",)]


@pytest.mark.parametrize("keys", ["(1, 'a'), ('1', 'b')", "(x'00', 'a')"])
def test_a_key_that_would_not_find_its_row_again_is_refused(sqlite, keys) -> None:
    sqlite.sql("CREATE TABLE postings (id, description)", f"INSERT INTO postings VALUES {keys}")
    with pytest.raises(
        InputError, match=r"no key is made of what 'id' holds.*column of numbers or"
    ):
        tag_into(sqlite.reader(key="id"), sqlite.sink())


@pytest.mark.parametrize("kind", ["BLOB", "INTERVAL", "VARCHAR[]", "TIMESTAMP_NS", "TIME"])
def test_a_duckdb_key_that_would_not_find_its_row_again_is_refused(duck, kind) -> None:
    duck.sql(f"CREATE TABLE postings (id {kind}, description VARCHAR)")
    with pytest.raises(InputError, match=r"no key is made of what 'id' holds"):
        tag_into(duck.reader(key="id"), duck.sink())


def test_duckdb_types_are_kept(duck) -> None:
    duck.sql(
        "CREATE TABLE postings (id UUID PRIMARY KEY, a UTINYINT, b DECIMAL(10, 2), c DATE,"
        " d TIMESTAMP, e VARCHAR[], f ENUM ('glad', 'trist'),"
        " g STRUCT(x INTEGER), h BLOB, i HUGEINT)",
        "INSERT INTO postings VALUES ('00000000-0000-0000-0000-00000000000a', 255, 1.5,"
        " '2027-01-02', '2027-01-02 03:04:05', ['x', NULL], 'glad', {'x': 1}, 'b'::BLOB, 7)",
    )
    assert whole(duck.reader()).to_pylist() == [
        {
            "id": "00000000-0000-0000-0000-00000000000a", "a": 255, "b": Decimal("1.50"),
            "c": date(2027, 1, 2), "d": datetime(2027, 1, 2, 3, 4, 5), "e": ["x", None],
            "f": "glad",
            "g": {"x": 1}, "h": b"b", "i": 7,
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("UUID", "00000000-0000-0000-0000-00000000000a"),
        ("DATE", "2027-01-02"),
        ("DECIMAL(12, 3)", "1.500"),
        ("ENUM ('glad', 'trist')", "glad"),
        ("UBIGINT", "18446744073709551615"),
        ("VARCHAR", "007"),
        ("DOUBLE", "0.1"),
        ("FLOAT", "0.1"),
        ("TIMESTAMPTZ", "2027-01-02 03:04:05.678901+00"),
        ("TIMESTAMP", "2027-01-02 03:04:05.678901"),
    ],
)
@pytest.mark.parametrize("into", ["tags", "postings"])
def test_a_duckdb_key_of_any_type_finds_its_row_again(duck, kind, value, into) -> None:
    duck.sql(
        f"CREATE TABLE postings (id {kind} PRIMARY KEY, description VARCHAR)",
        f"INSERT INTO postings VALUES ('{value}', 'en to')",
    )
    for _ in range(2):
        tag_into(duck.reader(), duck.sink(into))
    joined = f"SELECT id::VARCHAR, t.office FROM postings JOIN {into} t USING (id)"
    assert duck.sql(joined) == [(value, "w2")]


@pytest.mark.parametrize("kind", ["sqlite", "duckdb", "postgresql"])
def test_tags_go_from_any_database_to_any_other(
    database, tmp_path, postgres_database, kind
) -> None:
    target = postgres_database
    if kind != "postgresql":
        target = Database(f"{kind}:///{tmp_path / 'other.db'}")
    database.postings(50)
    for _ in range(2):
        assert tag_into(database.reader(), target.sink("tags")) == 50
    assert target.sql("SELECT count(*), min(id), max(id), max(office) FROM tags") == [
        (50, 1, 50, "w6")
    ]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("uuid", "00000000-0000-0000-0000-00000000000a"),
        ("bigint", "9223372036854775807"),
        ("text", 'a "b" \\ c'),
        ("char(3)", "ab"),
        ("varchar(3)", "ab "),
        ("bit(4)", "0101"),
        ("date", "0044-03-15 BC"),
        ("timestamptz", "2027-01-02 03:04:05.678901+02"),
        ("numeric", "1.50"),
        ("numeric(8, 3)", "1.500"),
        ("real", "0.1"),
        ("double precision", "0.1"),
        ("inet", "10.0.0.1"),
        ("interval", "1 day 02:03:04"),
        ("integer[]", "{1,NULL,2}"),
    ],
)
@pytest.mark.parametrize("into", ["tags", "postings"])
def test_a_postgres_key_of_any_type_finds_its_row_again(
    postgres_database, kind, value, into
) -> None:
    postgres_database.sql(
        f"CREATE TABLE postings (id {kind} PRIMARY KEY, description text)",
        f"INSERT INTO postings VALUES ('{value}', 'en to')",
    )
    for _ in range(2):
        tag_into(postgres_database.reader(), postgres_database.sink(into))
    joined = f"SELECT t.office FROM postings JOIN {into} t USING (id)"
    assert postgres_database.sql(joined) == [("w2",)]
