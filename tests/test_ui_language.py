"""The terminal in English, Spanish and Norwegian, by --ui-language."""

from __future__ import annotations

import json
import re
import shutil
import string
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipeline import Tagger, wording
from pipeline.batch import Summary, run
from pipeline.cli import frontback as group
from pipeline.cli.console import results
from pipeline.cli.progress import progress, summary_table
from pipeline.explanation import explain_posting
from pipeline.explanation_page import to_page
from pipeline.job import prepare
from pipeline.language_scores import OURS
from pipeline.profiles import load_profiles
from pipeline.tables import open_table
from pipeline.wording import UI_LANGUAGES, Wording, choose
from tests.conftest import SAMPLES, Result
from tests.postings import FRONT
from tests.test_explain import DESK
from tests.test_resume import SETTINGS, stopped_after
from tests.test_tables import COUNTED

Run = Callable[..., Result]

OTHERS = [code for code in UI_LANGUAGES if code != "en"]
_FOLDER = Path(wording.__file__).parent
#: What each command is called with, and words of what it then says.
COMMANDS: dict[str, tuple[list[object], dict[str, list[str]]]] = {
    "tag": (
        [FRONT["es"]],
        {
            "es": ["p(front) 1,", "contacto ", "español"],
            "no": ["p(front) 1,", "kontakt ", "spansk"],
        },
    ),
    "explain": (
        [DESK],
        {
            "es": [" contacto ", " otra tarea ", " base", "Sin esta línea: back 0,", "danés (+"],
            "no": [" kontakt ", " annet ", " grunnlag", "Uten denne linjen: back 0,", "dansk (+"],
        },
    ),
    "batch": (
        [SAMPLES / "ofertas.csv", "-o", "out.csv"],
        {
            "es": ["separado por punto y coma", "título de", "21 filas en", "revisar", "sin texto"],
            "no": ["delt med semikolon", "tittel fra", "21 rader på", "se over", "uten tekst"],
        },
    ),
    "detect": (
        [SAMPLES / "stillinger.xlsx", "-o", "out.xlsx"],
        {
            "es": ["(hoja 'Stillinger')", "19 filas en", "idioma", "58 %"],
            "no": ["(ark 'Stillinger')", "19 rader på", "språk", "58 %"],
        },
    ),
    "watch": (
        ["in", "-o", "out", "--once", "--every", "0.1"],
        {"es": ["21 filas en", "caso dudoso"], "no": ["21 rader på", "tvilstilfelle"]},
    ),
    "monitor": (
        [SAMPLES / "ofertas.csv"],
        {
            "es": ["por no tener texto: 1", "0,9-1,0", "muy pocas filas", "con que se entrenó"],
            "no": ["de mangler tekst: 1", "0,9-1,0", "for få rader", "ble trent på"],
        },
    ),
}


