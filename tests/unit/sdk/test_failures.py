"""Exceptions of any library get the class a team acts on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from pitwall.core.vocabulary import ErrorClass
from pitwall.sdk.failures import classify_error
from tests.support.failures import FAILURES, Said


def _http_error(status: int, text: str = "") -> httpx.HTTPStatusError:
    request = httpx.Request("POST", "http://127.0.0.1")
    return httpx.HTTPStatusError(text, request=request, response=httpx.Response(status, request=request))


def _named(name: str, **attributes: Any) -> Exception:
    error: Exception = type(name, (Exception,), attributes)("text")
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TimeoutError(), ErrorClass.TIMEOUT),
        (httpx.ReadTimeout(""), ErrorClass.TIMEOUT),
        (httpx.ConnectError(""), ErrorClass.NETWORK),
        (httpx.RemoteProtocolError(""), ErrorClass.NETWORK),
        (ConnectionResetError(), ErrorClass.NETWORK),
        (asyncio.CancelledError(), ErrorClass.CANCELLED),
        (json.JSONDecodeError("", "", 0), ErrorClass.PARSE),
        (_http_error(429), ErrorClass.RATE_LIMIT),
        (_http_error(401), ErrorClass.AUTH),
        (_http_error(500), ErrorClass.PROVIDER),
        (_http_error(504), ErrorClass.TIMEOUT),
        (_http_error(400), ErrorClass.VALIDATION),
        (_http_error(400, "maximum context length is 8192 tokens"), ErrorClass.TOKEN_LIMIT),
        (_named("APIStatusError", status_code=503), ErrorClass.PROVIDER),
        (_named("RateLimitError"), ErrorClass.RATE_LIMIT),
        (_named("APITimeoutError"), ErrorClass.TIMEOUT),
        (_named("AuthenticationError"), ErrorClass.AUTH),
        (_named("ValidationError"), ErrorClass.VALIDATION),
        (_named("ContentFilterFinishReasonError"), ErrorClass.GUARDRAIL),
        (ValueError("anything"), ErrorClass.INTERNAL),
    ],
)
def test_error_gets_its_class(error: BaseException, expected: ErrorClass) -> None:
    """By status, by type, by name, in that order."""
    assert classify_error(error).error_class is expected


@pytest.mark.parametrize("told", ["guardrail", ErrorClass.GUARDRAIL])
def test_class_that_the_exception_names_itself_wins(told: object) -> None:
    """An application's own exception knows best: before status, type and name."""
    assert (
        classify_error(_named("RateLimitError", status_code=429, error_class=told)).error_class
        is ErrorClass.GUARDRAIL
    )


@pytest.mark.parametrize("told", ["no such class", None, 7, ErrorClass])
def test_unusable_own_class_is_passed_over(told: object) -> None:
    """Another library's attribute of that name means something else."""
    assert classify_error(_named("RateLimitError", error_class=told)).error_class is ErrorClass.RATE_LIMIT


def test_exception_whose_attributes_raise_is_still_classified() -> None:
    """Looking at an exception never fails itself."""

    class Odd(TimeoutError):
        @property
        def error_class(self) -> str:
            raise RuntimeError("not now")

    assert classify_error(Odd()).error_class is ErrorClass.TIMEOUT


def _raised(raiser: Callable[[], object]) -> BaseException:
    try:
        raiser()
    except BaseException as error:  # noqa: BLE001  # the test looks at whatever comes
        return error
    raise AssertionError("nothing was raised")


def _wrap(inner: Exception, outer: BaseException, *, as_cause: bool) -> None:
    try:
        raise inner
    except Exception:  # noqa: BLE001  # raised again, as another
        if as_cause:
            raise outer from inner
        raise outer  # noqa: B904  # the context is what is tested


@pytest.mark.parametrize("as_cause", [True, False])
@pytest.mark.parametrize("outer", [RuntimeError("no answer"), _named("ServiceError"), _named("ApiError")])
def test_wrapper_has_the_class_of_what_is_behind_it(outer: BaseException, as_cause: bool) -> None:
    """An application's own exception says less than its cause, or the one it was raised upon."""
    error = _raised(lambda: _wrap(_http_error(429), outer, as_cause=as_cause))
    assert classify_error(error).error_class is ErrorClass.RATE_LIMIT


