"""Exceptions for applications: class, severity and whether to alert travel with them."""

from __future__ import annotations

import pickle

import pytest

import pitwall
from pitwall.core.vocabulary import ErrorClass, Severity
from tests.unit.sdk.recording import Recorded

KINDS = {
    pitwall.TokenLimitError: "token_limit",
    pitwall.ProviderError: "provider",
    pitwall.AITimeoutError: "timeout",
    pitwall.RateLimitError: "rate_limit",
    pitwall.ParseError: "parse",
    pitwall.ValidationError: "validation",
    pitwall.GuardrailError: "guardrail",
    pitwall.AIError: "internal",
}


@pytest.mark.parametrize(("kind", "error_class"), KINDS.items())
def test_each_kind_knows_its_class(kind: type[pitwall.AIError], error_class: str, recorded: Recorded) -> None:
    """Raised in a helper it names the class of the span, whatever its message mentions."""
    with pytest.raises(pitwall.AIError, match="why"), pitwall.llm_call(model="m"):
        raise kind("why")
    assert recorded[0].attributes["pitwall.error.class"] == error_class
    assert recorded[0].attributes["error.type"].endswith(kind.__name__)


def test_weight_is_usual_for_the_class_or_what_was_said(recorded: Recorded) -> None:
    """Severity and should_alert stand on the span."""
    error = pitwall.RateLimitError("slow down", severity="critical", should_alert=False)
    with pitwall.llm_call(model="m") as call:
        call.set_error(error)
    with pitwall.llm_call(model="m") as call:
        call.set_error(pitwall.AIError("no key", error_class="auth"))
    told = [
        [span.attributes[f"pitwall.error.{name}"] for name in ("class", "severity", "should_alert")]
        for span in recorded
    ]
    assert told == [["rate_limit", "critical", False], ["auth", "critical", True]]


def test_cause_speaks_for_an_error_without_a_class() -> None:
    """`AIError` alone says nothing; the weight comes with the cause that was found."""
    error = pitwall.AIError("no answer")
    error.__cause__ = pitwall.GuardrailError("stopped", severity="warning")
    assert pitwall.classify_error(error) == pitwall.Failure(ErrorClass.GUARDRAIL, Severity.WARNING, False)


def test_timeout_is_a_builtin_timeout() -> None:
    """Code that already handles TimeoutError goes on working."""
    with pytest.raises(TimeoutError):
        raise pitwall.AITimeoutError("30 s")


def test_foreign_exception_becomes_one_of_ours() -> None:
    """`AIError.of` finds the kind; classes without a kind keep their class."""
    limited = pitwall.AIError.of(TimeoutError("30 s"))
    assert (type(limited), str(limited)) == (pitwall.AITimeoutError, "TimeoutError: 30 s")
    refused = pitwall.AIError.of(ConnectionRefusedError(), "no model server")
    assert (type(refused), refused.error_class, str(refused)) == (
        pitwall.AIError,
        ErrorClass.NETWORK,
        "no model server",
    )


@pytest.mark.parametrize("wrong", [{"severity": "loud"}, {"error_class": "bad_luck"}])
def test_word_that_does_not_exist_is_refused(wrong: dict[str, str]) -> None:
    """A typing mistake is found where it is made."""
    with pytest.raises(ValueError, match="is not a valid"):
        pitwall.AIError("x", **wrong)  # type: ignore[arg-type]


def test_error_survives_a_process_boundary() -> None:
    """Worker pools pickle exceptions."""
    error = pitwall.ProviderError("down", severity="warning", details={"status": 503})
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.args, copy.severity, copy.details) == (error.args, error.severity, error.details)
