"""Redis answers PING and has memory left; its own protocol (RESP), so that no client is needed."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from io import BufferedRWPair
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from pitwall.kit.i18n import Text
from pitwall.probes.findings import degraded, down, said, up
from pitwall.probes.kinds.secrets import reveal
from pitwall.probes.types import Outcome, RedisProbe

_MAX_LINE = 4096
_MAX_BULK = 1 << 20
_REFUSED = Text("Redis says: {reason}", "Redis 응답: {reason}")
_MEMORY = Text("{ratio:.0%} of maxmemory is in use", "maxmemory의 {ratio:.0%}를 쓰고 있습니다")


class _Refused(Exception):
    """Redis answered with an error."""


def ask_redis(probe: RedisProbe, secrets: Mapping[str, SecretStr]) -> Outcome:
    """Ask Redis once; see `kinds.ask`."""
    parts, password = urlsplit(probe.url), reveal(probe.secret, secrets)
    with socket.create_connection((str(parts.hostname), parts.port or 6379), probe.timeout_seconds) as plain:
        context = ssl.create_default_context() if parts.scheme == "rediss" else None
        with context.wrap_socket(plain, server_hostname=parts.hostname) if context else plain as talking:
            stream: BufferedRWPair = talking.makefile("rwb")
            try:
                if password is not None:
                    _call(stream, "AUTH", *([unquote(parts.username)] if parts.username else []), password)
                _call(stream, "PING")
                return _judge(probe, _facts(_call(stream, "INFO", "memory")))
            except _Refused as error:
                return down(said(_REFUSED, reason=str(error)[:200]))
            finally:
                with suppress(OSError):
                    stream.close()


def _judge(probe: RedisProbe, facts: Mapping[str, int]) -> Outcome:
    used, limit = facts.get("used_memory"), facts.get("maxmemory")
    if used is None:
        return up()
    measures = {"memory_bytes": float(used)}
    if limit and used / limit > probe.max_memory_ratio:
        return degraded(said(_MEMORY, ratio=used / limit), measures=measures, memory_bytes=used)
    return up(measures=measures, memory_bytes=used)


def _call(stream: BufferedRWPair, *words: str) -> str:
    """Send a command and return its answer.

    Raises:
        _Refused: Redis says that it will not.
    """
    encoded = [word.encode() for word in words]
    stream.write(b"*%d\r\n" % len(encoded))
    stream.write(b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded))
    stream.flush()
    line = stream.readline(_MAX_LINE)
    if not line.endswith(b"\r\n"):
        raise ConnectionError("no answer in Redis' protocol")
    head, rest = line[:1], line[1:-2].decode("utf-8", "replace")
    if head == b"-":
        raise _Refused(rest)
    if head != b"$":
        return rest
    length = int(rest) if rest.isdecimal() else 0
    return stream.read(min(length, _MAX_BULK) + 2).decode("utf-8", "replace")


def _facts(info: str) -> dict[str, int]:
    pairs = (line.partition(":") for line in info.splitlines())
    return {name: int(value) for name, _, value in pairs if value.isdecimal()}
