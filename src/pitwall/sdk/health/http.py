"""A question to a service on HTTP, with the standard library: no proxy, no redirect, no client to install."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pitwall.core.errors import InvalidInput

# Longer than any check may take: it only ends threads whose caller has given up.
_SOCKET_SECONDS = 30.0
_MAX_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer; `body` is its JSON, or its text when it is none."""

    status: int
    body: Any

    @property
    def is_ok(self) -> bool:
        return self.status < 300

    def member(self, name: str) -> Any:
        """A member of the answer, None if the answer is no object or lacks it."""
        return self.body.get(name) if isinstance(self.body, dict) else None


@dataclass(frozen=True, slots=True)
class Service:
    """Where a service is.

    Raises:
        InvalidInput: The address is none.
    """

    url: str
    headers: Mapping[str, str]

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InvalidInput(
                f"{self.url!r} is no address of a service.", hint="It looks like http://127.0.0.1:11434."
            )

    def get(self, path: str) -> Reply:
        """Ask for a path below the address.

        Raises:
            ConnectionError: The service does not answer.
        """
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(str(parts.hostname), parts.port, timeout=_SOCKET_SECONDS)
        try:
            connection.request("GET", parts.path.rstrip("/") + path, headers=dict(self.headers))
            answer = connection.getresponse()
            return Reply(answer.status, _decoded(answer.read(_MAX_BYTES)))
        except (OSError, http.client.HTTPException) as error:
            raise ConnectionError(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}: {error}") from error
        finally:
            connection.close()


def _decoded(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content[:200].decode("utf-8", "replace")
