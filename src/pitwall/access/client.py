"""The HTTP client of the command line: finds the server, sends the key, turns problems back into errors."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import httpx
import orjson

from pitwall.core.errors import (
    Conflict,
    InvalidInput,
    LimitExceeded,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    PitwallError,
    Unavailable,
)
from pitwall.stores.data_dir import discover

_KINDS: Mapping[int, type[PitwallError]] = {
    400: InvalidInput,
    401: NotAuthenticated,
    403: NotPermitted,
    404: NotFound,
    409: Conflict,
    413: InvalidInput,
    422: InvalidInput,
    429: LimitExceeded,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}
_TIMEOUT = httpx.Timeout(60.0, connect=5.0)


class ServerNotRunning(Unavailable):
    """No server runs where one was looked for."""

    default_code = "server.not_running"


class ApiClient:
    """Talks to one Pitwall server.

    Args:
        url: Address of the server, with or without a trailing slash.
        credential: API key, or the token of the runtime file; None sends none.
        transport: For tests: where requests go instead of the network.
    """

    def __init__(
        self, url: str, credential: str | None = None, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        if not url.startswith(("http://", "https://")):
            raise InvalidInput(
                f"{url!r} is not the address of a server.", hint="Write it like http://127.0.0.1:8400."
            )
        self.url = url.rstrip("/")
        is_here = _is_loopback_url(self.url)
        headers = {} if credential is None else {"authorization": f"Bearer {credential}"}
        self._client = httpx.Client(
            base_url=self.url,
            headers=headers,
            timeout=_TIMEOUT,
            transport=transport,
            trust_env=not is_here,
            verify=_without_certificates() if is_here and url.startswith("http:") else True,
        )

    @classmethod
    def find(
        cls, *, url: str | None = None, data_dir: Path | None = None, api_key: str | None = None
    ) -> ApiClient | None:
        """Reach the server at an address, or the one that runs on a data directory; None if none runs there.

        An API key that is given is used also where the runtime file would let this user in.

        Raises:
            NotPermitted: One runs, and it belongs to another user.
            InvalidInput: Neither an address nor a directory is given, or the address is no URL.
        """
        if url is not None:
            return cls(url, api_key)
        if data_dir is None:
            raise InvalidInput(
                "Neither a server nor a data directory is named.", hint="Give --url or --data-dir."
            )
        running = discover(data_dir)
        return None if running is None else cls(running.url, api_key or running.token)

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON of a GET; parameters that are None are left out.

        Raises:
            PitwallError: Of the kind the server answered with; `Unavailable` if it did not answer.
        """
        return self.request("GET", path, params=params)

    def post(
        self,
        path: str,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        *,
        timeout_seconds: float | None = None,
    ) -> Any:
        """Return the JSON answer to a POST of JSON; `timeout_seconds` is for answers that take long.

        Raises:
            PitwallError: As `get`.
        """
        return self.request("POST", path, params=params, body=body, timeout_seconds=timeout_seconds)

    def delete(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON answer to a DELETE.

        Raises:
            PitwallError: As `get`.
        """
        return self.request("DELETE", path, params=params)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        timeout_seconds: float | None = None,
    ) -> Any:
        """Send one request and return the JSON of its answer, None if it has no body.

        Raises:
            PitwallError: Of the kind the server answered with; `Unavailable` if it did not answer.
        """
        content = None if body is None else orjson.dumps(body)
        headers = {} if content is None else {"content-type": "application/json"}
        with self._reaching():
            answer = self._client.request(
                method,
                path,
                params=_given(params),
                content=content,
                headers=headers,
                timeout=_timeout(timeout_seconds),
            )
        return _result(answer)

    def upload(
        self, path: str, chunks: Iterable[bytes], params: Mapping[str, Any], *, timeout_seconds: float
    ) -> Any:
        """Return the JSON answer to a POST of a file, which is sent piece by piece.

        Raises:
            PitwallError: As `get`.
        """
        with self._reaching():
            answer = self._client.post(
                path,
                params=_given(params),
                content=chunks,
                headers={"content-type": "application/octet-stream"},
                timeout=_timeout(timeout_seconds),
            )
        return _result(answer)

    def download(
        self, path: str, params: Mapping[str, Any], into: BinaryIO, *, timeout_seconds: float
    ) -> None:
        """Write the body of the answer to a GET as it comes.

        Raises:
            PitwallError: As `get`; what had come by then has been written.
        """
        timeout = _timeout(timeout_seconds)
        with (
            self._reaching(),
            self._client.stream("GET", path, params=_given(params), timeout=timeout) as answer,
        ):
            if not answer.is_success:
                answer.read()
                raise _error(answer)
            for chunk in answer.iter_bytes():
                into.write(chunk)

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except httpx.HTTPError as exc:
            raise Unavailable(
                f"The server at {self.url} does not answer: {str(exc) or type(exc).__name__}.",
                code="server.unreachable",
                hint="Check the address, and that the server runs (`pitwall status`).",
            ) from exc

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _given(params: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (params or {}).items() if value is not None}


def _timeout(seconds: float | None) -> httpx.Timeout:
    return _TIMEOUT if seconds is None else httpx.Timeout(seconds, connect=5.0)


def _result(answer: httpx.Response) -> Any:
    if answer.is_success:
        return _json(answer) if answer.content else None
    raise _error(answer)


def _without_certificates() -> ssl.SSLContext:
    """Trust nobody: to read the system's certificates takes longer than most answers of a server here."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _is_loopback_url(url: str) -> bool:
    return httpx.URL(url).host in ("127.0.0.1", "localhost", "::1")


def _json(answer: httpx.Response) -> Any:
    try:
        return orjson.loads(answer.content)
    except orjson.JSONDecodeError as exc:
        raise Unavailable(
            f"{answer.request.url} answered with something that is not JSON.",
            code="server.not_pitwall",
            hint="Check that the address is that of a Pitwall server.",
        ) from exc


def _error(answer: httpx.Response) -> PitwallError:
    """Turn a problem back into the error it came from; other answers into one of their status."""
    kind = _KINDS.get(answer.status_code, PitwallError)
    try:
        problem = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        problem = None
    if not isinstance(problem, dict) or "detail" not in problem:
        return kind(f"{answer.request.url} answered {answer.status_code} {answer.reason_phrase}.")
    return kind(
        str(problem["detail"]),
        code=problem.get("code"),
        hint=problem.get("hint"),
        details=problem.get("details"),
    )
