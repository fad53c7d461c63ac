"""One trained model for the whole suite, and the command line as a function."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from pipeline import Tagger
from pipeline.cli import main
from pipeline.labelled import Corpus, read_corpus
from pipeline.places import corpus_folder
from pipeline.training import train

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

    from tests.databases import Database

_MAIN = ("-c", "from pipeline.cli import main; main()")
SAMPLES = corpus_folder() / "samples"


class Result(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with the default model in it."""
    folder = tmp_path_factory.mktemp("models")
    train([corpus_folder()], folder)
    return folder


@pytest.fixture(scope="session")
def tagger(models: Path) -> Tagger:
    return Tagger.load(models=models)


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    return read_corpus(corpus_folder())


@pytest.fixture
def frontback(
    models: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Result]:
    """The command line, in this process: frontback("tag", "…") -> code, stdout, stderr."""
    monkeypatch.setenv("FRONTBACK_MODELS", str(models))
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)  # what main changes comes back

    def run(*arguments: object) -> Result:
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit_:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Result(int(exit_.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture
def start(models: Path) -> Callable[..., subprocess.Popen[str]]:
    """The command line as a process of its own, for signals, pipes and limits."""

    def run(*arguments: object, program: bool = False, **options: object) -> subprocess.Popen[str]:
        environment = os.environ | {"FRONTBACK_MODELS": str(models), "PYTHONUTF8": "1"}
        return subprocess.Popen(
            [sys.executable, *(() if program else _MAIN), *map(str, arguments)],
            env=environment | options.pop("env", {}),
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | options,
        )

    return run


@pytest.fixture
def as_nobody(tmp_path: Path):
    """Give up root's rights for a while, where the tests run as root."""
    if os.name != "posix":
        pytest.skip("POSIX permissions")
    for parent in (tmp_path, *tmp_path.parents[:3]):  # one more where several run at once
        parent.chmod(0o755)

    @contextmanager
    def limited():
        before = os.geteuid()
        os.seteuid(before or 65534)
        try:
            yield
        finally:
            os.seteuid(before)

    return limited


@pytest.fixture
def small_corpus(tmp_path: Path) -> Path:
    """A corpus folder that trains in a second: see `write_small_corpus`."""
    return write_small_corpus(tmp_path / "small")


def write_small_corpus(folder: Path) -> Path:
    """Write a corpus of 30 English postings a label, from the real one."""
    (folder / "postings").mkdir(parents=True)
    taken = {"front": 0, "back": 0}
    kept = []
    for line in (corpus_folder() / "postings" / "en.jsonl").read_text("utf-8").splitlines():
        posting = json.loads(line)
        if posting["kind"] == "plain" and taken[posting["label"]] < 30:
            taken[posting["label"]] += 1
            kept.append(line)
    (folder / "postings" / "en.jsonl").write_text("\n".join(kept) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a PostgreSQL that runs as long as the tests do."""
    from tests.postgres_server import NoServerError, postgres

    with ExitStack() as stack:
        try:
            url = stack.enter_context(postgres())
        except NoServerError as error:
            pytest.skip(f"no PostgreSQL can be started here: {error}")
        yield url


@pytest.fixture(params=["postgresql", "sqlite", "duckdb"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database, of each kind in turn."""
    from tests.databases import Database, own_database  # their drivers are loaded for those alone

    if request.param == "postgresql":
        with own_database(request.getfixturevalue("postgres_url")) as made:
            yield made
    else:
        yield Database(f"{request.param}:///{tmp_path / 'hr.db'}")


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[Database]:
    """An empty PostgreSQL database."""
    from tests.databases import own_database

    with own_database(postgres_url) as made:
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium; as long as it runs, asyncio can run nothing else in this thread."""
    from tests.browser import started  # for those alone

    with started() as found:
        yield found


@pytest.fixture(scope="module")
def site(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `frontback serve` with the default model, for the tests of one file."""
    from tests.browser import chromium, served

    chromium()  # nothing is served where nobody would look
    with served(models, tmp_path_factory.mktemp("data")) as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page in English; nothing may go wrong in it, nor be asked of another server."""
    from tests.browser import is_here

    context = browser.new_context(locale="en-GB", reduced_motion="reduce")
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            found.append(message.text)

    page = context.new_page()
    page.set_default_timeout(20_000)
    page.on("console", note)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("request", lambda each: is_here(each.url) or found.append(f"asked for {each.url}"))
    yield page
    context.close()
    assert found == []
