"""Counting messages of a segment."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pitwall.stores.telemetry.delimited import count_messages


def delimited(message: bytes) -> bytes:
    """Put the length before a message, as a varint."""
    size = len(message)
    prefix = bytes([size]) if size < 0x80 else bytes([size & 0x7F | 0x80, size >> 7])
    return prefix + message


@given(st.lists(st.binary(max_size=300)))
def test_every_message_counts_whatever_its_length(messages: list[bytes]) -> None:
    """Empty ones and those whose length takes two bytes too."""
    assert count_messages(b"".join(map(delimited, messages))) == len(messages)
