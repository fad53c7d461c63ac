"""JSON comes back character for character, the new keys in their places."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import InputError
from pipeline.tables import open_table
from pipeline.tables.json_text import PLAIN, Style, elements, members, put, style_of
from tests.test_tables import through


def written(tmp_path: Path, content: str | bytes, name: str = "in.json", to: str = "") -> str:
    """Write a file, tag it, and return the output's text."""
    source = tmp_path / name
    source.write_bytes(content.encode() if isinstance(content, str) else content)
    output = tmp_path / (to or f"out{source.suffix}")
    through(source, output)
    return output.read_bytes().decode("utf-8", "surrogateescape")


def test_an_array_of_postings_comes_back_in_its_own_form(tmp_path: Path) -> None:
    content = """\ufeff
[
  {
    "title" : "Kokk",  "description": "to ord", "pay": 1.50, "pay": 2e3,
    "tags": [ {"a":1} ]
  },
  7, {}, {"description":"Uno \\u00e6", "n":123456789012345678901234567890 }
]
"""
    assert written(tmp_path, content) == (
        content.replace('[ {"a":1} ]\n', '[ {"a":1} ],\n    "office": "w2",\n    "p_front": 0.25\n')
        .replace("{},", '{\n    "office": "w0",\n    "p_front": 0.0},')
        .replace("890 }", '890,\n    "office": "w2",\n    "p_front": 0.25 }')
    )


def test_postings_of_json_ld_are_found_and_all_else_is_left_alone(tmp_path: Path) -> None:
    graph = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "Organization", "name": "Hotel", "description": "no es una oferta"},
            {"@type": "JobPosting", "title": "Cocinero", "description": "<p>uno dos</p>"},
            {"@type": ["Thing", "https://schema.org/JobPosting"], "responsibilities": "uno",
             "description": {"@value": "uno", "@language": "es"}},
            {"@type": "ItemList", "itemListElement": [
                {"@type": "ListItem", "item": {"@type": "JobPosting", "description": "tres"}}]},
        ],
    }  # fmt: skip
    back = json.loads(written(tmp_path, json.dumps(graph), "in.jsonld"))
    reader = open_table(tmp_path / "in.jsonld")
    assert reader.rows == 3
    column = reader.schema.names.index("description")
    assert next(reader.batches(9)).text(column).to_pylist() == ["<p>uno dos</p>", "uno", "tres"]
    assert back["@graph"][1].pop("office") == "w2"
    assert back["@graph"][2].pop("office") == "w1"
    assert back["@graph"][3]["itemListElement"][0]["item"].pop("office") == "w1"
    for posting in (*back["@graph"][1:3], back["@graph"][3]["itemListElement"][0]["item"]):
        del posting["p_front"]
    assert back == graph


@pytest.mark.parametrize(
    ("content", "rows"),
    [('{"title": "a", "description": "uno"}', 1), ('{"jobs": [{"text": "a"}, {"text": "b"}]}', 2),
     ('{"count": 2, "skills": [], "jobs": [{"text": "a"}]}', 1), ('[{"text": "a"}]', 1),
     ('{"text": "a", "places": [{"city": "b"}, {"city": "c"}]}', 1),
     ('[{"@graph": [{"@type": "JobPosting", "text": "a"}, {"@type": "Place"}]}]', 1),
     ('{"@graph": {"@type": "JobPosting", "text": "a"}}', 1)],
)  # fmt: skip
def test_the_postings_are_found_in_every_usual_form(tmp_path: Path, content, rows) -> None:
    back = written(tmp_path, content)
    assert open_table(tmp_path / "in.json").rows == rows
    assert back.count('"office"') == rows
    assert json.loads(back)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [('[{"text": "a"},]', r"not readable as JSON \(line 1, column 1\d: .*\); mend it"),
     ('[\n{"text": "a"}\n{"text": "b"}]', r"line 3, column 1: Expecting ',' delimiter"),
     ('[{"text": "a"}', "not readable as JSON"), ("[] x", "Extra data"),
     ("[1, 2]", "no posting is"),
     ("[]", "no posting is"), ("7", "no posting is"), ("[" * 100_000, "nested too deep"),
     ('{"a": [{"text": "x"}], "b": [{"text": "y"}]}', "'a' and 'b' could both be the postings"),
     ('{"item": ' * 500 + "{}" + "}" * 500, "no column looks like"),
     ("text,title\n1,2\n", "not readable as JSON"),
     ('{"text": "på"}'.encode("cp1252"), "not UTF-8")],
)  # fmt: skip
def test_a_document_that_cannot_be_read_is_said(tmp_path: Path, content, sentence) -> None:
    with pytest.raises(InputError, match=sentence) as raised:
        written(tmp_path, content)
    assert str(raised.value).startswith(str(tmp_path / "in.json"))


def test_a_json_file_of_one_object_a_line_is_read_and_written_as_that(tmp_path: Path) -> None:
    back = written(tmp_path, '{"text":"a"}\n\n{"text":"b c"}\n')
    assert back == (
        '{"text":"a", "office": "w1", "p_front": 0.125}\n\n'
        '{"text":"b c", "office": "w2", "p_front": 0.25}\n'
    )


