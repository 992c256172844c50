"""Cursors, fingerprints and amounts of money."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.kit.hashing import content_hash, json_hash
from pitwall.kit.money import InvalidAmount, format_usd, total_usd, usd
from pitwall.kit.paging import CursorPart, InvalidCursor, Page, decode_cursor, encode_cursor

parts = st.lists(
    st.none()
    | st.text(max_size=20)
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False),
    max_size=4,
)


@given(parts)
def test_cursor_gives_back_its_sort_key(key: list[CursorPart]) -> None:
    """Whatever the key holds, for the list it was made for."""
    assert decode_cursor("traces.newest", encode_cursor("traces.newest", *key)) == tuple(key)


@given(st.text(max_size=80))
def test_any_text_is_refused_as_a_cursor_with_one_kind_of_error(text: str) -> None:
    """What we did not make is not understood, and never an internal error."""
    with pytest.raises(InvalidCursor):
        decode_cursor("traces.newest", text)


def test_cursor_of_another_list_or_with_a_changed_letter_is_refused() -> None:
    """It would show the wrong page without anybody noticing."""
    cursor = encode_cursor("traces.newest", 5, "a")
    with pytest.raises(InvalidCursor, match="belongs to 'traces.newest'"):
        decode_cursor("traces.slowest", cursor)
    changed = cursor[:-2] + ("A" if cursor[-2] != "A" else "B") + cursor[-1]
    with pytest.raises(InvalidCursor):
        decode_cursor("traces.newest", changed)
    with pytest.raises(InvalidCursor, match="too long"):
        decode_cursor("traces.newest", "A" * 5000)
    assert Page([1]).next_cursor is None


def test_fingerprint_depends_on_content_only() -> None:
    """Text and its UTF-8 bytes agree, the order of keys does not matter, a pinned value never changes."""
    assert content_hash("가") == content_hash("가".encode())
    assert json_hash({"a": 1, "b": [2]}) == json_hash({"b": [2], "a": 1})
    assert json_hash({"a": 1}) != json_hash({"a": "1"})
    assert content_hash(b"pitwall") == "bcffed70c63ddb35120f87b0e26940a0"
    with pytest.raises(ValueError, match="serializable: set"):
        json_hash({"a": {1}})


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (None, "–"),
        ("0", "$0.00"),
        ("1234.5", "$1,234.50"),
        ("-1.005", "-$1.00"),
        ("0.00123456", "$0.00123"),
        ("0.5", "$0.500"),
        ("0.9999", "$1.000"),
        ("0.0000000049", "$0.00000000490"),
    ],
)
def test_amount_is_shown_with_useful_digits(amount: str | None, shown: str) -> None:
    """Cents above a dollar, three digits below, and unknown is not zero."""
    assert format_usd(None if amount is None else usd(amount)) == shown


def test_total_says_how_many_amounts_are_unknown() -> None:
    """No known amount is no total; ten times 0.1 is exactly one."""
    assert total_usd([None, None]) == (None, 2)
    assert total_usd([usd(0.1)] * 10 + [None]) == (Decimal("1.0"), 1)


@pytest.mark.parametrize("value", ["abc", "nan", "inf", float("nan"), ""])
def test_value_that_is_no_amount_is_refused(value: str | float) -> None:
    """Infinity and NaN would poison every sum."""
    with pytest.raises(InvalidAmount):
        usd(value)
