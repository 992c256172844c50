"""Logs of the server: events with fields, one line each on stderr, as JSON or for people."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import Processor

REQUEST_ID: ContextVar[str | None] = ContextVar("pitwall_request_id", default=None)
"""The request that is being served; the edge sets it."""

_QUIET = ("uvicorn", "uvicorn.error", "httpx", "httpcore", "alembic", "asyncio")
# What they warn of is told by us, once and in our words: a store that does not answer.
_SILENT = ("urllib3", "clickhouse_connect")


def configure_logging(level: str, *, as_json: bool, stream: TextIO, colors: bool = False) -> None:
    """Send the logs of Pitwall and of its libraries to one stream.

    Args:
        level: debug, info, warning or error.
        as_json: One JSON object per line, else a line for people.
        stream: Where they go.
        colors: Whether lines for people are coloured.
    """
    threshold = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        _add_request_id,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(as_json, colors),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(threshold)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(threshold, logging.WARNING))
    for name in _SILENT:
        logging.getLogger(name).setLevel(threshold if threshold == logging.DEBUG else logging.ERROR)


def _renderers(as_json: bool, colors: bool) -> list[Processor]:
    if as_json:
        return [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer(serializer=_to_json)]
    return [
        structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=structlog.dev.plain_traceback),
    ]


def _to_json(event: Any, **_options: Any) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode("utf-8", "replace")


def _add_request_id(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if (request_id := REQUEST_ID.get()) is not None:
        event.setdefault("request_id", request_id)
    return event
