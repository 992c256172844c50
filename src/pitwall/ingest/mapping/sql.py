"""Small builders for SQL text. Every literal here comes from our own tables, never from telemetry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def quote(text: str) -> str:
    """A string literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def strings(texts: Iterable[str]) -> str:
    """An array of string literals."""
    return "[" + ", ".join(quote(text) for text in texts) + "]"


def numbers(values: Iterable[int]) -> str:
    """An array of integer literals."""
    return "[" + ", ".join(str(value) for value in values) + "]"


def element(expression: str, *path: str) -> str:
    """A member of a tuple, or of every tuple in an array.

    `a.b` would mean the same and costs the analyzer a millisecond each on types as wide as OTLP's.
    """
    for name in path:
        expression = f"tupleElement({expression}, '{name}')"
    return expression


def lookup(expression: str, table: Mapping[str, str], default: str) -> str:
    """`table[expression]`, or the SQL expression `default` when it is not there."""
    return f"transform({expression}, {strings(table)}, {strings(table.values())}, {default})"


def first_non_empty(*expressions: str) -> str:
    """The first expression that is not the empty string; later ones are evaluated only where needed."""
    *earlier, last = expressions
    arms = ", ".join(f"notEmpty({expression}), {expression}" for expression in earlier)
    return f"multiIf({arms}, {last})" if arms else last


def select(columns: Mapping[str, str], source: str) -> str:
    """`SELECT expression AS name, ... FROM source`, one column a line."""
    body = ",\n  ".join(
        name if expression == name else f"{expression} AS {name}" for name, expression in columns.items()
    )
    return f"SELECT\n  {body}\nFROM {source}"
