"""The examples with curl in docs/http-api.md are answered as the page shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from pipeline.places import corpus_folder
from pipeline.web.app import make_app
from pipeline.web.workplace import Workplace
from tests.examples import comparable
from tests.web import client

_PAGE = Path(__file__).parents[1] / "docs" / "http-api.md"
_EXAMPLE = re.compile(r"^```sh\n\$ (curl .*?[^\\])\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def answered(command: str, models: Path, folder: Path) -> str:
    """Return what a command with curl prints; nothing where the answer goes to a file."""
    app = make_app(Workplace(folder, models), frozenset({"localhost"}))
    words = iter(shlex.split(command.replace("\\\n", " "))[1:])
    body, headers, address = b"", {}, ""
    for word in words:
        if word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-o":
            next(words)
        elif word in ("-d", "--data-binary"):
            given = next(words)
            file = corpus_folder().parent / given[1:]
            body = file.read_bytes() if given[0] == "@" else given.encode()
        else:
            address = word
    answer = client(app).post(f"http://{address}", content=body, headers=headers)
    if " -o " in command:
        assert answer.status_code == 200
        return ""
    return f"{answer.text}\n"


def test_every_example_with_curl_is_answered_as_shown(models: Path, tmp_path: Path) -> None:
    examples = _EXAMPLE.findall(_PAGE.read_text("utf-8"))
    assert len(examples) >= 5
    for command, shown in examples:
        assert comparable(answered(command, models, tmp_path)) == comparable(shown)
