"""Values written into SQL where a parameter cannot stand."""

from __future__ import annotations


def quoted(text: str) -> str:
    """Return a SQL string literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def id_literal(value: bytes) -> str:
    """Return an id as a literal of hexadecimal digits, so nothing can be smuggled in.

    Skip indexes do not see through bound arrays, and fifty calls of `unhex` cost more than the reading.
    """
    return f"x'{value.hex()}'"
