"""How generated SQL reaches an attribute: expressions over `known` (see `flatten`)."""

from __future__ import annotations

from pitwall.ingest.mapping.tables import FIELD_NUMBERS


def field(name: str) -> str:
    """The best non-empty value of a raw field as text, '' when there is none."""
    return f"known[{FIELD_NUMBERS[name]}]"


def has_field(name: str) -> str:
    """Condition: some key of the field or list has a value."""
    return f"mapContains(known, {FIELD_NUMBERS[name]})"


def name_field(name: str) -> str:
    """Like `field` for short names; MLflow sends them as JSON, in quotes."""
    return f"trimBoth({field(name)}, '\"')"
