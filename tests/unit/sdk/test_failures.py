"""Exceptions of any library get the class a team acts on."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from pitwall.core.vocabulary import ErrorClass
from pitwall.sdk.failures import classify_error


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
    assert classify_error(error) is expected


@pytest.mark.parametrize("told", ["guardrail", ErrorClass.GUARDRAIL])
def test_class_that_the_exception_names_itself_wins(told: object) -> None:
    """An application's own exception knows best: before status, type and name."""
    assert classify_error(_named("RateLimitError", status_code=429, error_class=told)) is ErrorClass.GUARDRAIL


@pytest.mark.parametrize("told", ["no such class", None, 7, ErrorClass])
def test_unusable_own_class_is_passed_over(told: object) -> None:
    """Another library's attribute of that name means something else."""
    assert classify_error(_named("RateLimitError", error_class=told)) is ErrorClass.RATE_LIMIT


def test_exception_whose_attributes_raise_is_still_classified() -> None:
    """Looking at an exception never fails itself."""

    class Odd(TimeoutError):
        @property
        def error_class(self) -> str:
            raise RuntimeError("not now")

    assert classify_error(Odd()) is ErrorClass.TIMEOUT
