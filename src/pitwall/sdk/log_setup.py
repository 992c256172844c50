"""Structured logs for the application: JSON lines that carry the trace and the request."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import orjson
import structlog
from opentelemetry import trace
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer

from pitwall.sdk import names
from pitwall.sdk.context import bound_attributes

EventDict = MutableMapping[str, Any]
_FIELDS = (
    ("request_id", names.REQUEST_ID),
    ("company", names.COMPANY),
    ("user_id", names.USER_ID),
    ("session_id", names.SESSION_ID),
)


def add_trace_context(_logger: object, _method: str, event: EventDict) -> EventDict:
    """A structlog processor that adds trace_id, span_id and the identity of the running request."""
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        event.setdefault("trace_id", trace.format_trace_id(span.trace_id))
        event.setdefault("span_id", trace.format_span_id(span.span_id))
    bound = bound_attributes()
    for field, attribute in _FIELDS:
        if attribute in bound:
            event.setdefault(field, bound[attribute])
    return event


def configure_logging(level: str = "INFO", format: Literal["json", "console"] = "json") -> None:  # noqa: A002
    """Send structlog's and the standard library's logs to stdout, one JSON object per line.

    Exceptions become a field `exception` with type, message and frames. Local variables are left out: they
    hold prompts and secrets.

    Args:
        level: DEBUG, INFO, WARNING, ERROR or CRITICAL; an unknown one means INFO.
        format: `json`, or `console` for people.
    """
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        add_trace_context,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_renderers(format))
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)


def _renderers(format: str) -> list[Any]:  # noqa: A002
    strip = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if format == "console":
        return [strip, structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())]
    exceptions = ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
    return [strip, exceptions, structlog.processors.JSONRenderer(serializer=_dumps)]


def _dumps(event: EventDict, **_: Any) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
