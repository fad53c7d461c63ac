"""What users of scikit-learn hold postings in: lists, arrays, frames."""

from __future__ import annotations

from typing import Any

from pipeline.posting import Posting


def postings_of(X: Any) -> list[Posting]:
    """Return the postings that X holds.

    Args:
        X: postings, tuples of title and text, or bare texts; an array of shape (n, 2) of them; or
            a frame of pandas, polars or Arrow with a column ``text``, and one ``title`` where
            there are titles. A gap (None, NaN) is an empty text.

    Raises:
        ValueError: X is empty, or a frame has no column ``text``.
        TypeError: X is something else.
    """
    if isinstance(X, str):
        raise TypeError("X is one text; it must be a list of postings: [X]")
    names = getattr(X, "column_names", None) or getattr(X, "columns", None)
    if names is not None:
        if "text" not in names:
            raise ValueError(f"X has columns {list(names)}; it needs 'text'")
        texts = _column(X["text"])
        titles = _column(X["title"]) if "title" in names else [""] * len(texts)
        rows: list[Any] = list(zip(titles, texts, strict=True))
    else:
        rows = _column(X)
    if not rows:
        raise ValueError("X holds 0 postings; a minimum of 1 is required")
    return [_posting(row, number) for number, row in enumerate(rows)]


def _column(values: Any) -> list[Any]:
    """Return a list, array or column as a list of Python's own objects."""
    for name in ("to_pylist", "to_list", "tolist"):
        if hasattr(values, name):
            return list(getattr(values, name)())
    return list(values)


def _posting(row: Any, number: int) -> Posting:
    pair = row if isinstance(row, (tuple, list)) else ("", row)
    if len(pair) != 2:
        raise TypeError(
            f"X must hold texts, or pairs of title and text; number {number} has {len(pair)} parts"
        )
    return Posting(*(_text(cell, number) for cell in pair))


def _text(cell: Any, number: int) -> str:
    if cell is None or cell != cell:  # NaN and pandas.NaT are unlike themselves
        return ""
    if not isinstance(cell, str):
        kind = type(cell).__name__
        raise TypeError(f"titles and texts must be str or None; number {number} has {kind}")
    return cell
