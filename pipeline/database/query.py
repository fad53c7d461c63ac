"""What a user's query may be: one SELECT."""

from __future__ import annotations

import re

# What a semicolon may stand in: texts, names, PostgreSQL's $$texts$$, comments.
_ASIDE = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$(\w*)\$.*?\$\1\$|--[^\n]*|/\*.*?\*/", re.DOTALL
)
_SELECTS = re.compile(r"[\s(]*(select|with|values|table|from)\b", re.IGNORECASE)


def select_of(query: str) -> str | None:
    """Return the query as it can stand in brackets, or None if it is no single SELECT.

    This is for a message that helps. What keeps a query from changing anything is the read-only
    transaction that it runs in, and the brackets, where only a SELECT may stand.
    """
    query = query.strip()
    while query.endswith(";"):
        query = query[:-1].rstrip()
    bare = _ASIDE.sub(" ", query)
    return query if _SELECTS.match(bare) and ";" not in bare else None
