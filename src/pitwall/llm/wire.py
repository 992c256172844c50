"""What the two ways of speaking to a model server have in common: requests and replies as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

from pitwall.llm.types import CallFailure, Usage

_LONGEST_MESSAGE = 500
_HTTP_TIMEOUT = 408
_HTTP_TOO_MANY = 429
_HTTP_SERVER_ERROR = 500


class Mode(StrEnum):
    """Ways of asking for a structured reply, the most reliable first."""

    JSON_SCHEMA = "json_schema"
    TOOLS = "tools"
    JSON_OBJECT = "json_object"
    FENCED = "fenced"


@dataclass(frozen=True, slots=True)
class Quirks:
    """What an endpoint's model does not take; found by its own words and remembered.

    Attributes:
        left_out: Parameters that it refuses, such as `temperature`.
        counts_completion: The limit of a reply is called `max_completion_tokens`.
    """

    left_out: frozenset[str] = frozenset()
    counts_completion: bool = False


NO_QUIRKS = Quirks()


@dataclass(frozen=True, slots=True)
class WireRequest:
    """A request: a path below the base address, and a JSON body; None for GET."""

    path: str
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class WireReply:
    """What an answer with status 200 says.

    Attributes:
        text: The reply, or the arguments of the tool call, as text.
        failure: Why the reply cannot be used, though it came.
        problem: The same in words.
    """

    text: str = ""
    finish_reason: str | None = None
    usage: Usage = field(default_factory=Usage)
    failure: CallFailure | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class WireFailure:
    """Why an attempt gave nothing.

    Attributes:
        message: In words, with what the server says.
        retry_after_seconds: How long the server wants to be left alone.
        parameter: The parameter that it does not take, where it says so.
        can_pass: The same request may succeed later.
        status: Of the HTTP answer, None without one.
    """

    failure: CallFailure
    message: str
    retry_after_seconds: float | None = None
    parameter: str | None = None
    can_pass: bool = False
    status: int | None = None


def failure_of_status(status: int, headers: Mapping[str, str], body: Any, now: datetime) -> WireFailure:
    """Read an answer that is an error.

    Args:
        headers: Names in lower case, or a mapping that does not care.
        body: The parsed body, or its text.
        now: To read a Retry-After that is a date.
    """
    message, code, parameter = _error_of(body)
    said = f"{status}: {message}" if message else str(status)
    wait = retry_after(headers.get("retry-after"), now)
    if status in (401, 403):
        return WireFailure(CallFailure.AUTH, said, status=status)
    if status == _HTTP_TOO_MANY:
        is_spent = code == "insufficient_quota"  # an account without money does not recover by waiting
        return WireFailure(CallFailure.RATE_LIMITED, said, wait, can_pass=not is_spent, status=status)
    if status == _HTTP_TIMEOUT:
        return WireFailure(CallFailure.TIMEOUT, said, wait, can_pass=True, status=status)
    if status >= _HTTP_SERVER_ERROR:
        return WireFailure(CallFailure.UNAVAILABLE, said, wait, can_pass=status != 501, status=status)
    if code in ("content_filter", "content_policy_violation"):
        return WireFailure(CallFailure.REFUSED, said, status=status)
    return WireFailure(CallFailure.REJECTED, said, parameter=parameter, status=status)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Read a Retry-After header, seconds or a date; None if there is none that can be read."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
        seconds = ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds()
    if seconds != seconds:  # NaN is a float too
        return None
    return min(max(0.0, seconds), 86_400.0)


def _error_of(body: Any) -> tuple[str, str | None, str | None]:
    """Message, code and parameter of an error document, in the forms that servers use."""
    error = body.get("error", body) if isinstance(body, Mapping) else body
    if not isinstance(error, Mapping):
        return " ".join(str(error or "").split())[:_LONGEST_MESSAGE], None, None
    message = error.get("message") or error.get("detail") or error
    code, parameter = error.get("code"), error.get("param")
    return (
        str(message)[:_LONGEST_MESSAGE],
        code if isinstance(code, str) else None,
        parameter if isinstance(parameter, str) else None,
    )


def sendable(text: str) -> str:
    """The text with U+FFFD for halves of characters, which data can hold and JSON cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def storable(text: str) -> str:
    """The text without zero bytes: PostgreSQL keeps none, and they are no JSON."""
    return text.replace("\x00", "�")


def error_in_reply(body: Mapping[str, Any]) -> tuple[int, str] | None:
    """Some gateways answer 200 with an error inside; return its status, 400 if it names none."""
    error = body.get("error")
    if not error:
        return None
    code = error.get("code") if isinstance(error, Mapping) else None
    return (code if isinstance(code, int) and code >= 400 else 400), _error_of(body)[0]


def count(value: Any) -> int | None:
    """A number of tokens as a server reports it; None if it is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def vectors_of(items: Any, expected: int) -> list[list[float]] | None:
    """Read vectors; None unless there is a vector of numbers, of one length, for each text."""
    if not isinstance(items, Sequence) or isinstance(items, str | bytes) or len(items) != expected:
        return None
    if not all(isinstance(item, list) and item and len(item) == len(items[0]) for item in items):
        return None
    try:
        return [[float(number) for number in item] for item in items]
    except (TypeError, ValueError):
        return None
