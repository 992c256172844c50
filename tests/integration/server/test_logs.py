"""The server's logs: one line per event, for programs or for people."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from pitwall.server.logs import REQUEST_ID, configure_logging


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = before
    root.setLevel(level)


def test_events_and_library_logs_are_json_lines() -> None:
    """Own events and records of libraries have one shape; the request id is on both."""
    stream = io.StringIO()
    configure_logging("info", as_json=True, stream=stream)
    token = REQUEST_ID.set("req-1")
    structlog.get_logger().info("key.made", name="상담 봇", value=1)
    logging.getLogger("some.library").warning("careful with %s", "that")
    structlog.get_logger().debug("too.fine")
    REQUEST_ID.reset(token)
    own, library = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert (own["event"], own["name"], own["value"], own["level"]) == ("key.made", "상담 봇", 1, "info")
    assert (library["event"], library["level"]) == ("careful with that", "warning")
    assert own["request_id"] == library["request_id"] == "req-1"
    assert own["timestamp"].endswith("Z")


def test_retries_of_the_stores_client_are_not_logged() -> None:
    """A store that is away is told by Pitwall; at level debug the client's own words are there."""
    for level, lines in (("info", 0), ("debug", 2)):
        stream = io.StringIO()
        configure_logging(level, as_json=True, stream=stream)
        logging.getLogger("urllib3.connectionpool").warning("Retrying")
        logging.getLogger("clickhouse_connect.driver").warning("Unexpected Http Driver Exception")
        assert len(stream.getvalue().splitlines()) == lines


def test_value_that_json_cannot_hold_does_not_lose_the_line() -> None:
    """Logging must not fail because of what is logged."""
    stream = io.StringIO()
    configure_logging("info", as_json=True, stream=stream)
    structlog.get_logger().info("odd", thing=object(), numbers={1: "a"})
    assert json.loads(stream.getvalue())["numbers"] == {"1": "a"}


def test_lines_for_people_have_no_colours_unless_asked() -> None:
    """Plain text goes to files and pipes; a traceback is plain too."""
    stream = io.StringIO()
    configure_logging("warning", as_json=False, stream=stream)
    try:
        raise ValueError("broken")
    except ValueError:
        structlog.get_logger().exception("part.failed", part="x")
    text = stream.getvalue()
    assert "part.failed" in text
    assert "ValueError: broken" in text
    assert "\x1b" not in text
