"""Sequences of length-delimited protobuf messages, as segments are."""

from __future__ import annotations


def count_messages(block: bytes) -> int:
    """Return how many messages a block holds; it has to be whole."""
    count = offset = 0
    while offset < len(block):
        size = shift = 0
        while True:
            byte = block[offset]
            offset += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        offset += size
        count += 1
    return count