def test_exception_that_decides_hides_what_is_behind_it() -> None:
    """A bug in the handler is the failure, not what was handled; a silenced context is not looked at."""
    error = _raised(lambda: _wrap(_http_error(429), KeyError("retry-after"), as_cause=False))
    assert classify_error(error).error_class is ErrorClass.INTERNAL
    silenced = _named("ServiceError")
    silenced.__context__, silenced.__suppress_context__ = _http_error(429), True
    assert classify_error(silenced).error_class is ErrorClass.INTERNAL


def test_groups_and_retries_have_the_class_of_their_members() -> None:
    """TaskGroup, tenacity and urllib3 keep the cause in places of their own."""
    group = ExceptionGroup("unhandled errors in a TaskGroup", [ValueError("odd"), TimeoutError()])
    assert classify_error(group).error_class is ErrorClass.TIMEOUT
    attempt = type("Future", (), {"_exception": _http_error(401)})()
    assert classify_error(_named("RetryError", last_attempt=attempt)).error_class is ErrorClass.AUTH
    assert classify_error(_named("OddError", reason=ConnectionResetError())).error_class is ErrorClass.NETWORK


def test_chain_that_bites_its_tail_ends() -> None:
    """Two exceptions that are each other's cause."""
    one, two = _named("OneError"), _named("TwoError")
    one.__cause__, two.__cause__ = two, one
    assert classify_error(one).error_class is ErrorClass.INTERNAL


class _Grpc(Exception):
    """Has its code behind a method, as gRPC does."""

    def code(self) -> object:
        return SimpleNamespace(name="DEADLINE_EXCEEDED", value=(4, "deadline exceeded"))


_AWS = {"Error": {"Code": "ThrottlingException"}, "ResponseMetadata": {"HTTPStatusCode": 400}}


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (_named("APIError", body={"error": {"type": "overloaded_error"}}), ErrorClass.PROVIDER),
        (_named("APIError", body={"code": "context_length_exceeded"}), ErrorClass.TOKEN_LIMIT),
        (_named("ClientError", code=429, status="RESOURCE_EXHAUSTED"), ErrorClass.RATE_LIMIT),
        (_named("ClientError", code=HTTPStatus.SERVICE_UNAVAILABLE), ErrorClass.PROVIDER),
        (_named("ClientError", response=_AWS), ErrorClass.RATE_LIMIT),
        (_Grpc(), ErrorClass.TIMEOUT),
        (_named("QueryCanceled", sqlstate="57014"), ErrorClass.CANCELLED),
    ],
)
def test_codes_are_found_where_libraries_keep_them(error: BaseException, expected: ErrorClass) -> None:
    """`body`, `code`, `status`, `response`: attributes, dicts and methods."""
    assert classify_error(error).error_class is expected


@pytest.mark.parametrize("said", FAILURES, ids=lambda said: f"{said.error_type}|{said.text[:40]}")
def test_text_alone_is_classified_by_the_same_rules(said: Said) -> None:
    """What only arrives as text gets what the server would say."""
    if said.status < 400:
        assert classify_error(said.text, said.error_type).error_class is said.error_class


@pytest.mark.parametrize(
    ("error", "severity", "alerts"),
    [
        (_http_error(401), "critical", True),
        (_http_error(429), "warning", True),
        (_named("GuardrailError"), "info", False),
        (ValueError(), "error", True),
        (_named("TimeoutError", severity="warning", should_alert=False), "warning", False),
        (_named("TimeoutError", severity="loud", should_alert="yes"), "error", True),
    ],
)
def test_failure_has_a_weight(error: BaseException, severity: str, alerts: bool) -> None:
    """By class, unless the exception says otherwise in the words that there are."""
    failure = classify_error(error)
    assert (failure.severity, failure.should_alert) == (severity, alerts)
