"""Postings out of a database and tags back into it: PostgreSQL, SQLite, DuckDB.

`DatabaseReader` is a reader as those of `pipeline.tables` are, `DatabaseSink` makes a writer; so a
database may stand at either end of a batch, with a file at the other.

Each database is spoken to through its own driver, not through SQLAlchemy: the few statements that
are needed are the same words in all three, DuckDB gives and takes Arrow itself, and SQLite then
needs nothing installed.
"""

from pipeline.database.sink import DatabaseSink
from pipeline.database.source import DatabaseReader

__all__ = ["DatabaseReader", "DatabaseSink"]
