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
DANISH = (
    "Vi søger en kok til vores skolekøkken. Du laver frokost til 240 elever sammen med kolleger,"
)
DANISH += " bestiller varer og holder styr på egenkontrollen hver uge."
SWEDISH = "Vi söker en kock till vårt skolkök. Du lagar lunch till 240 elever tillsammans med två"
SWEDISH += " kollegor och beställer varor varje vecka."
PORTUGUESE = (
    "Procuramos cozinheiro para a nossa cantina escolar. Você prepara o almoço de 240 alunos"
)
PORTUGUESE += " e não trabalha aos fins de semana."


@pytest.mark.parametrize("text", [*FRONT.values(), *BACK.values()])
def test_postings_are_recognised_and_capitals_change_nothing(text: str) -> None:
    expected = next(c for part in (FRONT, BACK) for c, t in part.items() if t == text)
    lower, upper = detect_languages([text, text.upper()])
    assert lower.code == upper.code == expected
    assert lower.confidence > 0.9


@pytest.mark.parametrize("text", [DANISH, SWEDISH, PORTUGUESE])
def test_neighbouring_languages_are_other(text: str) -> None:
    assert detect_languages([text])[0].code == "other"


@pytest.mark.parametrize(
    "text", ["Ищем официанта для ресторана в центре города", "我们正在招聘服务员" * 5]
)
def test_other_scripts_are_other(text: str) -> None:
    assert detect_languages([text])[0].code == "other"


@pytest.mark.parametrize(
    "text", [None, "", "Kokk", "1234 5678 90", "🙂🙂🙂", "https://example.org/aaaaaaaaaaaaaa"]
)
def test_too_little_text_is_unknown(text: str | None) -> None:
    assert detect_languages([text]) == [Language("unknown", 0.0)]


def test_bokmaal_and_nynorsk_are_both_norwegian_and_told_apart() -> None:
    bokmaal, nynorsk = detect_languages([FRONT["no"], NYNORSK])
    assert (bokmaal.code, bokmaal.variety) == ("no", "nb")
    assert (nynorsk.code, nynorsk.variety) == ("no", "nn")


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
