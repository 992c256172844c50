"""Exceptions for applications that call models: each knows its class, how bad it is, and whether to alert.

They need no client and no server. Raised through a helper, `observe` or the middleware they mark the span.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pitwall.core.error_rules import WEIGHTS
from pitwall.core.vocabulary import ErrorClass, Severity
from pitwall.sdk.failures import classify_error


class AIError(Exception):
    """Root of what an application raises when its AI part fails.

    Args:
        message: One sentence.
        severity: `info`, `warning`, `error` or `critical`; by default what is usual for the class.
        should_alert: Whether somebody is to be told at once; by default what is usual for the class.
        error_class: For failures without an exception of their own here: `auth`, `network`, `cancelled`...
        details: Facts for programs.

    Raises:
        ValueError: A severity or class that does not exist.
    """

    default_class: ClassVar[ErrorClass] = ErrorClass.INTERNAL

    def __init__(
        self,
        message: str = "",
        *,
        severity: Severity | str | None = None,
        should_alert: bool | None = None,
        error_class: ErrorClass | str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.error_class = ErrorClass(error_class) if error_class is not None else self.default_class
        usual = WEIGHTS[self.error_class]
        self.severity = Severity(severity) if severity is not None else usual.severity
        self.should_alert = usual.should_alert if should_alert is None else should_alert
        self.details: dict[str, Any] = dict(details or {})

    @staticmethod
    def of(error: BaseException, message: str | None = None) -> AIError:
        """What stands here for an exception of another library; raise it `from` that one."""
        failure = classify_error(error)
        kind = _BY_CLASS.get(failure.error_class, AIError)
        return kind(
            message if message is not None else f"{type(error).__name__}: {error}",
            severity=failure.severity,
            should_alert=failure.should_alert,
            error_class=failure.error_class,
        )


class TokenLimitError(AIError):
    """The prompt, or the answer, is longer than the model takes."""

    default_class = ErrorClass.TOKEN_LIMIT


class ProviderError(AIError):
    """The model's provider failed to answer."""

    default_class = ErrorClass.PROVIDER


class AITimeoutError(AIError, TimeoutError):
    """The answer did not come in time; also a builtin `TimeoutError`."""

    default_class = ErrorClass.TIMEOUT


class RateLimitError(AIError):
    """Too many requests or tokens; `details["retry_after_seconds"]` may say when to come back."""

    default_class = ErrorClass.RATE_LIMIT


class ParseError(AIError):
    """The answer has not the form that was asked for."""

    default_class = ErrorClass.PARSE


class ValidationError(AIError):
    """What was given, or what came back, breaks the application's rules."""

    default_class = ErrorClass.VALIDATION


class GuardrailError(AIError):
    """A guardrail stopped the question or the answer."""

    default_class = ErrorClass.GUARDRAIL


_BY_CLASS = {
    kind.default_class: kind
    for kind in (
        TokenLimitError,
        ProviderError,
        AITimeoutError,
        RateLimitError,
        ParseError,
        ValidationError,
        GuardrailError,
    )
}
