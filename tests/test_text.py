import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text import MAX_CHARS, clean


@given(st.text(st.characters(codec=None)))
def test_any_string_is_accepted_and_comes_back_encodable_and_composed(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not any(unicodedata.category(c) == "Cc" and c != "\n" for c in cleaned)


@given(st.text("abcæøåñ éñ \n\t\r.,;-"))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize("nothing", [None, "", " \n\t ", "\x00\x01", "<p> </p>", "&nbsp;"])
def test_nothing_readable_is_an_empty_text(nothing: str | None) -> None:
    assert clean(nothing) == ""


def test_markup_goes_and_blocks_become_lines() -> None:
    html = "<h2>Oppgaver</h2><ul><li>Betjene <b>kun</b>der</li><li>Kasse</li></ul>"
    assert clean(html) == "Oppgaver\nBetjene kunder\nKasse"


def test_scripts_styles_and_comments_are_not_read() -> None:
    html = "<style>p{color:red}</style><p>Kokk</p><script>alert(1)</script><!-- skjult -->"
    assert clean(html) == "Kokk"


def test_escaped_markup_is_markup_too() -> None:
    assert clean("&lt;p&gt;Atenci&amp;oacute;n&lt;/p&gt;") == "Atención"


def test_a_smaller_than_sign_is_no_markup() -> None:
    assert clean("Lønn < 500 000 og alder > 18") == "Lønn < 500 000 og alder > 18"


def test_decomposed_letters_are_composed_and_soft_hyphens_removed() -> None:
    assert clean("pa\u030a kunde\u00adservice") == "på kundeservice"


def test_lines_stay_lines_whatever_their_ends() -> None:
    assert clean("a\r\nb\rc\n\n\n d") == "a\nb\nc\nd"


def test_a_cell_of_five_megabytes_is_cut_not_refused() -> None:
    assert len(clean("ord " * 1_250_000)) <= MAX_CHARS


def test_markup_nested_ten_thousand_deep_is_read() -> None:
    assert "Kokk" in clean("<div>" * 10_000 + "Kokk")


def test_references_to_control_characters_are_spaces() -> None:
    assert clean("<p>Kasse&#11;og&#x1f;varer</p><p>b</p>") == "Kasse og varer\nb"
