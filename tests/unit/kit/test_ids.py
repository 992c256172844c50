"""Ids: order, uniqueness, and the forms OpenTelemetry asks for."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.kit.ids import (
    InvalidId,
    SortableIds,
    format_span_id,
    format_trace_id,
    new_id,
    new_prefixed_id,
    parse_span_id,
    parse_trace_id,
)


@given(st.lists(st.integers(0, 2**60), min_size=1, max_size=50))
def test_ids_sort_in_the_order_they_were_made_whatever_the_clock_does(readings: list[int]) -> None:
    """A clock that stands still or goes back changes nothing; every id is a version 7 UUID."""
    clock: Iterator[int] = iter(readings)
    source = SortableIds(unix_nano=lambda: next(clock), random_bytes=bytes)
    ids = [source.new() for _ in readings]
    assert ids == sorted(set(ids))
    assert {(one.version, one.variant) for one in ids} == {(7, "specified in RFC 4122")}


def test_ids_of_many_threads_are_unique() -> None:
    """Four threads at once never get the same id."""
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.extend(new_id() for _ in range(500))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 2000


def test_id_holds_its_millisecond() -> None:
    """The first 48 bits are the time, so that ids of different machines sort by time too."""
    made = SortableIds(unix_nano=lambda: 1_700_000_000_123_456_789).new()
    assert made.int >> 80 == 1_700_000_000_123
    assert new_prefixed_id("run").startswith("run_")


@given(st.binary(min_size=16, max_size=16).filter(any))
def test_trace_id_survives_writing_and_reading(value: bytes) -> None:
    """Bytes and integer give the same text; either case and hyphens are read."""
    text = format_trace_id(value)
    assert format_trace_id(int.from_bytes(value)) == text
    assert parse_trace_id(text.upper()) == value
    assert parse_trace_id(f"{text[:8]}-{text[8:]}") == value


@given(st.binary(min_size=8, max_size=8).filter(any))
def test_span_id_survives_writing_and_reading(value: bytes) -> None:
    """The same for span ids."""
    assert parse_span_id(format_span_id(value)) == value


@pytest.mark.parametrize("value", [b"", bytes(16), b"\x01" * 15, -1, 0, 1 << 128])
def test_impossible_trace_id_is_refused(value: bytes | int) -> None:
    """Wrong length and all zeros, which OpenTelemetry forbids."""
    with pytest.raises(InvalidId):
        format_trace_id(value)


@pytest.mark.parametrize("text", ["", "0" * 32, "g" * 32, "ab" * 15, "0x" + "a" * 30, "ａ" * 32, "a b" * 11])
def test_text_that_is_no_trace_id_is_refused(text: str) -> None:
    """Also full-width letters and spaces, which look right and are not."""
    with pytest.raises(InvalidId):
        parse_trace_id(text)
