"""Which column holds the title, which the text, which a label: found by their names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from pipeline.posting import InputError

# Names that employers' systems and job boards use, the surest first: a sheet that has both a
# description and a column of duties means the description. Compared without case, accents and
# punctuation; schema.org JobPosting's own names (title, description) are among them.
_TEXT = (
    (
        "description|job description|job posting|posting|posting text|job ad|job advert|ad text"
        "|full description|descripcion|descripcion del puesto|descripcion del empleo"
        "|descripcion de la oferta|descripcion oferta|descripcion puesto|texto de la oferta"
        "|descripcion del cargo|descripcion de la vacante|texto oferta|texto anuncio"
        "|texto del anuncio|jobdescription|description html|description text"
        "|oferta|anuncio|beskrivelse|stillingsbeskrivelse|beskriving|stillingsbeskriving"
        "|beskrivelse av stillingen|stillingsomtale|stillingstekst|annonsetekst|stillingsannonse"
        "|annonse|utlysningstekst|utlysing|jobbeskrivelse|jobbtekst"
    ),
    "text|texto|tekst|body|content|contenido|innhold|innhald|details|detalles|detaljer",
    (
        "duties|job duties|responsibilities|main duties|key responsibilities|tasks|funciones"
        "|funciones del puesto|tareas|responsabilidades|funciones y responsabilidades"
        "|arbeidsoppgaver|arbeidsoppgåver|oppgaver|oppgåver|ansvarsområder|ansvarsområde"
    ),
    "job summary|summary|resumen|sammendrag|samandrag|om stillingen|om stillinga|about the job",
)
_TITLE = (
    (
        "title|job title|posting title|position title|titulo|titulo del puesto|puesto"
        "|nombre del puesto|titulo de la oferta|stillingstittel|tittel|stilling|stillingsnavn"
        "|stillingsnamn"
    ),
    "position|role|job|vacancy|cargo|vacante|empleo|yrke|yrkestittel|jobbtittel|overskrift|heading",
    "name|nombre|navn|namn|occupation|ocupacion|profession",
)
_LABEL = (
    "label|labels|gold|gold label|true label|etiqueta|etiquetas|merkelapp|etikett|fasit",
    "office|office type|front back|front or back|oficina|tipo de oficina|kontor|kontortype",
    "class|category|clase|categoria|klasse|kategori",
)
_HEADER_ROWS = 10
#: Letters of a name that a message has room for.
_SHOWN_LETTERS = 60
#: No name that is looked for is longer.
_MOST_LETTERS = 200
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SEPARATORS = re.compile(r"[\W_]+")


class Columns(NamedTuple):
    """Places of the columns that a posting is read from; ``title`` is None where there is none."""

    title: int | None
    text: int


def find_columns(
    names: Sequence[str], source: object, title: str | None = None, text: str | None = None
) -> Columns:
    """Return where title and text are.

    Args:
        names: the header, in order.
        source: what to call the table in a message.
        title, text: names given by the user, which override the search.

    Raises:
        InputError: no column looks like a text, two look equally like one, or a name given
            is not there or there twice.
    """
    text_at = column_named(names, text, source) if text else _search(names, _TEXT, source, "text")
    if text_at is None:
        raise InputError(
            f"{source}: no column looks like the posting's text among: {_shown(names)};"
            " name it with --text-column."
        )
    title_at = (
        column_named(names, title, source) if title else _search(names, _TITLE, source, "title")
    )
    return Columns(None if title_at == text_at else title_at, text_at)


def find_label(names: Sequence[str], source: object, label: str | None = None) -> int:
    """Return where the label of a row is; see `find_columns`."""
    place = column_named(names, label, source) if label else _search(names, _LABEL, source, "label")
    if place is None:
        raise InputError(
            f"{source}: no column looks like a label among: {_shown(names)};"
            " name it with --label-column."
        )
    return place


def place_of(names: Sequence[str], known: str) -> int | None:
    """Return where the first column is that has one of the known names, parted by ``|``."""
    return next((place for place, name in enumerate(names) if normal(name) in _tier(known)), None)


def find_header(
    rows: Sequence[Sequence[object]], text_column: str | None = None
) -> tuple[int, int]:
    """Return which of a table's first rows is its header, and how sure that is.

    Args:
        rows: the rows from the top; without a name the first ten that have a cell count.
        text_column: the column name that the user gave, if any.

    Returns:
        The row's place, and 2 where it names a text and a title or holds the name that was
        given, 1 where the first row that is not blank names a text, 0 where nothing is known.
    """
    named = [
        (place, {normal(str(cell)) for cell in row if cell is not None})
        for place, row in enumerate(rows)
        if any(cell not in (None, "") for cell in row)
    ]
    if not named:
        return 0, 0
    texts, titles = (frozenset().union(*map(_tier, tiers)) for tiers in (_TEXT, _TITLE))
    for place, names in named if text_column else named[:_HEADER_ROWS]:
        wanted = {normal(text_column)} & names if text_column else names & texts and names & titles
        if wanted:
            return place, 2
    first, names = named[0]
    return first, int(bool(names & texts))


def column_named(names: Sequence[str], wanted: str, source: object) -> int:
    """Return where the column of a name is that a user gave.

    Raises:
        InputError: it is not there, or there twice.
    """
    places = [place for place, name in enumerate(names) if name == wanted] or [
        place for place, name in enumerate(names) if normal(name) == normal(wanted)
    ]
    if not places:
        raise InputError(f"{source}: there is no column {wanted!r}; there are: {_shown(names)}.")
    if len(places) > 1:
        raise InputError(f"{source}: {len(places)} columns are called {wanted!r}; rename one.")
    return places[0]


def _shown(names: Sequence[str]) -> str:
    """Return the first names, each as far as a sentence has room for it."""
    return ", ".join(
        f"{name[:_SHOWN_LETTERS]}…" if len(name) > _SHOWN_LETTERS else name or "(blank)"
        for name in names[:20]
    )


def _search(names: Sequence[str], tiers: Sequence[str], source: object, what: str) -> int | None:
    known = [normal(name) for name in names]
    for tier in tiers:
        places = [place for place, name in enumerate(known) if name in _tier(tier)]
        if len(places) > 1:
            both = " and ".join(repr(names[place]) for place in places)
            raise InputError(
                f"{source}: {both} could both be the posting's {what};"
                f" choose one with --{what}-column."
            )
        if places:
            return places[0]
    return None


@cache
def _tier(names: str) -> frozenset[str]:
    return frozenset(normal(name) for name in names.split("|"))


def normal(name: str) -> str:
    """Return a name without case, accents and punctuation."""
    # What is looked at for a header may be a cell of megabytes.
    bare = unicodedata.normalize("NFKD", _CAMEL.sub(" ", name[:_MOST_LETTERS]).casefold())
    bare = "".join(letter for letter in bare if not unicodedata.combining(letter))
    return _SEPARATORS.sub(" ", bare).strip()
