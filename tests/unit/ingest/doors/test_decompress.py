"""Content encodings are undone exactly, and never beyond the limit."""

from __future__ import annotations

import gzip
import sys
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.ingest.decompress import decompress
from pitwall.ingest.failures import BodyTooLarge, MalformedRequest, UnsupportedContent

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MIB = 1 << 20
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstd.compress,
}
encodings = pytest.mark.parametrize("encoding", COMPRESS)


@given(st.binary(max_size=5_000), st.sampled_from(sorted(COMPRESS)))
def test_round_trip(body: bytes, encoding: str) -> None:
    """What was compressed comes back."""
    assert decompress(COMPRESS[encoding](body), encoding, MIB) == body


def test_bare_deflate_is_understood() -> None:
    """Some clients send deflate without the zlib wrapper that the standard asks for."""
    squeeze = zlib.compressobj(wbits=-15)
    assert decompress(squeeze.compress(b"abc" * 99) + squeeze.flush(), "deflate", MIB) == b"abc" * 99


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_members_follow_each_other(encoding: str) -> None:
    """A body may be several compressed pieces, but not thousands."""
    compress = COMPRESS[encoding]
    assert decompress(compress(b"one") + compress(b"two"), encoding, MIB) == b"onetwo"
    with pytest.raises(MalformedRequest, match="more than 100"):
        decompress(compress(b"") * 200, encoding, MIB)


@encodings
def test_every_cut_is_noticed(encoding: str) -> None:
    """A body that ends too early is refused, not taken for a shorter one."""
    body = COMPRESS[encoding](b"telemetry " * 100)
    for end in range(len(body)):
        with pytest.raises(MalformedRequest):
            decompress(body[:end], encoding, MIB)


@encodings
def test_bomb_is_refused_without_being_allocated(encoding: str) -> None:
    """A gigabyte of zeros in a few bytes stops at the limit."""
    bomb = COMPRESS[encoding](bytes(64 * MIB))
    tracemalloc.start()
    with pytest.raises(BodyTooLarge, match="larger than 1,048,576 bytes after decompression"):
        decompress(bomb, encoding, MIB)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * MIB


@encodings
def test_garbage_is_refused(encoding: str) -> None:
    """Bytes that are not what the header says are the client's mistake."""
    with pytest.raises(MalformedRequest, match=f"not valid {encoding}"):
        decompress(b"not compressed at all", encoding, MIB)


def test_unknown_encoding_is_named_with_those_that_are_known() -> None:
    """The hint says what to send instead."""
    with pytest.raises(UnsupportedContent, match="'br'") as refusal:
        decompress(b"", "br", MIB)
    assert refusal.value.http_status == 415
    assert "zstd" in (refusal.value.hint or "")


def test_body_as_large_as_the_limit_passes() -> None:
    """The limit itself is allowed."""
    assert len(decompress(gzip.compress(bytes(MIB)), "gzip", MIB)) == MIB
