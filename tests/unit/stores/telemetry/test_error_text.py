"""Errors of the store in words for people."""

from __future__ import annotations

import pytest

from pitwall.stores.telemetry.error_text import connection_message, engine_message

ENGINE = {
    "Received ClickHouse exception, code: 47, server response: Code: 47. DB::Exception: Unknown identifier "
    "`nope`. In scope SELECT nope FROM system.one. (UNKNOWN_IDENTIFIER) (for url http://127.0.0.1:8123)": (
        "Unknown identifier `nope` (UNKNOWN_IDENTIFIER)"
    ),
    "Code: 160. DB::Exception: Too slow: while executing 'FUNCTION sleep(1_UInt8 :: 1)'. (TOO_SLOW)": (
        "Too slow (TOO_SLOW)"
    ),
    "Code: 516. DB::Exception: ops: Authentication failed\n\nIf you use ClickHouse Cloud, reset it.\n": (
        "ops: Authentication failed"
    ),
}
CONNECTION = {
    "Error HTTPConnectionPool(host='10.0.0.5', port=8123): Max retries exceeded with url: /?query_id=5 "
    "(Caused by NewConnectionError('Failed to establish a connection: [Errno 111] Connection refused')) "
    "executing HTTP request attempt 1 (http://10.0.0.5:8123)": "10.0.0.5:8123: Connection refused",
    "Error HTTPConnectionPool(host='ch', port=8123): Read timed out. (read timeout=2) executing HTTP request "
    "attempt 1 (http://ch:8123)": "ch:8123: Read timed out",
    "Error ('Connection aborted.', RemoteDisconnected('Remote end closed connection without response')) "
    "executing HTTP request attempt 3 (http://ch:8123)": (
        "ch:8123: Remote end closed connection without response"
    ),
    "something new": "something new",
}


@pytest.mark.parametrize("said", ENGINE)
def test_engine_is_quoted_without_frame_and_echo(said: str) -> None:
    """The reason and its name stay; codes, addresses and the query itself go."""
    assert engine_message(RuntimeError(said)) == ENGINE[said]


@pytest.mark.parametrize("said", CONNECTION)
def test_connection_error_is_where_and_what(said: str) -> None:
    """One line: address and cause; what is not known is passed on."""
    assert connection_message(RuntimeError(said)) == CONNECTION[said]


def test_long_message_is_cut() -> None:
    """A page of text helps nobody."""
    assert len(engine_message(RuntimeError("x " * 1000))) == 400
