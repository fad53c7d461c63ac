"""Values of a manifest that nobody vouches for: what is not as it should be counts as not there."""

from __future__ import annotations

_LONGEST = 300
_LARGEST = 10**15


def inside(value: object, *keys: str) -> object:
    """Return what lies under these keys, one inside another; None where there is no such thing."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def items(value: object, most: int) -> list[tuple[str, object]]:
    """Return the first keys of an object, each as `text`, with what lies under them."""
    if not isinstance(value, dict):
        return []
    return [(text(key), value[key]) for key in list(value)[:most]]


def listed(value: object, most: int) -> list[object]:
    """Return the first entries of a list."""
    return value[:most] if isinstance(value, list) else []


def text(value: object, longest: int = _LONGEST) -> str:
    """Return a string in one line, cut where it is long, without what would not be seen.

    That is control characters, those that turn the direction of what follows, and halves of
    surrogate pairs, which no file can hold.
    """
    if not isinstance(value, str):
        return ""
    cut = value[:longest] + ("…" if len(value) > longest else "")
    return "".join(each if each.isprintable() else " " for each in cut).strip()


def count(value: object) -> int | None:
    """Return a whole number, 0 or more."""
    return value if type(value) is int and 0 <= value < _LARGEST else None


def number(value: object) -> float | None:
    """Return a number that is finite and not enormous."""
    if type(value) not in (int, float) or not isinstance(value, int | float):
        return None
    # Neither NaN is less, nor an integer of 400 digits, which no float can hold.
    return float(value) if abs(value) < _LARGEST else None


def share(value: object) -> float | None:
    """Return a number from 0 to 1."""
    found = number(value)
    return found if found is not None and 0 <= found <= 1 else None
