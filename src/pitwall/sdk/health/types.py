"""What a check is and what it may say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class CheckStatus(StrEnum):
    """`degraded`: it works, but not as it should."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found.

    Args:
        status: `ok`, `degraded` or `failed`.
        message: Why it is not ok, one sentence.
        details: Facts that help: what was measured, what is there.

    Raises:
        ValueError: A status that does not exist.
    """

    status: CheckStatus | str = CheckStatus.OK
    message: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", CheckStatus(self.status))


Answer = bool | CheckResult | None
Check = Callable[[], Answer | Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """A check and how much depends on it.

    Args:
        check: A function, plain or async. It fails by returning False or a failed `CheckResult`, by raising,
            or by taking too long.
        required: Whether the application is unhealthy without it; else it is only degraded.
        timeout_seconds: Instead of the endpoint's.
    """

    check: Check
    required: bool = True
    timeout_seconds: float | None = None


def failed(message: str, **details: Any) -> CheckResult:
    """A failure, with what is known all the same."""
    return CheckResult(CheckStatus.FAILED, message, details)


def degraded(message: str, **details: Any) -> CheckResult:
    """Something that works, but not as it should."""
    return CheckResult(CheckStatus.DEGRADED, message, details)


def fine(**details: Any) -> CheckResult:
    """All is well."""
    return CheckResult(CheckStatus.OK, "", details)
