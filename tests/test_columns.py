import pytest

from pipeline import InputError
from pipeline.tables.columns import Columns, find_columns


@pytest.mark.parametrize(
    ("header", "title", "text"),
    [
        (["Ref", "Stillingstittel", "Beskrivelse"], 1, 2),
        (["Puesto", "Ciudad", "DESCRIPCIÓN"], 0, 2),
        (["Título del puesto", "Funciones"], 0, 1),
        (["job_title", "jobDescription", "salary"], 0, 1),
        (["@type", "title", "description", "datePosted"], 1, 2),
        (["arbeidsoppgåver", "tittel"], 1, 0),
        (["id", "text"], None, 1),
        (["Tittel", "Arbeidsoppgaver", "Beskrivelse"], 0, 2),
        (["\ufeffDescription", "Title"], 1, 0),
    ],
)
def test_columns_are_found_by_their_names_in_three_languages(header, title, text) -> None:
    assert find_columns(header, "sheet") == Columns(title, text)


def test_two_equal_candidates_are_an_error_that_names_them() -> None:
    with pytest.raises(InputError, match=r"'Description' and 'Descripción' .* --text-column"):
        find_columns(["Title", "Description", "Descripción"], "sheet")
    with pytest.raises(InputError, match=r"'Tittel' and 'Stilling' .* --title-column"):
        find_columns(["Tittel", "Stilling", "Tekst"], "sheet")


def test_no_candidate_is_an_error_that_shows_the_header() -> None:
    with pytest.raises(InputError, match=r"no column .* among: a, b, \(blank\); .*--text-column"):
        find_columns(["a", "b", ""], "sheet")


def test_the_user_overrides_the_search() -> None:
    header = ["Title", "Description", "Descripción", "Notes"]
    assert find_columns(header, "sheet", text="Notes", title="Description") == Columns(1, 3)
    assert find_columns(header, "sheet", text="notes") == Columns(0, 3)
    with pytest.raises(InputError, match="there is no column 'Nota'; there are: Title, "):
        find_columns(header, "sheet", text="Nota")
    with pytest.raises(InputError, match="2 columns are called 'x'"):
        find_columns(["x", "x"], "sheet", text="x")
