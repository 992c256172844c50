"""Content encodings of request bodies, undone piece by piece so that a bomb never exists in memory."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator

from pitwall.ingest.failures import BodyTooLarge, MalformedRequest, UnsupportedContent

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ENCODINGS = ("gzip", "zstd", "deflate", "identity")
_PIECE_BYTES = 1 << 20
_MAX_MEMBERS = 100
_ZSTD_OPTIONS: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 27}
_GZIP = 16 + zlib.MAX_WBITS
_ZLIB = zlib.MAX_WBITS
_RAW_DEFLATE = -zlib.MAX_WBITS


def decompress(body: bytes, encoding: str, max_bytes: int) -> bytes:
    """Undo a content encoding.

    Args:
        encoding: One of `ENCODINGS`, or empty for none.
        max_bytes: Largest result; decompression stops there.

    Raises:
        UnsupportedContent: Another encoding.
        BodyTooLarge: The result would be larger than `max_bytes`.
        MalformedRequest: The bytes are not what the encoding says, or end too early.
    """
    match encoding:
        case "" | "identity":
            return body
        case "gzip" | "x-gzip":
            pieces = _inflate(body, _GZIP)
        case "deflate":
            pieces = _inflate(body, _ZLIB if _has_zlib_header(body) else _RAW_DEFLATE)
        case "zstd":
            pieces = _expand_zstd(body)
        case _:
            raise UnsupportedContent(
                f"The content encoding {encoding!r} is not understood.", hint=f"Send {', '.join(ENCODINGS)}."
            )
    return _collect(pieces, encoding, max_bytes)


def _collect(pieces: Iterator[bytes], encoding: str, max_bytes: int) -> bytes:
    collected: list[bytes] = []
    size = 0
    try:
        for piece in pieces:
            size += len(piece)
            if size > max_bytes:
                raise too_large(max_bytes, "after decompression")
            collected.append(piece)
    except (zlib.error, zstd.ZstdError, EOFError) as error:
        raise MalformedRequest(f"The body is not valid {encoding}: {error}.") from error
    return collected[0] if len(collected) == 1 else b"".join(collected)


def _inflate(body: bytes, window_bits: int) -> Iterator[bytes]:
    """Yield the content of all members of a gzip body (or of the only one of a deflate body)."""
    for _ in range(_MAX_MEMBERS):
        inflater = zlib.decompressobj(window_bits)
        rest = body
        while True:
            piece = inflater.decompress(rest, _PIECE_BYTES)
            yield piece
            if inflater.eof:
                break
            rest = inflater.unconsumed_tail
            if not piece and not rest:
                raise EOFError("it ends too early")
        body = inflater.unused_data
        if not body or window_bits != _GZIP:
            return
    raise EOFError(f"it has more than {_MAX_MEMBERS} members")


def _expand_zstd(body: bytes) -> Iterator[bytes]:
    """Yield the content of all frames of a zstd body."""
    for _ in range(_MAX_MEMBERS):
        expander = zstd.ZstdDecompressor(options=_ZSTD_OPTIONS)
        rest = body
        while True:
            piece = expander.decompress(rest, _PIECE_BYTES)
            yield piece
            if expander.eof:
                break
            rest = b""
            if not piece and expander.needs_input:
                raise EOFError("it ends too early")
        body = expander.unused_data
        if not body:
            return
    raise EOFError(f"it has more than {_MAX_MEMBERS} frames")


def _has_zlib_header(body: bytes) -> bool:
    # RFC 9110 means zlib by "deflate"; some clients send the bare stream.
    return len(body) >= 2 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0


def too_large(max_bytes: int, when: str) -> BodyTooLarge:
    """Say that a body is above a limit."""
    return BodyTooLarge(
        f"The body is larger than {max_bytes:,} bytes {when}.",
        hint="Send smaller batches, or raise ingest.max_request_bytes and ingest.max_body_bytes.",
        details={"max_bytes": max_bytes},
    )
