"""Sending request bodies by HTTP: one kept connection, retries with the same body, never a raise."""

from __future__ import annotations

import email.utils
import gzip
import http.client
import logging
import math
import random
import ssl
import threading
import time
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

_log = logging.getLogger("pitwall.sdk")
_RETRYABLE = frozenset({408, 429, 502, 503, 504})
_FIRST_BACKOFF_SECONDS = 0.25
_MAX_BACKOFF_SECONDS = 15.0
_MAX_RESPONSE_BYTES = 1 << 20
_LOG_EVERY_SECONDS = 60.0
_GZIP_LEVEL = 1


class Delivery(StrEnum):
    """How a body fared."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    GAVE_UP = "gave_up"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one delivery; `body` is the server's answer when it accepted."""

    delivery: Delivery
    status: int = 0
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes
    retry_after: str | None


class HttpTransport:
    """Posts OTLP bodies to one server. Used by one thread at a time.

    Args:
        endpoint: Base address, `http://host:port`; signal paths are added.
        headers: Sent with every request.
        timeout_seconds: For connecting and for each read.
        retry_seconds: How long one body is tried before it is given up.
        compress: Whether bodies are sent gzipped.
    """

    def __init__(
        self,
        endpoint: str,
        headers: dict[str, str],
        *,
        timeout_seconds: float,
        retry_seconds: float,
        compress: bool,
    ) -> None:
        parts = urlsplit(endpoint)
        self._endpoint = endpoint
        self._secure = parts.scheme == "https"
        self._host = parts.hostname or "127.0.0.1"
        self._port = parts.port
        self._prefix = parts.path.rstrip("/")
        self._headers = {"content-type": "application/x-protobuf", **headers}
        self._timeout_seconds = timeout_seconds
        self._retry_seconds = retry_seconds
        self._compress = compress
        self._stopping = threading.Event()
        self._deadline = math.inf
        self._connection: http.client.HTTPConnection | None = None
        self._last_logged = -math.inf

    def stop_by(self, deadline: float) -> None:
        """Cut waits short from now on and give up at `deadline` (monotonic seconds)."""
        self._deadline = deadline
        self._stopping.set()

    def deliver(self, path: str, body: bytes, *, retry: bool = True) -> Outcome:
        """Post `body` until it is accepted or refused, the retry time is over, or the owner stops."""
        headers = dict(self._headers)
        if self._compress:
            body = gzip.compress(body, _GZIP_LEVEL, mtime=0)
            headers["content-encoding"] = "gzip"
        give_up_at = time.monotonic() + (self._retry_seconds if retry else 0.0)
        backoff = _FIRST_BACKOFF_SECONDS
        while True:
            answer = self._post(path, body, headers)
            if answer is not None and 200 <= answer.status < 300:
                return Outcome(Delivery.ACCEPTED, answer.status, answer.body)
            if answer is not None and answer.status not in _RETRYABLE:
                self._warn("refused", f"status={answer.status} answer={answer.body[:200]!r}")
                return Outcome(Delivery.REFUSED, answer.status)
            wait = retry_after_seconds(answer.retry_after if answer else None)
            if wait is None:
                wait = backoff * random.uniform(0.5, 1.5)
                backoff = min(backoff * 2, _MAX_BACKOFF_SECONDS)
            if time.monotonic() + wait >= min(give_up_at, self._deadline):
                return Outcome(Delivery.GAVE_UP, answer.status if answer else 0)
            self._pause(wait)

    def _pause(self, seconds: float) -> None:
        """Wait before a retry; a stop that comes meanwhile makes the next try immediate."""
        if self._stopping.is_set():
            time.sleep(seconds)
        else:
            self._stopping.wait(seconds)

    def _post(self, path: str, body: bytes, headers: dict[str, str]) -> _Answer | None:
        for attempt in (1, 2):
            reused = self._connection is not None
            try:
                return self._exchange(path, body, headers)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                # A kept connection that the server closed meanwhile is no failure of the server: once more at
                # once.
                if not (reused and attempt == 1):
                    self._warn("unreachable", f"error={error!r}")
                    return None
        return None

    def _exchange(self, path: str, body: bytes, headers: dict[str, str]) -> _Answer:
        if self._connection is None:
            self._connection = self._connect()
        connection = self._connection
        connection.request("POST", self._prefix + path, body=body, headers=headers)
        response = connection.getresponse()
        data = response.read(_MAX_RESPONSE_BYTES)
        if response.will_close or not response.isclosed():
            self.close()
        return _Answer(response.status, data, response.getheader("retry-after"))

    def _connect(self) -> http.client.HTTPConnection:
        if self._secure:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=self._timeout_seconds, context=context
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout_seconds)

    def close(self) -> None:
        """Drop the kept connection; the next delivery opens a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _warn(self, event: str, detail: str) -> None:
        now = time.monotonic()
        if now - self._last_logged >= _LOG_EVERY_SECONDS:
            self._last_logged = now
            _log.warning("sdk.export_%s endpoint=%s %s", event, self._endpoint, detail)


def retry_after_seconds(value: str | None) -> float | None:
    """Seconds a server asked to wait, from a number or an HTTP date; None when it did not."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, TypeError):
            return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None
