"""Filters: what the compact form means, and what a wrong one is told."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pitwall.core.errors import InvalidInput
from pitwall.traces.columns import COLUMNS, Operator, UnknownColumn, ValueType
from pitwall.traces.filters import FilterInvalid, compile_filters, make_filter, parse_filter

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_value_is_everything_after_the_second_colon() -> None:
    """A model's name with a colon needs no quotes."""
    item = parse_filter("model:eq:qwen2.5:7b", now=NOW)
    assert (item.column.name, item.operator, item.values) == ("model", Operator.EQ, ("qwen2.5:7b",))


def test_escaped_comma_belongs_to_the_value() -> None:
    """`in` splits at commas; a backslash keeps one, and two are one backslash."""
    item = parse_filter(r"name:in:a\,b,c\\,d", now=NOW)
    assert item.values == ("a,b", "c\\", "d")


@given(st.lists(st.text(min_size=1).filter(lambda text: "\x00" not in text), min_size=1, max_size=5))
def test_in_reads_back_any_values(values: list[str]) -> None:
    """Whatever the values hold, escaping commas and backslashes brings them through."""
    written = ",".join(value.replace("\\", "\\\\").replace(",", "\\,") for value in values)
    assert parse_filter(f"name:in:{written}", now=NOW).values == tuple(values)


def test_unknown_column_names_the_nearest() -> None:
    """The answer to a typing mistake is the column that was meant."""
    with pytest.raises(UnknownColumn, match="'modle'") as caught:
        parse_filter("modle:eq:x", now=NOW)
    assert caught.value.details["nearest"][0] == "model"


def test_operator_that_does_not_fit_lists_those_that_do() -> None:
    """A model is not greater than another; the message names column, operator and the valid ones."""
    with pytest.raises(FilterInvalid, match="'gt' of the filter on model does not fit") as caught:
        parse_filter("model:gt:a", now=NOW)
    assert caught.value.details["operators"] == ["eq", "ne", "in", "contains", "prefix", "is_null"]


def test_unknown_operator_names_the_nearest() -> None:
    """`contain` is no operator; `contains` was meant."""
    with pytest.raises(FilterInvalid, match="no operator") as caught:
        parse_filter("name:contain:a", now=NOW)
    assert "nearest: contains" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("model", "is no filter"),
        ("model:", "is no filter"),
        ("model:eq:", "empty value"),
        ("duration_ms:gt:fast", "no number"),
        ("duration_ms:gt:nan", "no number"),
        ("cache_hit:eq:maybe", "true or false"),
        ("started_at:gt:yesterday-ish", "no time"),
        ("trace_id:eq:123", "32 hexadecimal digits"),
        ("kind:eq:lllm", "Nearest: llm"),
        ("attributes.x:gt:high", "no number"),
    ],
)
def test_value_that_does_not_fit_is_refused(text: str, expected: str) -> None:
    """Each mistake is answered with what would be right."""
    with pytest.raises(FilterInvalid) as caught:
        parse_filter(text, now=NOW)
    assert expected in str(caught.value)


def test_one_value_is_taken_by_all_but_in() -> None:
    """Two values for `eq` are a question for `in`."""
    with pytest.raises(FilterInvalid, match="takes one value, not 2"):
        make_filter("model", "eq", ["a", "b"], now=NOW)


@given(st.text(max_size=60))
def test_any_text_is_a_filter_or_a_clear_refusal(text: str) -> None:
    """Nothing a caller writes can raise anything but InvalidInput."""
    with suppress(InvalidInput):
        assert parse_filter(text, now=NOW).column.name


@given(
    st.sampled_from([name for name, column in COLUMNS.items() if column.type is ValueType.TEXT]),
    st.sampled_from([Operator.EQ, Operator.NE, Operator.CONTAINS, Operator.PREFIX]),
    st.text(min_size=1, max_size=20),
)
def test_statement_does_not_depend_on_the_value(name: str, operator: Operator, value: str) -> None:
    """A text reaches the store as a parameter only: the SQL is the same whatever the text is."""
    assume(operator in COLUMNS[name].operators and not COLUMNS[name].choices)
    sql = compile_filters([make_filter(name, operator, [value], now=NOW)])
    assert sql.text == compile_filters([make_filter(name, operator, ["harmless"], now=NOW)]).text
    assert list(sql.parameters) == ["f0_0"]


def test_quote_in_a_value_stays_a_parameter() -> None:
    """A quote cannot end a literal, because there is none."""
    sql = compile_filters([parse_filter("name:eq:x' OR '1'='1", now=NOW)])
    assert "'" not in sql.text
    assert sql.parameters == {"f0_0": "x' OR '1'='1"}


def test_attribute_key_is_a_parameter_too() -> None:
    """The key of a raw attribute comes from the caller as well."""
    sql = compile_filters([parse_filter("attributes.a'] OR 1=1 --:eq:x", now=NOW)])
    assert sql.parameters["f0_key"] == "a'] OR 1=1 --"
    assert "OR" not in sql.text
