"""How a message reaches a channel: a signed webhook, Slack's form, or anything Apprise has an address for."""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import orjson

from pitwall import __version__
from pitwall.kit.clock import Clock
from pitwall.notifications.types import ChannelKind

SIGNATURE_HEADER: Final = "X-Pitwall-Signature"
TIMESTAMP_HEADER: Final = "X-Pitwall-Timestamp"
KEY_HEADER: Final = "Idempotency-Key"
ATTEMPT_HEADER: Final = "X-Pitwall-Attempt"
REPEAT_HEADER: Final = "X-Pitwall-May-Repeat"
_USER_AGENT: Final = f"pitwall/{__version__}"
_TRANSIENT: Final = frozenset({408, 423, 425, 429})
_MAX_ERROR: Final = 300
_SLACK_TEXT: Final = 3_000
_NO_CERTIFICATES: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody; for what is not encrypted."""
# Addresses of Apprise that do something on this machine instead of telling people.
_LOCAL_SCHEMES: Final = frozenset(
    {"dbus", "qt", "kde", "glib", "gnome", "macosx", "windows", "syslog", "rsyslog", "file"}
)


class OutcomeKind(StrEnum):
    """What became of an attempt."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt: `refused` is for good, `failed` is worth another try.

    Attributes:
        retry_after: How long the channel asked to wait.
    """

    kind: OutcomeKind
    status: int | None = None
    error: str | None = None
    retry_after: timedelta | None = None


DELIVERED: Final = Outcome(OutcomeKind.DELIVERED)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message with where it goes; address and secret in clear.

    Attributes:
        key: The same for every attempt of a delivery.
        message: `title`, `text`, `html`, and `document` for webhooks.
    """

    kind: ChannelKind
    url: str
    secret: str | None
    timeout_seconds: float
    key: str
    attempt: int
    may_repeat: bool
    message: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"Envelope({self.kind}, {self.key})"


class Transports:
    """Sends envelopes; calls block for as long as the channel's timeout at most.

    Args:
        clock: What signatures are stamped with.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def send(self, envelope: Envelope) -> Outcome:
        """Try once; never raises for what the channel does."""
        match envelope.kind:
            case ChannelKind.WEBHOOK:
                return self._post(envelope, orjson.dumps(envelope.message["document"]))
            case ChannelKind.SLACK:
                return self._post(envelope, orjson.dumps(slack_form(envelope.message)))
            case ChannelKind.APPRISE:
                return send_with_apprise(envelope)

    def _post(self, envelope: Envelope, body: bytes) -> Outcome:
        headers = {
            "content-type": "application/json",
            "user-agent": _USER_AGENT,
            KEY_HEADER: envelope.key,
            ATTEMPT_HEADER: str(envelope.attempt),
        }
        if envelope.may_repeat:
            headers[REPEAT_HEADER] = "true"
        if envelope.secret is not None:
            timestamp = str(int(self._clock.now().timestamp()))
            headers[TIMESTAMP_HEADER] = timestamp
            headers[SIGNATURE_HEADER] = f"v1={sign(envelope.secret, timestamp, body)}"
        try:
            is_secure = envelope.url.lower().startswith("https:")
            with httpx.Client(
                timeout=envelope.timeout_seconds,
                trust_env=_leaves(envelope.url),
                verify=_certificates() if is_secure else _NO_CERTIFICATES,
            ) as client:
                answer = client.post(envelope.url, content=body, headers=headers)
        except httpx.TimeoutException:
            return _failed(f"no answer within {envelope.timeout_seconds:g} s")
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, ValueError) as error:
            return Outcome(OutcomeKind.REFUSED, error=_shortened(f"the address is no URL: {error}"))
        except httpx.HTTPError as error:
            return _failed(str(error) or type(error).__name__)
        return judge(answer, self._clock.now())


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of a webhook: HMAC-SHA256 over the timestamp, a dot, and the body as it is sent."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def judge(answer: httpx.Response, now: datetime) -> Outcome:
    """What an HTTP answer means: what is wrong with the request stays wrong, the rest may pass."""
    status = answer.status_code
    if answer.is_success:
        return Outcome(OutcomeKind.DELIVERED, status)
    error = _shortened(f"{status} {answer.reason_phrase}: {answer.text.strip()}".rstrip(": "))
    if status in _TRANSIENT or status >= 500:
        return Outcome(OutcomeKind.FAILED, status, error, _retry_after(answer, now))
    return Outcome(OutcomeKind.REFUSED, status, error)


def slack_form(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message as an incoming webhook of Slack takes it."""
    title, text = str(message["title"]), str(message["text"])
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": title[:150], "emoji": False}},
        *(
            {"type": "section", "text": {"type": "mrkdwn", "text": part}}
            for part in _parts(_slack_escaped(text), _SLACK_TEXT)
        ),
    ]
    return {"text": _slack_escaped(title), "blocks": blocks[:50]}


