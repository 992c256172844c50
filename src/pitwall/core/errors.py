"""The errors of Pitwall: one root, a few kinds named after what the caller can do about them.

A feature's own errors derive from one of the kinds and live beside its service. The HTTP status, the exit
code of the command line and the exception of the SDK all come from the class attributes here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class PitwallError(Exception):
    """Root of all errors Pitwall raises on purpose.

    Args:
        message: One sentence that names the thing and its value.
        code: Stable machine-readable name, `noun.problem`; defaults to the kind's own.
        hint: The way out, one sentence.
        details: Structured facts for programs; must be JSON-serialisable.
    """

    http_status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1
    default_code: ClassVar[str] = "internal"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.hint = hint
        self.details: dict[str, Any] = dict(details or {})

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message


class InvalidInput(PitwallError):
    """What was given cannot be understood; correct it and try again."""

    http_status = 422
    exit_code = 2
    default_code = "input.invalid"


class NotAuthenticated(PitwallError):
    """No credential, or one that is unknown, revoked or expired."""

    http_status = 401
    default_code = "access.unauthenticated"


class NotPermitted(PitwallError):
    """The principal is known but may not do this."""

    http_status = 403
    default_code = "access.denied"


class NotFound(PitwallError):
    """The named thing does not exist in this project."""

    http_status = 404
    default_code = "not_found"


class Conflict(PitwallError):
    """The thing is in a state that does not allow this; look again and retry."""

    http_status = 409
    default_code = "conflict"


class GuardRefused(Conflict):
    """A guard checked just before acting said no."""

    default_code = "guard.refused"


class LimitExceeded(PitwallError):
    """A limit was reached; wait `retry_after_seconds` (in `details`) and try again."""

    http_status = 429
    default_code = "limit.exceeded"


class Unavailable(PitwallError):
    """Something needed is not reachable now; retry later."""

    http_status = 503
    default_code = "unavailable"
