"""JSON lines and JSON documents with faults."""

from __future__ import annotations

import codecs
import json

from tests.nasty.fault import POSTINGS, kept, refused

_OBJECTS = [{"title": title, "description": text} for title, text in POSTINGS]
_LINES = [json.dumps(each, ensure_ascii=False) for each in _OBJECTS]
_DEEP = 100_000


def lines(*extra: str) -> bytes:
    """The three postings, and these lines between the first and the second."""
    return ("\n".join([_LINES[0], *extra, *_LINES[1:]]) + "\n").encode("utf-8", "surrogatepass")


def _posting(**fields: object) -> dict[str, object]:
    return {"@type": "JobPosting", "title": "x", "description": "uno <b>dos</b>"} | fields


def _graph() -> bytes:
    organisation = {"@type": "Organization", "name": "Ås AS", "description": "no posting"}
    graph = [_posting(), organisation, _posting(hiringOrganization={"@id": "#1"})]
    return json.dumps({"@context": "https://schema.org", "@graph": graph}, indent=1).encode()


_LINES_FAULTS = {
    "bad_line_in_the_middle.jsonl": kept(4, lines('{"title": "B", "description": uno}')),
    "last_line_torn.jsonl": kept(3, lines()[:-40]),
    "lines_of_other_things.jsonl": kept(9, lines("[]", "null", "7", '"x"', "// note", "{},")),
    "arrays_not_objects.jsonl": refused("no line holds a JSON object", b'["a", "b"]\n["c", "d"]\n'),
    "empty_objects_only.jsonl": refused("no line holds a JSON object", b"{}\n{}\n"),
    "empty_objects_between.jsonl": kept(5, lines("{}", "{ }")),
    "blank.jsonl": refused("the file is empty", b""),
    "only_newlines.jsonl": refused("no line holds a JSON object", b"\n\n \n"),
    "printed_over_several_lines.jsonl": refused(
        "no line holds a JSON object", json.dumps(_OBJECTS, indent=2).encode()
    ),
    "objects_glued_on_a_line.jsonl": kept(4, lines(_LINES[0] + _LINES[1])),
    "blank_lines.jsonl": kept(3, lines("", "  ", "\t")),
    "windows_line_ends.jsonl": kept(3, lines().replace(b"\n", b"\r\n")),
    "line_separators_in_a_text.jsonl": kept(4, lines('{"description": "a\u2028b\u2029c\x85d"}')),
    "nested_100_000_deep.jsonl": kept(
        4, lines('{"description": ' + "[" * _DEEP + "]" * _DEEP + "}")
    ),
    "nested_2_000_deep.jsonl": kept(4, lines('{"x": ' + '{"a":' * 2_000 + "1" + "}" * 2_001)),
    "huge_integers.jsonl": kept(
        6, lines(*(f'{{"n": {n}}}' for n in ("9" * 5_000, 2**70, -(2**63))))
    ),
    "numbers_out_of_range.jsonl": kept(5, lines('{"n": 1e999}', '{"n": -0.0}')),
    "nan_and_infinity.jsonl": kept(5, lines('{"n": NaN, "m": -Infinity}', '{"n": 1.5, "m": 2}')),
    "duplicate_keys.jsonl": kept(4, lines('{"title": "a", "description": "x", "title": "b"}')),
    "keys_that_differ_by_case.jsonl": refused(
        "could both be the posting's", lines('{"Title": "b"}')
    ),
    "lone_surrogate_escapes.jsonl": kept(
        5, lines(r'{"description": "a \ud83d b"}', r'{"\udc00": "x", "description": "y"}')
    ),
    "nul_and_control_escapes.jsonl": kept(
        5, lines(r'{"description": "a\u0000b\u001b[2J\u009b"}', r'{"\u001b[31mkey\u0000": 1}')
    ),
    "control_characters_bare.jsonl": kept(5, lines('{"title": "a\x1b[2Jb"}', '{"title": "\0"}')),
    "empty_key.jsonl": kept(4, lines('{"": 1, "description": "x"}')),
    "a_key_of_its_own_in_every_line.jsonl": kept(
        503, lines(*(f'{{"k{n}": {n}}}' for n in range(500)))
    ),
    "text_that_is_no_text.jsonl": kept(
        8,
        lines(
            *(f'{{"description": {value}}}' for value in ("1", "null", "true", '["a"]', '{"b": 1}'))
        ),
    ),
    "bom.jsonl": kept(3, codecs.BOM_UTF8 + lines()),
    "utf-16.jsonl": kept(3, lines().decode().encode("utf-16")),
    "latin-1.jsonl": refused("not UTF-8", lines().decode().encode("latin-1")),
    "lone_surrogates_as_cesu-8.jsonl": kept(4, lines('{"title": "\ud800"}')),
    "line_of_5_mb.jsonl": kept(4, lambda: lines('{"description": "' + "uno dos " * 600_000 + '"}')),
    "tagged_before.jsonl": kept(
        2,
        b'{"title": "a", "description": "uno", "office": "back", "p_front": 0.1, "share": 1,'
        b' "language": "xx", "reason": "", "model": "old"}\n'
        b'{"office": "back", "p_front": null, "share": null, "language": "xx", "reason": "r",'
        b' "model": "old", "title": "a", "description": "uno"}\n',
    ),
    "shorter_suffix.ndjson": kept(3, lines()),
}

_DOCUMENT_FAULTS = {
    "array_of_postings.json": kept(3, json.dumps(_OBJECTS, indent=2).encode()),
    "one_posting.json": kept(1, json.dumps(_posting()).encode()),
    "list_under_a_key.json": kept(3, json.dumps({"count": 3, "jobs": _OBJECTS}).encode()),
    "postings_among_others_in_a.jsonld": kept(2, _graph()),
    "bom.json": kept(3, codecs.BOM_UTF8 + json.dumps(_OBJECTS).encode()),
    "utf-16.json": kept(3, json.dumps(_OBJECTS, ensure_ascii=False).encode("utf-16")),
    "white_space_everywhere.json": kept(1, b'\r\n\t[ \n{ "description"\n:\t"uno" } \r\n]\n\n'),
    "duplicate_keys.json": kept(1, b'[{"description": "a", "x": 1, "description": "b"}]'),
    "nan.json": kept(1, b'[{"description": "a", "x": NaN}]'),
    "blank.json": refused("the file is empty", b""),
    "white_space_only.json": refused("JSON", b" \n "),
    "empty_array.json": refused("no", b"[]"),
    "array_of_texts.json": refused("object", b'["a", "b"]'),
    "a_number.json": refused("object", b"7"),
    "torn.json": refused("JSON", json.dumps(_OBJECTS).encode()[:-30]),
    "call_back.json": refused("JSON", b"callback(" + json.dumps(_OBJECTS).encode() + b");"),
    "text_behind.json": refused("JSON", json.dumps(_OBJECTS).encode() + b" x"),
    "nested_100_000_deep.json": refused("JSON", b"[" * _DEEP + b"]" * _DEEP),
    "latin-1.json": refused("UTF-8", json.dumps(_OBJECTS, ensure_ascii=False).encode("latin-1")),
    "really_a_web_page.json": refused("JSON", b"<html><body>Session expired</body></html>"),
}

FAULTS = _LINES_FAULTS | _DOCUMENT_FAULTS
