"""frontback batch with a database at either end or at both."""

import json

import openpyxl
import pytest

from tests.databases import Database
from tests.postgres_server import PASSWORD
from tests.postings import BACK, FRONT

EXPECTED = [(1, "front"), (2, "back"), (3, "front"), (4, "back"), (5, "front"), (6, "back")]


@pytest.fixture
def postings(database) -> Database:
    """A table of three front and three back postings, and a column called language."""
    texts = [text for pair in zip(FRONT.values(), BACK.values(), strict=True) for text in pair]
    database.sql(
        "CREATE TABLE postings"
        " (id INTEGER PRIMARY KEY, title TEXT, description TEXT, language TEXT)",
        *(
            f"INSERT INTO postings VALUES ({number}, '', '{text}', 'own')"
            for number, text in enumerate(texts, 1)
        ),
    )
    return database


def offices(database: Database, table: str = "tags") -> list[tuple]:
    return database.sql(f"SELECT id, office FROM {table} ORDER BY id")


def test_tags_go_into_a_table_of_the_same_database(postings, frontback) -> None:
    ends = ("--from", postings.url, "--table", "postings", "--to", postings.url, "--into", "tags")
    for _ in range(2):
        result = frontback("batch", *ends)
        assert result.code == 0, result.err
        assert offices(postings) == EXPECTED
    assert postings.sql("SELECT language FROM tags WHERE id = 1") == [("es",)]
    assert "text from 'description', title from 'title'" in result.err
    assert "6 rows with office, p_front, share, language, reason, model" in result.err
    assert PASSWORD not in result.err


def test_tags_become_columns_of_the_table_itself_beside_its_own(postings, frontback) -> None:
    for _ in range(2):
        ends = ("--from", postings.url, "--table", "postings", "--to", postings.url)
        assert frontback("batch", *ends, "--into", "postings").code == 0
        assert offices(postings, "postings") == EXPECTED
        row = postings.sql("SELECT language, frontback_language FROM postings WHERE id = 1")
        assert row == [("own", "es")]


def test_a_query_goes_into_a_workbook(postings, frontback, tmp_path) -> None:
    query = "SELECT * FROM postings WHERE id < 3"
    output = tmp_path / "tagged.xlsx"
    ends = ("--from", postings.url, "--query", query, "--key", "id")
    result = frontback("batch", *ends, "-o", output, "--json")
    assert result.code == 0, result.err
    assert json.loads(result.out)["office"] == {"front": 1, "back": 1}
    assert openpyxl.load_workbook(output).active.max_row == 3


def test_a_sheet_goes_into_a_table(database, frontback, tmp_path) -> None:
    (tmp_path / "in.csv").write_text(
        f"id;language;Texto\nA-1;x;{FRONT['es']}\nA-2;x;{BACK['es']}\n"
    )
    ends = ("--key", "id", "--to", database.url, "--into", "tags")
    result = frontback("batch", tmp_path / "in.csv", *ends)
    assert result.code == 0, result.err
    assert offices(database) == [("A-1", "front"), ("A-2", "back")]
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".db") == ["in.csv"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name an INPUT or a database with --from."),
        (["a.csv"], "name an output with -o or a database with --to."),
        (["a.csv", "--from", "sqlite:///a", "--table", "t", "-o", "b.csv"], "name an INPUT or a"),
        (["--from", "sqlite:///a", "-o", "b.csv"], "--from takes --table or --query"),
        (["a.csv", "--table", "t", "-o", "b.csv"], "--from takes --table or --query"),
        (["a.csv", "--to", "sqlite:///a"], "--to takes --into"),
        (["a.csv", "--key", "id", "-o", "b.csv"], "--key is for a database."),
        (["a.csv", "b.csv", "--to", "sqlite:///a", "--into", "t"], "one table at a time."),
        (["a.csv", "--to", "sqlite:///a", "--into", "t", "--resume"], "leave --resume out."),
        (["a.csv", "--to", "sqlite:///a", "--into", "t", "--shard", "1/2"], "leave --shard out."),
        (["-", "--to", "sqlite:///a", "--into", "t"], "name a file, not -."),
    ],
)
def test_options_that_do_not_go_together_are_wrong_use(frontback, arguments, message) -> None:
    result = frontback("batch", *arguments)
    assert result.code == 2
    assert message in result.err


def test_what_is_wrong_with_a_database_is_one_line(postings, frontback) -> None:
    result = frontback("batch", "--from", postings.url, "--table", "posting", "-o", "x.csv")
    assert result.code == 1
    assert result.err.count("\n") == 1
    assert "there is no table 'posting'; choose one of: postings." in result.err
