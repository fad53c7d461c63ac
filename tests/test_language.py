import csv
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import Language, detect_languages
from tests.postings import BACK, FRONT

NYNORSK = (
    "Vi søkjer ein medarbeidar som ikkje er redd for å ta i eit tak, og som har lyst til å vere"
)
NEIGHBOURS = {
    "da": "Vi søger en kok til vores skolekøkken. Du laver frokost til 240 elever sammen med"
    " kolleger, bestiller varer og holder styr på egenkontrollen hver uge.",
    "sv": "Vi söker en kock till vårt skolkök. Du lagar lunch till 240 elever tillsammans med två"
    " kollegor och beställer varor varje vecka.",
    "pt": "Procuramos cozinheiro para a nossa cantina escolar. Você prepara o almoço de 240 alunos"
    " e não trabalha aos fins de semana.",
    "gl": "Buscamos unha persoa para a cociña do noso comedor escolar. Prepararás o xantar de 240"
    " nenos xunto con dúas compañeiras e farás os pedidos da semana.",
    "ca": "Busquem una persona per a la cuina del nostre menjador escolar. Prepararàs el dinar de"
    " 240 nens amb dues companyes i faràs les comandes de la setmana.",
    "is": "Við leitum að matreiðslumanni í mötuneyti skólans. Þú eldar hádegismat fyrir 240 börn"
    " ásamt samstarfsfólki og pantar vörur í hverri viku.",
    "fo": "Vit leita eftir einum kokki til skúlakøkin. Tú gert døgurða til 240 næmingar saman við"
    " starvsfeløgum og bílegg vørur hvørja viku.",
    "eu": "Sukaldari bat behar dugu gure eskolako jantokirako. 240 haurrentzako bazkaria prestatuko"
    " duzu bi lankiderekin batera eta astero eskaerak egingo dituzu.",
}
ENGLISH_HALF = (
    "We are looking for a receptionist for our hotel by the harbour. You welcome the guests, check"
    " them in and answer their questions at the desk and on the phone, also at weekends."
)
NORWEGIAN_HALF = (
    "Vi søker en resepsjonist til hotellet vårt ved havnen. Du tar imot gjestene, sjekker dem inn"
    " og svarer på spørsmål i skranken og på telefon, også i helgene."
)
TRADE_TERMS = (
    "Som Senior DevOps Engineer jobber du med CI/CD, Kubernetes, Terraform og Infrastructure as"
    " Code. Du tar del i code reviews, sprint planning og incident management, og hjelper teamene"
    " våre med cloud migration, monitoring og release management. Vi tilbyr fleksibel arbeidstid,"
    " home office og et godt fagmiljø med egne tech talks."
)


@pytest.mark.parametrize("text", [*FRONT.values(), *BACK.values()])
def test_postings_are_recognised_and_capitals_change_nothing(text: str) -> None:
    expected = next(c for part in (FRONT, BACK) for c, t in part.items() if t == text)
    lower, upper = detect_languages([text, text.upper()])
    assert lower.code == upper.code == expected
    assert lower == upper
    assert lower.confidence > 0.9


@pytest.mark.parametrize("language", NEIGHBOURS)
def test_neighbouring_languages_are_other_in_capitals_as_well(language: str) -> None:
    text = NEIGHBOURS[language]
    assert {found.code for found in detect_languages([text, text.upper()])} == {"other"}


@pytest.mark.parametrize(
    "text", ["Ищем официанта для ресторана в центре города", "我们正在招聘服务员" * 5]
)
def test_other_scripts_are_other(text: str) -> None:
    assert detect_languages([text])[0].code == "other"


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        " \t\n\u00a0",
        "Kokk",
        "1234 5678 90",
        "24/7 2026-11-22 +47 22 33 44 55",
        "REF2026NO4711 AB12CD34EF56GH78",
        "🙂🙂🙂",
        "https://example.org/aaaaaaaaaaaaaa",
        "www.example.org/stillinger me@example.org",
        "\ud800\udfff\x00",
        "\x00" * 100,
    ],
)
def test_too_little_text_is_unknown(text: str | None) -> None:
    assert detect_languages([text]) == [Language("unknown", 0.0)]


def test_lone_surrogates_and_nul_do_not_hide_the_language() -> None:
    text = NORWEGIAN_HALF.replace(". ", ". \ud83d\x00 ")
    assert detect_languages([text])[0].code == "no"


def test_bokmaal_and_nynorsk_are_both_norwegian_and_told_apart() -> None:
    bokmaal, nynorsk = detect_languages([FRONT["no"], NYNORSK])
    assert (bokmaal.code, bokmaal.variety) == ("no", "nb")
    assert (nynorsk.code, nynorsk.variety) == ("no", "nn")


def test_only_norwegian_has_a_variety() -> None:
    texts = [*FRONT.values(), *NEIGHBOURS.values(), ""]
    assert all(bool(found.variety) == (found.code == "no") for found in detect_languages(texts))


@pytest.mark.parametrize("halves", [(ENGLISH_HALF, NORWEGIAN_HALF), (NORWEGIAN_HALF, FRONT["es"])])
def test_a_text_in_two_languages_is_mixed_whichever_comes_first(halves: tuple[str, str]) -> None:
    first, second = halves
    found = detect_languages([f"{first}\n\n{second}", f"{second}\n\n{first}", first, second])
    assert [each.mixed for each in found] == [True, True, False, False]


def test_english_trade_terms_make_a_norwegian_posting_neither_other_nor_mixed() -> None:
    found = detect_languages([TRADE_TERMS])[0]
    assert (found.code, found.variety, found.mixed) == ("no", "nb", False)


def test_langdetect_answers_where_it_is_asked_for(frontback, tmp_path) -> None:
    sheet = tmp_path / "postings.csv"
    sheet.write_text(f'text\n"{FRONT["es"]}"\n"{FRONT["no"]}"\n', "utf-8")
    asked = ("--detector", "langdetect")
    assert frontback("detect", *asked, NYNORSK).out == "no 1.00\n"
    assert frontback("tag", "--json", *asked, FRONT["en"]).out.count('"language": "en"') == 1
    for command in ("detect", "batch"):
        output = tmp_path / f"{command}.csv"
        result = frontback(command, sheet, "-o", output, *asked)
        assert result.code == 0, result.err
        with output.open(encoding="utf-8", newline="") as file:
            assert [row["language"] for row in csv.DictReader(file)] == ["es", "no"]
    assert detect_languages([FRONT["no"]], "langdetect")[0].variety == ""


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(codec=None), max_size=200))
def test_any_string_gets_an_answer_and_the_same_one_twice(text: str) -> None:
    first, second = detect_languages([text]), detect_languages([text])
    assert first == second
    assert 0.0 <= first[0].confidence <= 1.0


def test_another_process_gives_the_same_confidence() -> None:
    code = "from pipeline import detect_languages; print(detect_languages(['%s'])[0].confidence)"
    texts = ["vi søker kokk til jobben din", "buscamos en el centro"]
    for text in texts:
        runs = {
            subprocess.run(
                [sys.executable, "-c", code % text], capture_output=True, check=True
            ).stdout
            for _ in range(2)
        }
        assert runs == {f"{detect_languages([text])[0].confidence}\n".encode()}
