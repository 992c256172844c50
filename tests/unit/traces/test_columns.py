"""Columns for people: all of them have a title in both languages, a group and operators that fit."""

from __future__ import annotations

import pytest

from pitwall.signals.rollups import DIMENSIONS as SIGNAL_DIMENSIONS
from pitwall.traces.column_titles import GROUPS, TITLES
from pitwall.traces.columns import COLUMNS, ValueType, find_column
from pitwall.traces.explore_wire import column_view
from pitwall.traces.hours import DIMENSIONS


def test_every_column_has_a_title_and_no_title_is_left_over() -> None:
    """A new column needs its words."""
    assert set(TITLES) == set(COLUMNS)


@pytest.mark.parametrize("name", COLUMNS)
def test_titles_are_words_in_both_languages(name: str) -> None:
    """Korean is Korean, a group exists, and only numbers have a unit."""
    title = TITLES[name]
    assert title.text.en.isascii()
    assert title.text.en[0].isupper()
    assert any("가" <= letter <= "힣" for letter in title.text.ko) or title.text.ko.endswith("ID")
    assert title.group in GROUPS
    assert title.unit is None or COLUMNS[name].type is ValueType.NUMBER


def test_titles_tell_columns_apart() -> None:
    """No two columns are called the same in either language."""
    assert len({title.text.en for title in TITLES.values()}) == len(TITLES)
    assert len({title.text.ko for title in TITLES.values()}) == len(TITLES)


def test_groups_stand_together() -> None:
    """A chooser shows each group once, and none is empty."""
    order = list(dict.fromkeys(title.group for title in TITLES.values()))
    assert order == list(GROUPS)


def test_column_tells_what_may_be_asked_of_it() -> None:
    """Operators, choices, whether its values are counted."""
    status = column_view(COLUMNS["status"])
    assert status["choices"] == ["unset", "ok", "error"]
    assert status["operators"] == ["eq", "ne", "in", "is_null"]
    assert column_view(COLUMNS["duration_ms"])["unit"] == "ms"
    assert column_view(COLUMNS["document_ids"])["is_list"]


def test_facets_are_of_texts_flags_and_few_valued_numbers() -> None:
    """Counting values of ids, times, measures and lists would tell nothing."""
    names = ("model", "status", "cache_hit", "http_status", "attributes.plan")
    assert all(find_column(name).has_facet for name in names)
    others = ("trace_id", "started_at", "duration_ms", "cost_usd", "document_ids", "input_tokens")
    assert not any(find_column(name).has_facet for name in others)


def test_hours_know_the_dimensions_of_the_rollup() -> None:
    """The same that signals read."""
    assert DIMENSIONS == SIGNAL_DIMENSIONS
