"""What was found out about the form of a table: encoding, delimiter, sheet."""

from __future__ import annotations

from pipeline.tables.dialect import DELIMITERS
from pipeline.wording import Wording

#: Names of ``tables.form`` in the wording, and what each is of: a codec, a delimiter, a sheet.
Form = tuple[tuple[str, str], ...]


def described(form: Form, said: Wording) -> str:
    """Return in a few words what a person would call such a file; empty for no form at all."""
    return ", ".join(_part(name, value, said) for name, value in form)


def _part(name: str, value: str, said: Wording) -> str:
    if name == "separated":
        known = DELIMITERS.get(value)
        value = said(f"tables.delimiter.{known}") if known else repr(value)
    return said(f"tables.form.{name}", value=value)
