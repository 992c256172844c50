"""The kinds of probes: each a function from a probe to what one try found."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import SecretStr

from pitwall.probes.kinds.chroma import ask_chroma
from pitwall.probes.kinds.disk import ask_disk
from pitwall.probes.kinds.http import ask_http
from pitwall.probes.kinds.ollama import ask_ollama
from pitwall.probes.kinds.postgres import ask_postgres
from pitwall.probes.kinds.redis import ask_redis
from pitwall.probes.kinds.tcp import ask_tcp
from pitwall.probes.types import (
    ChromaProbe,
    DiskProbe,
    HttpProbe,
    OllamaProbe,
    Outcome,
    PostgresProbe,
    Probe,
    RedisProbe,
    TcpProbe,
)


def ask(probe: Probe, secrets: Mapping[str, SecretStr], data_dir: str) -> Outcome:
    """Ask once; may block for as long as the service lets it.

    Raises:
        CannotAsk: The question could not be put, so nothing is known.
        OSError: The service does not answer.
    """
    match probe:
        case HttpProbe():
            return ask_http(probe, secrets)
        case TcpProbe():
            return ask_tcp(probe)
        case OllamaProbe():
            return ask_ollama(probe)
        case ChromaProbe():
            return ask_chroma(probe, secrets)
        case RedisProbe():
            return ask_redis(probe, secrets)
        case PostgresProbe():
            return ask_postgres(probe, secrets)
        case DiskProbe():
            return ask_disk(probe, data_dir)
        case _:
            raise TypeError(f"a probe of kind {probe.kind} cannot be asked")
