"""Why a call failed, told from the exception alone: no provider library is imported for it."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl

from opentelemetry.trace import Span, StatusCode

from pitwall.core.vocabulary import ErrorClass
from pitwall.sdk import names
from pitwall.sdk.span import exception_type
from pitwall.sdk.values import describe

_BY_STATUS = {
    401: ErrorClass.AUTH,
    403: ErrorClass.AUTH,
    408: ErrorClass.TIMEOUT,
    422: ErrorClass.VALIDATION,
    429: ErrorClass.RATE_LIMIT,
    504: ErrorClass.TIMEOUT,
}
_TOKEN_LIMIT_HINTS = ("context_length", "context length", "maximum context", "max_tokens", "too many tokens")
# Class names of HTTP and provider libraries, in the order in which they are looked for.
_BY_NAME = (
    ("timeout", ErrorClass.TIMEOUT),
    ("ratelimit", ErrorClass.RATE_LIMIT),
    ("authentication", ErrorClass.AUTH),
    ("permissiondenied", ErrorClass.AUTH),
    ("cancelled", ErrorClass.CANCELLED),
    ("decodeerror", ErrorClass.PARSE),
    ("parse", ErrorClass.PARSE),
    ("validation", ErrorClass.VALIDATION),
    ("guardrail", ErrorClass.GUARDRAIL),
    ("contentfilter", ErrorClass.GUARDRAIL),
    ("connect", ErrorClass.NETWORK),
    ("network", ErrorClass.NETWORK),
    ("protocolerror", ErrorClass.NETWORK),
    ("readerror", ErrorClass.NETWORK),
)
_BY_TYPE: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], ErrorClass], ...] = (
    (TimeoutError, ErrorClass.TIMEOUT),
    ((asyncio.CancelledError, KeyboardInterrupt), ErrorClass.CANCELLED),
    ((json.JSONDecodeError, UnicodeDecodeError), ErrorClass.PARSE),
    ((ConnectionError, socket.gaierror, ssl.SSLError), ErrorClass.NETWORK),
)


def classify_error(error: BaseException) -> ErrorClass:
    """The class of an exception.

    What its own `error_class` says comes first, then the HTTP status it carries, its type, and the name of
    its class.
    """
    own = _own_class(error)
    if own is not None:
        return own
    status = _status_code(error)
    if status is not None:
        if status == 400 and any(hint in describe(error).lower() for hint in _TOKEN_LIMIT_HINTS):
            return ErrorClass.TOKEN_LIMIT
        if status in _BY_STATUS:
            return _BY_STATUS[status]
        if status >= 400:
            return ErrorClass.PROVIDER if status >= 500 else ErrorClass.VALIDATION
    for types, error_class in _BY_TYPE:
        if isinstance(error, types):
            return error_class
    lineage = [kind.__name__.lower() for kind in type(error).__mro__]
    for part, error_class in _BY_NAME:
        if any(part in name for name in lineage):
            return error_class
    return ErrorClass.INTERNAL


def _own_class(error: BaseException) -> ErrorClass | None:
    try:
        return ErrorClass(getattr(error, "error_class", ""))
    except Exception:  # noqa: BLE001  # not one of the classes, or a foreign attribute that raises
        return None


def _status_code(error: BaseException) -> int | None:
    for holder in (error, getattr(error, "response", None)):
        for attribute in ("status_code", "status"):
            value = getattr(holder, attribute, None)
            if isinstance(value, int) and not isinstance(value, bool):
                return value
    return None


def note_failure(span: Span, error: BaseException) -> None:
    """Put the exception, its type, its class and the error status on a span."""
    span.set_attribute(names.ERROR_TYPE, exception_type(error))
    span.set_attribute(names.ERROR_CLASS, classify_error(error).value)
    span.record_exception(error, escaped=True)
    span.set_status(StatusCode.ERROR, f"{type(error).__name__}: {describe(error)}")
