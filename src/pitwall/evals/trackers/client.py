"""HTTP to a tracker: short timeouts, few repetitions, an end to all of it, and failures in words."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from pitwall import __version__
from pitwall.evals.trackers.errors import Refused, TrackerFailed
from pitwall.ingest.mapping.masking import GROUPS, mask_text
from pitwall.kit.text import printable, truncate
from pitwall.settings.production import is_loopback_host

_TRIES: Final = 3
_FIRST_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 20.0
_MOST_SAID: Final = 300
_OF_THIS_ONE: Final = frozenset({400, 409, 413, 415, 422})
_TRANSIENT: Final = frozenset({408, 425, 429})
_CONNECT_SECONDS: Final = 5.0
_WORDS: Final = ("message", "detail", "error")
"""Where answers say in words what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a tracker is and how one is let in.

    Attributes:
        credentials: Names of the settings that let in, for messages.
    """

    name: str
    url: str
    credentials: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    auth: tuple[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things may take.

    Attributes:
        timeout_seconds: One answer.
        max_seconds: Everything that is sent of a run.
    """

    timeout_seconds: float
    max_seconds: float


class TrackerClient:
    """Asks a tracker; may be used by several threads.

    Args:
        transport: For tests: where requests go instead of the network.
        sleep: Waits between tries.
    """

    def __init__(
        self,
        address: Address,
        limits: Limits,
        *,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._address = address
        self._limits = limits
        self._sleep = sleep
        self._ends_at = time.monotonic() + limits.max_seconds
        parts = urlsplit(address.url)
        is_secure = parts.scheme == "https"
        self._client = httpx.Client(
            base_url=address.url.rstrip("/"),
            headers={"user-agent": f"pitwall/{__version__}", **address.headers},
            auth=address.auth,
            timeout=httpx.Timeout(
                limits.timeout_seconds, connect=min(_CONNECT_SECONDS, limits.timeout_seconds)
            ),
            # Proxies are for what leaves this machine.
            trust_env=not is_loopback_host(parts.hostname or ""),
            verify=ssl.create_default_context() if is_secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            transport=transport,
        )

    def close(self) -> None:
        """Close connections."""
        self._client.close()

    def request(
        self, method: str, path: str, *, accept: Collection[int] = (), **request: Any
    ) -> httpx.Response:
        """Ask, and ask again after what may pass.

        Args:
            accept: Statuses that are answers, too.

        Raises:
            Refused: The tracker does not take this one thing.
            TrackerFailed: It takes nothing: it is down, slow, or does not let us in.
        """
        pause = _FIRST_PAUSE_SECONDS
        for number in range(1, _TRIES + 1):
            self._check_time()
            try:
                answer = self._client.request(method, path, **request)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                self._may_repeat(number, self._unreachable(error), None)
            else:
                if answer.is_success or answer.status_code in accept:
                    return answer
                self._judge(answer, path, number)
                pause = _asked_pause(answer) or pause
            self._sleep(pause)
            pause *= 2
        raise AssertionError("the last try returns or raises")

    def read(self, method: str, path: str, *keys: str | int, **request: Any) -> Any:
        """Ask, and return what stands in the JSON answer below keys.

        Raises:
            Refused: The tracker does not take this one thing.
            TrackerFailed: It takes nothing, or is another product.
        """
        return self.pick(self.request(method, path, **request), *keys)

    def pick(self, answer: httpx.Response, *keys: str | int) -> Any:
        """Return what stands in a JSON answer below keys.

        Raises:
            TrackerFailed: It has nothing there: this is another product, or another version.
        """
        try:
            found = answer.json()
            for key in keys:
                found = found[key]
        except (ValueError, LookupError, TypeError) as error:
            raise TrackerFailed(
                f"{self._address.name} at {self._address.url} answered {answer.url.path} with something else "
                "than its API says. Check its address and its version."
            ) from error
        return found

    def _judge(self, answer: httpx.Response, path: str, number: int) -> None:
        """Raise unless another try may help."""
        status, name = answer.status_code, self._address.name
        said = _said(answer)
        if status in _OF_THIS_ONE:
            raise Refused(f"{name} refused it with {status}{said}")
        if status in (401, 403):
            raise TrackerFailed(
                f"{name} at {self._address.url} does not let us in ({status}){said} "
                f"Check {self._address.credentials}."
            )
        if status not in _TRANSIENT and status < 500:
            raise TrackerFailed(
                f"{name} at {self._address.url} answered {status} to {path}{said} "
                "Check its address and that its version has this API."
            )
        why = f"{name} at {self._address.url} answered {status}{said}"
        self._may_repeat(number, why, _asked_pause(answer))

    def _may_repeat(self, number: int, why: str, asked: float | None) -> None:
        if asked is not None and asked > _LONGEST_PAUSE_SECONDS:
            raise TrackerFailed(f"{why} It asks to wait {asked:g} s.")
        if number == _TRIES:
            raise TrackerFailed(f"{why} It was tried {_TRIES} times.")

    def _unreachable(self, error: Exception) -> str:
        name, url = self._address.name, self._address.url
        if isinstance(error, httpx.TimeoutException):
            return f"{name} at {url} did not answer within {self._limits.timeout_seconds:g} s."
        return f"{name} at {url} cannot be reached: {str(error).rstrip('.') or type(error).__name__}."

    def _check_time(self) -> None:
        if time.monotonic() > self._ends_at:
            raise TrackerFailed(
                f"{self._address.name} took longer than {self._limits.max_seconds:g} s "
                "(trackers.max_seconds); a larger one lets a long run through."
            )


def _asked_pause(answer: httpx.Response) -> float | None:
    """The seconds of `Retry-After`; a date there is not worth reading."""
    try:
        return max(float(answer.headers["retry-after"]), 0.0)
    except (KeyError, ValueError):
        return None


def _said(answer: httpx.Response) -> str:
    """What the tracker said, as a sentence may go on with it."""
    text = mask_text(printable(" ".join(_words(answer).split())), GROUPS)
    return f": {truncate(text, _MOST_SAID).rstrip('.')}." if text else "."


def _words(answer: httpx.Response) -> str:
    try:
        content = answer.json()
    except ValueError:
        return answer.text
    found = [content.get(name) for name in _WORDS] if isinstance(content, dict) else []
    return next((one for one in found if isinstance(one, str) and one), answer.text)