def send_with_apprise(envelope: Envelope) -> Outcome:
    """Send through Apprise; what it logs is the only reason it gives."""
    if _scheme(envelope.url) in _LOCAL_SCHEMES:
        return Outcome(OutcomeKind.REFUSED, error="addresses of this machine are not allowed")
    try:
        import apprise  # slow, and used by few
    except ModuleNotFoundError:
        return Outcome(OutcomeKind.REFUSED, error='Apprise is missing; install "pitwall[server]"')
    sender = apprise.Apprise(asset=apprise.AppriseAsset(app_id="Pitwall", app_url="", async_mode=False))
    with apprise.LogCapture(level=logging.WARNING) as captured:  # type: ignore[no-untyped-call]
        if not sender.add(_with_timeouts(envelope.url, envelope.timeout_seconds)):
            return Outcome(OutcomeKind.REFUSED, error="Apprise does not understand the address")
        is_html = _scheme(envelope.url) in ("mailto", "mailtos")
        is_sent = sender.notify(
            title=str(envelope.message["title"]),
            body=str(envelope.message["html" if is_html else "text"]),
            body_format=apprise.NotifyFormat.HTML if is_html else apprise.NotifyFormat.TEXT,
        )
        said = captured.getvalue()
    return DELIVERED if is_sent else _judge_apprise(said)


def is_known_to_apprise(url: str) -> bool:
    """Whether Apprise understands an address; without Apprise, whether it looks like one."""
    if _scheme(url) in _LOCAL_SCHEMES:
        return False
    try:
        import apprise
    except ModuleNotFoundError:
        return "://" in url
    return apprise.Apprise.instantiate(url, suppress_exceptions=True) is not None


def _scheme(url: str) -> str:
    return url.partition("://")[0].strip().lower()


def _judge_apprise(said: str) -> Outcome:
    lines = [line.partition(" - ")[2] or line for line in said.splitlines() if line.strip()]
    error = _shortened("; ".join(lines)) or "Apprise could not deliver it"
    found = re.search(r"error=(\d{3})", said)
    status = int(found[1]) if found else None
    is_refused = status is not None and 400 <= status < 500 and status not in _TRANSIENT
    return Outcome(OutcomeKind.REFUSED if is_refused else OutcomeKind.FAILED, status, error)


def _with_timeouts(url: str, seconds: float) -> str:
    """The address with how long Apprise may wait for a connection and for an answer, unless it says so."""
    if "rto=" in url or "cto=" in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}cto={min(seconds, 5.0):g}&rto={seconds:g}"


def _retry_after(answer: httpx.Response, now: datetime) -> timedelta | None:
    written = answer.headers.get("retry-after", "").strip()
    if written.isdigit():
        return timedelta(seconds=min(int(written), 86_400))
    try:
        return max(timedelta(), parsedate_to_datetime(written) - now)
    except (ValueError, TypeError):
        return None


@cache
def _certificates() -> ssl.SSLContext:
    """Whom to trust; reading it takes longer than most channels take to answer."""
    return httpx.create_ssl_context()


def _leaves(url: str) -> bool:
    """Whether an address is on another machine, so that proxies of the environment apply."""
    return urlsplit(url).hostname not in ("127.0.0.1", "localhost", "::1")


def _failed(error: str) -> Outcome:
    return Outcome(OutcomeKind.FAILED, error=_shortened(error))


def _shortened(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= _MAX_ERROR else one_line[: _MAX_ERROR - 1] + "…"


def _slack_escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _parts(text: str, size: int) -> list[str]:
    """A long text in pieces that end at line breaks where there are some."""
    parts: list[str] = []
    while len(text) > size:
        cut = text.rfind("\n", 1, size)
        cut = size if cut < 0 else cut
        parts.append(text[:cut])
        text = text[cut:].lstrip("\n")
    return [*parts, text] if text else parts
