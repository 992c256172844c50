"""The reference of the dialects is what the tables say."""

from __future__ import annotations

from pathlib import Path

from pitwall.ingest.mapping.docs import reference
from pitwall.ingest.mapping.tables import DIALECTS, SLOTS

_PAGE = Path(__file__).parents[4] / "docs" / "reference" / "dialects.md"


def test_page_in_the_repository_is_current() -> None:
    """`python -m pitwall.ingest.mapping.docs docs/reference/dialects.md` writes it."""
    assert _PAGE.read_text(encoding="utf-8") == reference()


def test_page_names_every_dialect_and_every_key() -> None:
    """What is read stands on the page."""
    page = reference()
    assert all(f"(`{name}`)" in page for name, _ in DIALECTS)
    assert all(f"`{key}" in page for key in SLOTS)
