"""Addresses of databases: which one is meant, and how it is called where people read it."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from pipeline.posting import FrontbackError

Kind = Literal["postgresql", "sqlite", "duckdb"]

# "postgresql+psycopg" is how SQLAlchemy names the same database and its driver.
_URL = re.compile(r"(?P<kind>[a-z][a-z0-9]*)(\+\w+)?://(?P<rest>.*)", re.DOTALL)
_KINDS: Final[dict[str, Kind]] = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "sqlite": "sqlite",
    "duckdb": "duckdb",
}


class Address(NamedTuple):
    """Where a database is.

    Attributes:
        kind: which one it is.
        target: what its driver takes: a PostgreSQL URI, which may hold a password, or a file.
    """

    kind: Kind
    target: str


def parse_address(url: str, failure: type[FrontbackError]) -> Address:
    """Return what a URL names; ``failure`` is raised where it names no database.

    Messages never repeat a URL that was not understood: there may be a password in it.
    """
    found = _URL.match(url)
    if found is None:
        raise failure(
            "the address of the database cannot be read; write postgresql://user@host/name,"
            " sqlite:///file.db or duckdb:///file.duckdb."
        )
    kind = _KINDS.get(found["kind"])
    if kind is None:
        raise failure(
            f"{found['kind']}: not a database that is known here; use postgresql, sqlite or duckdb."
        )
    if kind == "postgresql":
        return Address(kind, f"postgresql://{found['rest']}")
    file = found["rest"].removeprefix("/")
    if file == found["rest"] or not file:
        raise failure(
            f"{kind}: the address names no file; write {kind}:///folder/file.db, with one more"
            f" slash ({kind}:////folder/file.db) where the folder stands at the top of the disk."
        )
    return Address(kind, file)