@pytest.fixture
def called(frontback: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command in a folder of its own, in which a table has arrived."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "in").mkdir()
    shutil.copy(SAMPLES / "ofertas.csv", tmp_path / "in")
    return frontback


@pytest.fixture
def chosen() -> Iterator[Callable[[str], None]]:
    """Chooses a language for what is called without a command line."""
    yield choose
    choose("")


def _said(language: str) -> Iterator[str]:
    """Yield what stands between the values in the sentences of a language."""
    for path in sorted((_FOLDER / language).glob("*.toml")):
        yield from _fragments(tomllib.loads(path.read_text("utf-8")))


def _fragments(content: dict[str, Any]) -> Iterator[str]:
    for value in content.values():
        if isinstance(value, dict):
            yield from _fragments(value)
        else:
            parts = (part.strip(" ,.:;()") for part, *_ in string.Formatter().parse(value))
            yield from (part for part in parts if len(part) > 2)


def leftovers(text: str, language: str) -> list[str]:
    """Return the English words in a text that this language has others for."""
    english = set(_said("en")) - set(_said(language))
    return [each for each in english if re.search(rf"\b{re.escape(each)}\b", text)]


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_says_all_in_the_language_asked_for(
    called: Run, command: str, language: str
) -> None:
    arguments, expected = COMMANDS[command]
    result = called(command, *arguments, "--ui-language", language)
    assert result.code == 0, result.err
    shown = (result.out + result.err).replace("\N{NO-BREAK SPACE}", " ")
    assert [each for each in expected[language] if each not in shown] == []
    # The columns that are added keep the names that they have in the table, and cells are as found.
    lines = [line for line in shown.splitlines() if "p_front, share" not in line]
    assert leftovers("\n".join(lines).replace("'Stillinger'", ""), language) == []


def test_english_left_over_would_be_found(called: Run) -> None:
    shown = called("explain", DESK).out
    assert {"Without this line", "rather than", "contact"} <= set(leftovers(shown, "es"))


@pytest.mark.parametrize("language", OTHERS)
def test_a_page_is_in_the_language_and_says_so(
    tagger: Tagger, chosen: Callable[[str], None], language: str
) -> None:
    explanation = explain_posting(tagger, DESK)
    assert '<html lang="en">' in to_page(explanation)
    chosen(language)
    page = to_page(explanation)
    assert f'<html lang="{language}">' in page
    shown = re.sub(r"<(style|head).*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    assert leftovers(shown, language) == []
    assert "<" not in "".join(_said(language))  # what goes into a page unescaped


@pytest.mark.parametrize("command", ["tag", "explain", "detect"])
def test_json_is_the_same_in_all_languages(called: Run, command: str) -> None:
    asked = [called(command, "--json", DESK, "--ui-language", each).out for each in UI_LANGUAGES]
    assert asked[0] == asked[1] == asked[2]
    assert json.loads(asked[0])


def test_a_table_and_its_summary_are_the_same_in_all_languages(called: Run, tmp_path: Path) -> None:
    summaries, tables = [], []
    for language in UI_LANGUAGES:
        result = called(
            "batch", SAMPLES / "ofertas.csv", "-o", "out.csv", "--explain", "--json",
            "--overwrite", "--ui-language", language,
        )  # fmt: skip
        tables.append((tmp_path / "out.csv").read_bytes())
        summaries.append(json.loads(result.out) | {"seconds": 0})
    assert tables[0] == tables[1] == tables[2]
    assert summaries[0] == summaries[1] == summaries[2]
    assert summaries[0]["office"]["review"] == 6


def test_the_drift_for_a_program_is_the_same_in_all_languages(called: Run) -> None:
    table = SAMPLES / "ofertas.csv"
    asked = [called("monitor", table, "--json", "--ui-language", each).out for each in UI_LANGUAGES]
    assert asked[0] == asked[1] == asked[2]


def test_the_option_comes_before_the_environment_and_a_command_s_before_the_group_s(
    called: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(wording.ENVIRONMENT_VARIABLE, "es")
    assert "español" in called("tag", FRONT["es"]).out
    assert "spansk" in called("--ui-language", "no", "tag", FRONT["es"]).out
    assert "Spanish" in called("--ui-language", "no", "tag", "--ui-language", "en", FRONT["es"]).out


def test_what_one_call_chose_is_not_the_choice_of_the_next(called: Run) -> None:
    assert "spansk" in called("--ui-language", "no", "tag", FRONT["es"]).out
    assert wording.words().language == "en"
    assert "Spanish" in called("tag", FRONT["es"]).out


def test_a_call_without_the_program_around_it_starts_anew_too(
    models: Path, chosen: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTBACK_MODELS", str(models))
    chosen("no")
    assert "Spanish" in CliRunner().invoke(group, ["tag", FRONT["es"]]).output


@pytest.mark.parametrize("at", [0, 1])
def test_a_language_that_there_is_not_is_refused(called: Run, at: int) -> None:
    arguments: list[object] = ["tag", FRONT["es"]]
    arguments[at:at] = ["--ui-language", "da"]
    result = called(*arguments)
    assert result.code == 2
    assert "'da' is not one of 'en', 'es', 'no'" in result.err
    assert result.out == ""


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", ["1,234 rows in 1.5 s, 34 of them from the run before", "1,200", "97%"]),
        ("es", ["1.234 filas en 1,5 s, 34 de ellas ya hechas antes", "1.200", "97 %"]),
        ("no", ["1 234 rader på 1,5 s, 34 av dem var ferdige fra før", "1 200", "97 %"]),
    ],
)
def test_numbers_are_those_of_the_language(
    chosen: Callable[[str], None], language: str, shown: list[str]
) -> None:
    chosen(language)
    console = results()
    counts = {"office": Counter(front=1200, back=34)}
    with console.capture() as captured:
        console.print(summary_table(Summary(1234, 34, 1.5, counts)))
    text = captured.get().replace("\N{NO-BREAK SPACE}", " ")
    assert [each for each in shown if each not in text] == []


@pytest.mark.parametrize(
    ("language", "what", "unit", "line"),
    [
        ("en", "tagging", "rows", r"tagging: 2,000 of 9,000 rows, [\d,]+ a second, \d+ s left"),
        ("es", "tagging", "rows", r"etiquetando: 2.000 de 9.000 filas, [\d.]+ por segundo, queda"),
        ("no", "training", "steps", "trener: 2\xa0000 av 9\xa0000 trinn, \\d+ s igjen"),
        ("no", "counting", "sheep", "counting: 2\xa0000 av 9\xa0000 sheep, \\d+ s igjen"),
    ],
)
def test_a_line_of_progress_is_in_the_language(
    chosen: Callable[[str], None], monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], language: str, what: str, unit: str, line: str,
) -> None:  # fmt: skip
    chosen(language)
    monkeypatch.setattr("pipeline.cli.progress._LINE_SECONDS", 0.0)
    with progress(9000, what, unit=unit) as advance:
        advance(2000)
    assert re.match(line, capsys.readouterr().err)


def test_a_run_goes_on_for_someone_who_reads_another_language(
    tmp_path: Path, chosen: Callable[[str], None]
) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(b"title;text\r\n" + b"Kokk;Vi steker og koker hver dag\r\n" * 3000)
    chosen("es")
    job = prepare(source, tmp_path / "out.csv")
    assert job.reader.described == "UTF-8, separado por punto y coma, CRLF"
    stopped_after(1, job)
    chosen("no")
    again = prepare(source, tmp_path / "out.csv", resume=True)
    assert again.reader.described == "UTF-8, delt med semikolon, CRLF"
    assert run(again, COUNTED, SETTINGS).recalled > 0


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_odd_about_a_table_is_told_in_the_language(
    tmp_path: Path, chosen: Callable[[str], None], language: str
) -> None:
    table = tmp_path / "in.csv"
    table.write_text('text,,a,a\nx\n=1,2,3,4\nz,"y,3,4\n', encoding="utf-8")
    english = open_table(table)
    chosen(language)
    reader = open_table(table)
    assert len(reader.notes) == len(english.notes) == 5
    assert leftovers("\n".join([*reader.notes, reader.described]), language) == []
    assert all("2" in note or "3" in note or "4" in note for note in reader.notes)


@pytest.mark.parametrize("language", UI_LANGUAGES)
def test_every_language_that_can_be_told_has_a_name(language: str) -> None:
    said = Wording(language)
    for code in {*map(str, load_profiles().languages), *OURS}:
        assert len(said(f"explanation.language.{code}")) > 3
