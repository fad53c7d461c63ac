"""From an address to a connection."""

from __future__ import annotations

import os
from pathlib import Path

from pipeline.database.address import Address, parse_address
from pipeline.database.session import Session
from pipeline.posting import FrontbackError


def connect(url: str, failure: type[FrontbackError], *, exists: bool) -> Session:
    """Return a connection to the database that a URL names.

    Args:
        url: ``postgresql://user:password@host:5432/name``, ``sqlite:///file.db`` or
            ``duckdb:///file.duckdb``.
        failure: what is raised where that fails, and later by the connection.
        exists: whether a file must be there already; otherwise a new one is begun.
    """
    address = parse_address(url, failure)
    if address.kind != "postgresql":
        _check_file(address, failure, exists)
    try:
        return _session(address, failure)
    except ImportError:
        raise failure(
            f"{address.kind}: what speaks to this database is not installed; install it with"
            " pip install 'frontback[sql]'."
        ) from None


def _session(address: Address, failure: type[FrontbackError]) -> Session:
    if address.kind == "postgresql":
        from pipeline.database.postgres import PostgresSession

        return PostgresSession(address.target, failure)
    if address.kind == "duckdb":
        from pipeline.database.duck import DuckSession

        return DuckSession(address.target, failure)
    from pipeline.database.sqlite import SqliteSession

    return SqliteSession(address.target, failure)


def _check_file(address: Address, failure: type[FrontbackError], exists: bool) -> None:
    """Raise ``failure`` where the file cannot be a database; drivers would begin a new one."""
    path = Path(address.target)
    if path.is_dir():
        raise failure(f"{path}: this is a folder; name a file in it.")
    if exists and not path.exists():
        raise failure(f"{path}: no such file; check the name and the folder.")
    if not path.absolute().parent.is_dir():
        raise failure(f"{path}: there is no such folder; create it first.")
    if path.exists() and not os.access(path, os.R_OK):
        raise failure(f"{path}: you may not read this file; ask for access to it.")
