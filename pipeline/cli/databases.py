"""A database instead of a file at either end of ``frontback batch``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from pipeline.cli.options import Command
    from pipeline.database.job import DatabaseJob

_OPTIONS = (
    click.option("--from", "from_url", metavar="URL", help="Database to read, in place of INPUT."),
    click.option("--table", metavar="NAME", help="Its table or view with the postings."),
    click.option("--query", metavar="SQL", help="SELECT that gives the postings, for --table."),
    click.option("--key", metavar="NAME", help="Column that tells the rows apart."),
    click.option("--to", "to_url", metavar="URL", help="Database to write, in place of -o."),
    click.option("--into", metavar="NAME", help="Its table for the tags; made if need be."),
)


class Ends(NamedTuple):
    """What was said of databases."""

    from_url: str | None
    table: str | None
    query: str | None
    key: str | None
    to_url: str | None
    into: str | None

    def check(self, inputs: tuple[str, ...], output: Path | None, form: dict[str, Any]) -> None:
        """Raise `click.UsageError` where the options do not go together."""
        for wrong, what in (
            (bool(inputs) == bool(self.from_url), "name an INPUT or a database with --from."),
            (bool(output) == bool(self.to_url), "name an output with -o or a database with --to."),
            (
                bool(self.from_url) != bool(self.table or self.query),
                "--from takes --table or --query.",
            ),
            (self.table and self.query, "--from takes --table or --query, not both."),
            (bool(self.to_url) != bool(self.into), "--to takes --into, the table's name."),
            (self.key and not self.used, "--key is for a database."),
            (self.used and len(inputs) > 1, "into a database goes one table at a time."),
            (
                self.used and form["resume"],
                "with a database, run the same command again; leave --resume out.",
            ),
            (
                self.used and form["shard"] != (1, 1),
                "with a database, take parts by --query; leave --shard out.",
            ),
            (self.used and "-" in (*inputs, str(output)), "with a database, name a file, not -."),
        ):
            if wrong:
                raise click.UsageError(what)

    @property
    def used(self) -> bool:
        """Whether there is a database at either end."""
        return bool(self.from_url or self.to_url)

    def job(
        self, inputs: tuple[str, ...], output: Path | None, form: dict[str, Any]
    ) -> DatabaseJob:
        """Connect, and return the job."""
        from pipeline.database import DatabaseReader, DatabaseSink
        from pipeline.database.job import prepare

        target: Path | DatabaseSink | None = output
        if self.to_url and self.into:
            target = DatabaseSink(self.to_url, self.into, self.key)
        source: Path | DatabaseReader = Path(*inputs)
        if self.from_url:
            source = DatabaseReader(self.from_url, self.table, self.query, self.key)
        assert target is not None  # checked
        form = {name: value for name, value in form.items() if name not in ("resume", "shard")}
        return prepare(source, target, **form)


def database_options(command: Command) -> Command:
    """Give a command the options of databases."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