def test_json_lines_keep_blank_lines_line_ends_and_bom(tmp_path: Path) -> None:
    content = '\n\ufeff {"text": "a"} \r\n\r\n\n{"text": "b" }\r\nno\r\n  {}'
    assert written(tmp_path, content, "in.ndjson") == (
        '\n\ufeff {"text": "a", "office": "w1", "p_front": 0.125} \r\n\r\n\n'
        '{"text": "b", "office": "w1", "p_front": 0.125 }\r\n'
        '{"unreadable": "no", "office": "w0", "p_front": 0.0}\r\n'
        '  {"office": "w0", "p_front": 0.0}'
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("name", ["in.jsonl", "in.json"])
def test_json_comes_back_in_its_encoding(tmp_path: Path, encoding: str, name: str) -> None:
    (tmp_path / name).write_bytes('{"text": "blåbær"}\n{"text": "€"}\n'.encode(encoding))
    through(tmp_path / name, tmp_path / f"out{Path(name).suffix}")
    back = (tmp_path / f"out{Path(name).suffix}").read_bytes()
    assert back == (
        '{"text": "blåbær", "office": "w1", "p_front": 0.125}\n'
        '{"text": "€", "office": "w1", "p_front": 0.125}\n'
    ).encode(encoding)


def test_odd_values_pass_and_their_characters_stay(tmp_path: Path) -> None:
    lines = [
        '{"text": "a", "n": NaN, "i": -Infinity, "x": {"y": [1e400]}}',
        '{"text": "first", "text": "b c", "big": ' + "9" * 5_000 + "}",
        '{"text": "\\ud800 b", "\\udfff": 1, "": 2}',
        '{"text": ["list", {"of": 1}], "n": 1}',
        '{"text": null, "big": 1}',
        '{"deep": ' + "[" * 5_000 + "]" * 5_000 + "}",
        '{"text": "a\tb"}',
    ]
    back = written(tmp_path, "\n".join(lines), "in.jsonl").splitlines()
    for line, new in zip(lines[:5], back, strict=False):
        assert new.startswith(line[:-1] + ', "office": ')
    assert '"office": "w2"' in back[1]
    assert all(json.loads(line)["unreadable"] for line in back[5:])


def test_bytes_that_are_not_utf_8_come_back_and_are_told(tmp_path: Path) -> None:
    content = '{"text": "blåbær æ"}\n{"text": "bl'.encode() + b'\xe5 x"}\n'
    back = written(tmp_path, content, "in.jsonl").encode("utf-8", "surrogateescape")
    assert [line.split(b', "office"')[0] + b"}" for line in back.splitlines()] == (
        content.splitlines()
    )
    reader = open_table(tmp_path / "in.jsonl")
    assert reader.notes == [
        "1 rows have bytes that are not UTF-8 (lines 2); the bytes are kept, and read as cp1252"
    ]
    assert next(reader.batches(9)).text(0).to_pylist()[1] == "blå x"
    through(tmp_path / "in.jsonl", tmp_path / "out.json")
    assert b"bl\xe5 x" in (tmp_path / "out.json").read_bytes()


def test_documents_become_lines_and_lines_documents(tmp_path: Path) -> None:
    pretty = json.dumps([{"text": "a\nb", "of": {"x": [1, 2]}}, {"text": "c"}], indent=4)
    lines = written(tmp_path, pretty, to="out.jsonl")
    assert lines.splitlines() == [
        '{ "text": "a\\nb", "of": { "x": [ 1, 2 ] }, "office": "w2", "p_front": 0.25 }',
        '{ "text": "c", "office": "w1", "p_front": 0.125 }',
    ]
    (tmp_path / "in.jsonl").write_text(lines.replace("office", "o").replace("p_front", "p"))
    through(tmp_path / "in.jsonl", tmp_path / "back.json")
    back = json.loads((tmp_path / "back.json").read_text())
    assert back[0] == {"text": "a\nb", "of": {"x": [1, 2]}, "o": "w2", "p": 0.25, "office": "w2",
                       "p_front": 0.25}  # fmt: skip
    through(tmp_path / "back.json", tmp_path / "back.parquet")
    assert pq.read_table(tmp_path / "back.parquet").column("of").to_pylist() == [
        '{"x": [1, 2]}',
        None,
    ]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
objects = st.dictionaries(st.text(max_size=4), values, max_size=5)


@settings(deadline=None)
@given(objects, objects, st.sampled_from([None, 0, 2, "\t"]), st.booleans())
def test_new_keys_are_put_in_and_all_else_stays(old, new, indent, ascii_: bool) -> None:
    text = json.dumps(old, indent=indent, ensure_ascii=ascii_)
    back = put(text, new, present=old.keys(), style=style_of(text))
    assert repr(json.loads(back)) == repr({**old, **new})
    spans = {member.key: back[member.start : member.end] for member in members(back)}
    for member in members(text):
        if member.key not in new:
            assert spans[member.key] == text[member.start : member.end]


@given(st.lists(values, max_size=4), st.sampled_from([None, 1]))
def test_the_elements_of_an_array_are_found_where_they_stand(array, indent) -> None:
    text = json.dumps(array, indent=indent)
    found = list(elements(text, 0))
    assert repr([value for value, _, _ in found]) == repr(array)
    assert all(repr(json.loads(text[start:end])) == repr(value) for value, start, end in found)


def test_the_style_of_an_object_is_that_of_its_last_key() -> None:
    assert style_of("{}") == PLAIN
    assert style_of('{"a":1,"b":2}') == Style(",", ":")
    assert style_of('{\n\t"a" :  1,\n\t"b" :  2\n}') == Style(",\n\t", " :  ")
