"""JSON logs that can be joined with traces."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

import pitwall
from pitwall.sdk import log_setup
from tests.unit.sdk.recording import Recorded


class Output:
    """What was written to stdout so far."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture
        self._text = ""

    @property
    def text(self) -> str:
        self._text += self._capture.readouterr().out
        return self._text


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Iterator[Output]:
    """stdout, and the logging configuration put back afterwards."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield Output(capsys)
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def lines(output: Output) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.text.splitlines()]


def test_lines_carry_trace_and_request(output: Output, recorded: Recorded) -> None:
    """structlog's and the standard library's loggers, in one shape."""
    log_setup.configure_logging()
    with pitwall.request_context(request_id="r-1", company="c"), pitwall.retrieval(name="work"):
        structlog.get_logger("app").info("search.done", hits=3, query="환불")
        logging.getLogger("library").warning("slow %s", "disk")
    structlog.get_logger("app").info("outside")
    span = recorded.one("work")
    first, second, outside = lines(output)
    for line in (first, second):
        assert (line["trace_id"], line["span_id"]) == (f"{span.trace_id:032x}", f"{span.span_id:016x}")
        assert (line["request_id"], line["company"]) == ("r-1", "c")
    assert (first["event"], first["hits"], first["query"], first["level"]) == (
        "search.done",
        3,
        "환불",
        "info",
    )
    assert (second["event"], second["level"], second["logger"]) == ("slow disk", "warning", "library")
    assert not {"trace_id", "request_id"} & outside.keys()


def test_stack_trace_is_a_field(output: Output) -> None:
    """One line per error: type, message and frames as data, without the local variables."""
    log_setup.configure_logging()
    secret = "do-not-log"
    try:
        raise ValueError("odd")
    except ValueError:
        structlog.get_logger("app").exception("work.failed")
        logging.getLogger("library").exception("failed too")
    assert secret not in output.text
    for line in lines(output):
        exception = line["exception"][0]
        assert (exception["exc_type"], exception["exc_value"]) == ("ValueError", "odd")
        assert exception["frames"][-1]["name"] == "test_stack_trace_is_a_field"


def test_level_filters_both(output: Output) -> None:
    """Below the level nothing is written."""
    log_setup.configure_logging("error")
    structlog.get_logger("app").warning("no")
    logging.getLogger("library").warning("no")
    structlog.get_logger("app").error("yes")
    assert [line["event"] for line in lines(output)] == ["yes"]


def test_console_format_is_for_people(output: Output) -> None:
    """Readable text, not JSON."""
    log_setup.configure_logging("INFO", format="console")
    structlog.get_logger("app").info("hello", answer=42)
    assert "hello" in output.text
    assert not output.text.startswith("{")


def test_values_that_json_cannot_hold_are_written(output: Output) -> None:
    """A log call never fails for its values."""
    log_setup.configure_logging()
    structlog.get_logger("app").info("odd", thing=object(), keys={1: {2}})
    assert "object object" in lines(output)[0]["thing"]
