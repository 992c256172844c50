"""What an exception tells of a failure, read without importing the library that raised it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pitwall.core.error_rules import DECISIVE_RULES, HINTING_RULES, Evidence, make_evidence, match_rules
from pitwall.core.vocabulary import ErrorClass
from pitwall.sdk.values import describe

_MAX_CHAIN = 16
_MAX_TEXT_CHARS = 20_000
_TELLS_NOTHING = frozenset({object, BaseException, Exception, OSError, ValueError, RuntimeError})
# Where libraries keep the exception behind their own, beside `__cause__` and `__context__`.
_BEHIND = ("reason", "orig", "original_error", "original_exception", "inner_exception")
_STATUS_ATTRIBUTES = ("status_code", "http_status", "status", "code")
_CODE_ATTRIBUTES = ("code", "type", "status", "sqlstate")


@dataclass(frozen=True, slots=True)
class Finding:
    """A class, and the exception in the chain that told it."""

    error_class: ErrorClass
    source: BaseException


def find_class(error: BaseException) -> Finding | None:
    """What the exception, or what is behind it, says of its class; None when nothing does.

    Along the chain what decides beats what only hints: a service's `ApiError` has a cause that knows more. A
    class of its own decides, except `internal`, which is what everything is until something says more.
    """
    hint: Finding | None = None
    for link in _chain(error):
        own = _own_class(link)
        if own is not None and own is not ErrorClass.INTERNAL:
            return Finding(own, link)
        evidence = evidence_of(link)
        decided = match_rules(evidence, DECISIVE_RULES)
        if decided is not None:
            return Finding(decided, link)
        hinted = match_rules(evidence, HINTING_RULES)
        if hint is None and hinted is not None:
            hint = Finding(hinted, link)
    return hint


def evidence_of(error: BaseException) -> Evidence:
    """Names of the exception's types and codes, its text and its HTTP status."""
    names = [kind.__name__ for kind in type(error).__mro__ if kind not in _TELLS_NOTHING]
    return make_evidence([*names, *_codes(error)], describe(error)[:_MAX_TEXT_CHARS], status_of(error) or 0)


def status_of(error: BaseException) -> int | None:
    """The HTTP status that an exception carries, itself or on its response; None when it has none."""
    response = _read(error, "response")
    for holder in (error, response, _botocore(response, "ResponseMetadata")):
        for attribute in (*_STATUS_ATTRIBUTES, "HTTPStatusCode"):
            value = _read(holder, attribute)
            if isinstance(value, int) and not isinstance(value, bool) and 400 <= value < 600:
                return int(value)
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, then what is behind it, each once."""
    waiting, seen = [error], set[int]()
    while waiting and len(seen) < _MAX_CHAIN:
        link = waiting.pop(0)
        if id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [one for one in _behind(link) if isinstance(one, BaseException)]


def _behind(error: BaseException) -> list[Any]:
    members = list(error.exceptions) if isinstance(error, BaseExceptionGroup) else []
    context = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return [*members, context, _last_attempt(error), *(_read(error, name) for name in _BEHIND)]


def _last_attempt(error: BaseException) -> Any:
    """What tenacity's `RetryError` gave up on."""
    exception = _read(_read(error, "last_attempt"), "_exception")
    return exception if isinstance(exception, BaseException) else None


def _codes(error: BaseException) -> list[str]:
    """What a provider calls it: `rate_limit_exceeded`, `overloaded_error`, `RESOURCE_EXHAUSTED`."""
    body = _read(error, "body")
    inner = body.get("error") if isinstance(body, Mapping) else None
    details = inner if isinstance(inner, Mapping) else body if isinstance(body, Mapping) else {}
    values = [_read(error, name) for name in _CODE_ATTRIBUTES]
    values += [details.get(name) for name in _CODE_ATTRIBUTES]
    values.append(_botocore(_read(error, "response"), "Error", "Code"))
    return [text for value in values if (text := _code_text(value))]


def _code_text(value: Any) -> str:
    if callable(value) and not isinstance(value, type):  # gRPC has `code()`
        try:
            value = value()
        except Exception:  # noqa: BLE001  # a foreign method; without it there is less evidence
            return ""
    name = value if isinstance(value, str) else _read(value, "name")
    return name if isinstance(name, str) else ""


def _botocore(response: Any, *path: str) -> Any:
    for key in path:
        response = response.get(key) if isinstance(response, dict) else None
    return response


def _own_class(error: BaseException) -> ErrorClass | None:
    told = _read(error, "error_class")
    try:
        return ErrorClass(told) if isinstance(told, str) else None
    except ValueError:  # another library's attribute of that name
        return None


def _read(holder: Any, attribute: str) -> Any:
    """An attribute of a foreign object, or a key of a dict; None when there is none or reading it fails."""
    if isinstance(holder, dict):
        return holder.get(attribute)
    try:
        return getattr(holder, attribute, None)
    except Exception:  # noqa: BLE001  # a foreign property that raises
        return None
