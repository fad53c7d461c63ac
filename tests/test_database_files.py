"""Rows of a file go into a table of a database, under a key that tells them apart."""

import json
from itertools import count

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.posting import InputError
from pipeline.tables import open_table
from pipeline.tables.rows import Reader
from tests.databases import tag_into, tagged


def test_texts_that_no_database_would_take_stop_nothing(database, tmp_path) -> None:
    source = tmp_path / "postings.jsonl"
    source.write_text(
        '{"id": "a\\u0000b", "text": "en \\u0000 to"}\n{"id": "\\ud800", "text": "en\\ud800"}\n'
    )
    sink = database.sink("tags", "id")
    assert tag_into(open_table(source), sink, "text") == 2
    assert [row[1] for row in tagged(database)] in (["w3", "w1"], ["w1", "w3"])


def test_a_file_goes_into_a_table_under_the_key_that_is_named(database, tmp_path) -> None:
    source = tmp_path / "postings.csv"
    source.write_text("id;Ref;Beskrivelse\n2;0012;en to\n1;0007;en\n")
    for key, kept in (("id", ["1", "2"]), ("Ref", ["0007", "0012"])):
        sink = database.sink(f"by {key}", key)
        assert tag_into(open_table(source), sink, "Beskrivelse") == 2
        rows = database.sql(f'SELECT "{key}", office FROM "by {key}" ORDER BY 1')
        assert rows == [(kept[0], "w1"), (kept[1], "w2")]


@pytest.mark.parametrize(
    ("content", "key", "message"),
    [
        ("id,text\n1,a\n2,b\n1,c\n", "id", r"rows 1 and 3 have the same value in 'id'; remove one"),
        ("id,text\n1,a\n,b\n", "id", r"row 2 has no value in 'id'; fill it in, or name another"),
        ("id,text\n1,a\n", "ref", r"there is no column 'ref'; name one of these with --key: id, t"),
        ("id,text,id\n1,a,2\n", "id", r"there is two columns 'id'; name one"),
        ("id,text\n1,a\n", None, r"name the column that tells its rows apart with --key; by it"),
    ],
)
def test_a_file_without_a_sound_key_is_refused_before_anything_is_written(
    database, tmp_path, content, key, message
) -> None:
    source = tmp_path / "postings.csv"
    source.write_text(content)
    sink = database.sink("tags", key)
    with pytest.raises(InputError, match=message):
        tag_into(open_table(source), sink, "text")
    database.sql("CREATE TABLE tags (id INTEGER)")  # there is none yet


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_keys_of_a_parquet_file_that_are_not_utf8_are_kept_with_a_sign_for_what_is_not(
    database, tmp_path, kind
) -> None:
    def keyed_by(*keys: bytes) -> Reader:
        raw = pa.array(keys, pa.large_binary() if pa.types.is_large_string(kind) else pa.binary())
        columns = {"id": raw.view(kind), "text": ["en"] * len(keys)}
        pq.write_table(pa.table(columns), tmp_path / "in.parquet")
        return open_table(tmp_path / "in.parquet")

    assert tag_into(keyed_by(b"a", b"bl\xe5"), database.sink("tags", "id"), "text") == 2
    assert [row[0] for row in tagged(database)] == ["a", "bl\ufffd"]
    with pytest.raises(InputError, match=r"rows 1 and 2 have the same value in 'id'"):
        tag_into(keyed_by(b"bl\xe5", b"bl\xe6"), database.sink("tags", "id"), "text")


_made = count()
keys = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=5)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(postings=st.dictionaries(keys, st.text("a "), max_size=20))
def test_any_keys_find_their_tags_again_and_again(database, tmp_path, postings) -> None:
    source, table = tmp_path / "in.jsonl", f"tags_{next(_made)}"
    lines = [json.dumps({"id": key, "text": text}) for key, text in postings.items()]
    source.write_text("\n".join([*lines, '{"id": "always", "text": "a"}']))
    for _ in range(2):
        tag_into(open_table(source), database.sink(table, "id"), "text")
    found = {key: office for key, office, *_ in tagged(database, table)}
    words = {key: f"w{len(text.split())}" for key, text in postings.items()}
    assert found == words | {"always": "w1"}
