"""How long to wait when a server says so."""

from __future__ import annotations

import email.utils
import time

import pytest

from pitwall.sdk.transport import retry_after_seconds


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("3", 3.0),
        ("0.5", 0.5),
        ("-1", 0.0),
        (None, None),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
    ],
)
def test_retry_after_as_a_number(header: str | None, expected: float | None) -> None:
    """Unreadable values fall back to the client's own backoff."""
    assert retry_after_seconds(header) == expected


def test_retry_after_as_a_date() -> None:
    """Seconds from now; a date in the past means at once."""
    future = email.utils.formatdate(time.time() + 30, usegmt=True)
    seconds = retry_after_seconds(future)
    assert seconds is not None
    assert 28 < seconds <= 30
    assert retry_after_seconds("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
