"""The reference of the settings is complete and current."""

from __future__ import annotations

from pathlib import Path

from pitwall.settings.docs import reference
from pitwall.settings.sources import ALIASES, setting_description, setting_fields, variable_name

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "settings.md"


def test_reference_page_is_current() -> None:
    """The page is what the class says; `python -m pitwall.settings.docs` writes it."""
    assert PAGE.read_text("utf-8") == reference()


def test_every_setting_and_every_name_of_it_has_its_entry() -> None:
    """Nothing that can be set is missing: paths, variables, aliases, each with its meaning."""
    page = PAGE.read_text("utf-8")
    names = {*setting_fields(), *map(variable_name, setting_fields()), *ALIASES}
    assert {name for name in names if f"`{name}`" not in page} == set()
    assert [path for path in setting_fields() if not setting_description(path)] == []
