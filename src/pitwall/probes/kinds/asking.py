"""A question over HTTP: no proxy, no other host, no more of an answer than a probe needs."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from pitwall.kit.i18n import Text
from pitwall.probes.findings import CannotAsk, said

MAX_BODY_BYTES = 1 << 20
_PIECE_BYTES = 64 << 10
_MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SECONDS_PER_DAY = 86_400
_NO_CERTIFICATES = Text(
    "{path} holds no certificates: {reason}", "{path}에서 인증서를 읽을 수 없습니다: {reason}"
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one address.

    Attributes:
        timeout_seconds: For every step of the conversation, and for all of it once the answer begins.
        ca_file: Whom to trust instead of the machine's authorities.
    """

    url: str
    timeout_seconds: float
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = None
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer.

    Attributes:
        body: At most its first megabyte.
        certificate_days: For how long the certificate is still valid; None without TLS.
        leads_to: The other host to which it redirects, which is never asked; None if it does not.
    """

    status: int
    body: bytes
    certificate_days: float | None = None
    leads_to: str | None = None
    is_cut: bool = False

    @property
    def is_ok(self) -> bool:
        """Whether the service did what was asked."""
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON, None if it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def member(self, name: str) -> Any:
        """A member of the answer, None if the answer is no object or lacks it."""
        content = self.json()
        return content.get(name) if isinstance(content, dict) else None


def put_question(question: Question) -> Reply:
    """Ask, and follow redirects that stay at the same origin.

    Raises:
        OSError: The service does not answer in HTTP.
        CannotAsk: The certificates to trust cannot be read.
    """
    url, deadline = question.url, time.monotonic() + question.timeout_seconds
    for _ in range(_MAX_REDIRECTS):
        reply, location = _ask_once(question, urlsplit(url), deadline)
        if reply.status not in _REDIRECTS or not location:
            return reply
        following = urljoin(url, location)
        if _origin(urlsplit(following)) != _origin(urlsplit(url)):
            host = urlsplit(following).netloc.rpartition("@")[2]
            return Reply(reply.status, reply.body, reply.certificate_days, leads_to=host[:200])
        url = following
    raise ConnectionError(f"more than {_MAX_REDIRECTS} redirects")


def _ask_once(question: Question, parts: SplitResult, deadline: float) -> tuple[Reply, str | None]:
    connection = _connect(question, parts)
    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    try:
        connection.request(question.method, path, question.body, dict(question.headers))
        days = _certificate_days(connection.sock)
        answer = connection.getresponse()
        body, is_cut = _read(answer, deadline)
        return Reply(answer.status, body, days, is_cut=is_cut), answer.getheader("location")
    except http.client.HTTPException as error:
        raise ConnectionError(f"no HTTP: {type(error).__name__} {error}".strip()) from error
    except (UnicodeError, ValueError) as error:
        raise ConnectionError(str(error)) from error
    finally:
        connection.close()


def _connect(question: Question, parts: SplitResult) -> http.client.HTTPConnection:
    host, timeout = str(parts.hostname), question.timeout_seconds
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, parts.port, timeout=timeout)
    try:
        context = ssl.create_default_context(cafile=question.ca_file)
    except OSError as error:
        raise CannotAsk(said(_NO_CERTIFICATES, path=question.ca_file, reason=error)) from error
    return http.client.HTTPSConnection(host, parts.port, timeout=timeout, context=context)


def _read(answer: http.client.HTTPResponse, deadline: float) -> tuple[bytes, bool]:
    body = bytearray()
    while len(body) < MAX_BODY_BYTES:
        piece = answer.read1(min(_PIECE_BYTES, MAX_BODY_BYTES - len(body)))
        if not piece:
            return bytes(body), False
        body += piece
        if time.monotonic() > deadline:
            raise TimeoutError("the answer does not end")
    return bytes(body), bool(answer.read1(1))


def _certificate_days(talking: Any) -> float | None:
    if not isinstance(talking, ssl.SSLSocket):
        return None
    ends = (talking.getpeercert() or {}).get("notAfter")
    return (
        (ssl.cert_time_to_seconds(ends) - time.time()) / _SECONDS_PER_DAY if isinstance(ends, str) else None
    )


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
