"""Errors as HTTP answers: problem+json (RFC 9457) for every way a request can fail."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from pitwall.core.errors import InvalidInput, PitwallError

MEDIA_TYPE = "application/problem+json"


class HttpProblem(InvalidInput):
    """A request that HTTP itself refuses: no such path, no such method, a body too large."""

    def __init__(self, status: int, message: str, *, code: str, hint: str | None = None) -> None:
        super().__init__(message, code=code, hint=hint)
        self.status = status


def problem_body(error: PitwallError, request_id: str) -> dict[str, Any]:
    """Return the problem as a JSON object; absent members are left out."""
    status = _status(error)
    body: dict[str, Any] = {
        "type": f"urn:pitwall:problem:{error.code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": error.code,
        "detail": error.message,
        "instance": f"urn:pitwall:request:{request_id}",
    }
    if error.hint:
        body["hint"] = error.hint
    if error.details:
        body["details"] = error.details
    return body


def problem_response(error: PitwallError, request_id: str) -> Response:
    """Return the whole answer, with `Retry-After` and `WWW-Authenticate` where they belong."""
    content = orjson.dumps(problem_body(error, request_id), default=str)
    response = Response(content, status_code=_status(error), media_type=MEDIA_TYPE)
    if (seconds := error.details.get("retry_after_seconds")) is not None:
        response.headers["retry-after"] = str(max(1, round(float(seconds))))
    if error.http_status == HTTPStatus.UNAUTHORIZED:
        response.headers["www-authenticate"] = 'Bearer realm="pitwall"'
    return response


def internal_problem() -> PitwallError:
    """Return what a caller is told about an error nobody foresaw: nothing about its inside."""
    return PitwallError(
        "Something went wrong inside Pitwall; the server's log has it under this request's id.",
        hint="Report it with the id in `instance`.",
    )


def from_http_exception(error: HTTPException, method: str, path: str) -> HttpProblem:
    """Translate the framework's refusals."""
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            return HttpProblem(
                404, f"There is no {path}.", code="http.not_found", hint="See /api/openapi.json."
            )
        case HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = (error.headers or {}).get("Allow")
            hint = f"It takes {allowed}." if allowed else None
            return HttpProblem(
                405, f"{path} does not take {method}.", code="http.method_not_allowed", hint=hint
            )
        case _:
            phrase = HTTPStatus(error.status_code).phrase
            return HttpProblem(
                error.status_code, str(error.detail), code=f"http.{phrase.lower().replace(' ', '_')}"
            )


def from_validation_error(error: RequestValidationError) -> InvalidInput:
    """Say where the request is wrong, without repeating what was sent."""
    errors = [{"where": _where(item["loc"]), "message": item["msg"]} for item in error.errors()]
    first = errors[0] if errors else {"where": "request", "message": "not valid"}
    more = f" ({len(errors) - 1} more in details)" if len(errors) > 1 else ""
    return InvalidInput(
        f"{first['where']}: {first['message']}{more}.",
        hint="See /api/openapi.json for what it takes.",
        details={"errors": errors},
    )


def _status(error: PitwallError) -> int:
    return error.status if isinstance(error, HttpProblem) else error.http_status


def _where(location: Sequence[int | str]) -> str:
    return ".".join(str(part) for part in location)
