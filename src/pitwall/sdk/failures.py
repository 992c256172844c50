"""Why a call failed, told from the exception alone: no provider library is imported for it."""

from __future__ import annotations

from dataclasses import dataclass

from opentelemetry.trace import Span, StatusCode

from pitwall.core.error_rules import DEFAULT_CLASS, WEIGHTS, classify_text
from pitwall.core.vocabulary import ErrorClass, Severity
from pitwall.sdk import names
from pitwall.sdk.evidence import Finding, find_class
from pitwall.sdk.span import exception_type
from pitwall.sdk.values import describe


@dataclass(frozen=True, slots=True)
class Failure:
    """What a failure is, and how much it matters to whoever runs the application.

    Attributes:
        error_class: `timeout`, `rate_limit`, `token_limit`, `provider`, `parse`, `validation`, `guardrail`,
            `auth`, `network`, `cancelled` or `internal`.
        severity: `info`, `warning`, `error` or `critical`.
        should_alert: Whether somebody is to be told at once.
    """

    error_class: ErrorClass
    severity: Severity
    should_alert: bool


def classify_error(error: BaseException | str, error_type: str = "") -> Failure:
    """Tell what a failure is, from an exception of any library or from a text.

    Of an exception it looks at its own `error_class`, `severity` and `should_alert`, the names of its types,
    provider codes, HTTP status and text, and at what is behind it: causes, contexts, groups, retries. The
    server judges telemetry of other SDKs by the same rules. Never raises.

    Args:
        error: The exception, or what was said of it.
        error_type: With a text, the name of the type if it is known.
    """
    if isinstance(error, str):
        return _weighed(classify_text(error_type, error))
    found = find_class(error) or Finding(DEFAULT_CLASS, error)
    usual = _weighed(found.error_class)
    source = found.source
    return Failure(
        found.error_class,
        _own_severity(source) or usual.severity,
        _own_alert(source, usual=usual.should_alert),
    )


def _weighed(error_class: ErrorClass) -> Failure:
    weight = WEIGHTS[error_class]
    return Failure(error_class, weight.severity, weight.should_alert)


def _own_severity(error: BaseException) -> Severity | None:
    try:
        return Severity(getattr(error, "severity", ""))
    except Exception:  # noqa: BLE001  # no severity of ours, or a foreign attribute that raises
        return None


def _own_alert(error: BaseException, *, usual: bool) -> bool:
    try:
        told = getattr(error, "should_alert", None)
    except Exception:  # noqa: BLE001  # a foreign attribute that raises
        return usual
    return told if isinstance(told, bool) else usual


def note_failure(span: Span, error: BaseException) -> None:
    """Put the exception, its type, what it is and the error status on a span."""
    failure = classify_error(error)
    span.set_attribute(names.ERROR_TYPE, exception_type(error))
    span.set_attribute(names.ERROR_CLASS, failure.error_class.value)
    span.set_attribute(names.ERROR_SEVERITY, failure.severity.value)
    span.set_attribute(names.ERROR_SHOULD_ALERT, failure.should_alert)
    span.record_exception(error, escaped=True)
    span.set_status(StatusCode.ERROR, f"{type(error).__name__}: {describe(error)}")
