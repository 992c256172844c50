"""What a probe asks, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
)

from pitwall.kit.documented import Documented
from pitwall.kit.i18n import Text
from pitwall.kit.text import check_line

MAX_TIMEOUT_SECONDS = 60.0


class ProbeStatus(StrEnum):
    """How a service is; `unknown` where nobody could find out, which is no data and never down."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{0,63}$")]
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000), AfterValidator(check_line)
]
Ratio = Annotated[float, Field(ge=0, le=1)]


def _check_url(schemes: tuple[str, ...], url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in schemes or not parts.hostname:
        raise ValueError(f"is no address; write for example {schemes[0]}://127.0.0.1")
    if parts.password is not None:
        raise ValueError("holds a password; name it in the setting probes.secrets and give `secret`")
    _ = parts.port  # raises ValueError for one that is none
    return url


HttpUrl = Annotated[Line, AfterValidator(lambda url: _check_url(("http", "https"), url))]
RedisUrl = Annotated[Line, AfterValidator(lambda url: _check_url(("redis", "rediss"), url))]
PostgresUrl = Annotated[Line, AfterValidator(lambda url: _check_url(("postgresql", "postgres"), url))]
HostAndPort = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9._:\[\]-]{1,250}:\d{1,5}$"),
    AfterValidator(lambda address: _check_url(("tcp",), f"tcp://{address}").removeprefix("tcp://")),
]


class Probe(Documented):
    """What every probe has, whatever it asks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    """Names the probe in addresses and signals: a-z, 0-9, `_`, `.` and `-`."""
    kind: str
    """What is asked."""
    service: Annotated[str, StringConstraints(max_length=200), AfterValidator(check_line)] = ""
    """The service that this is about, as telemetry calls it; splits the signals."""
    environment: Annotated[str, StringConstraints(max_length=200), AfterValidator(check_line)] = ""
    """The environment likewise."""
    every_seconds: Annotated[float, Field(ge=5, le=86_400)] = 30.0
    """From the begin of one run to the next, give or take a tenth."""
    timeout_seconds: Annotated[float, Field(ge=0.1, le=MAX_TIMEOUT_SECONDS)] = 5.0
    """How long one try may take as a whole."""
    retries: Annotated[int, Field(ge=0, le=5)] = 1
    """How many more tries before it is down."""
    slow_ms: Annotated[float, Field(gt=0)] | None = None
    """An answer that takes longer is degraded."""
    is_enabled: bool = True
    """False keeps the probe without running it."""

    @property
    def target(self) -> str:
        """What is asked, for people."""
        raise NotImplementedError

    @property
    def host(self) -> str | None:
        """The host that is called; None if none is."""
        return urlsplit(self.target).hostname


class JsonExpectation(Documented):
    """What a value in a JSON answer has to be."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Line
    """Names and numbers with dots between, such as `checks.redis.status` or `models.0.name`."""
    equals: str | float | bool | None = None
    """What makes the service up."""
    degraded: str | float | bool | None = None
    """What makes it degraded; anything else is down. Leave out what does not exist."""


class HttpProbe(Probe):
    """An address answers as it should."""

    kind: Literal["http"] = "http"
    url: HttpUrl
    method: Literal["GET", "HEAD"] = "GET"
    status: Annotated[tuple[Annotated[int, Field(ge=100, le=599)], ...], Field(max_length=20)] = ()
    """HTTP statuses that are well; none means 200 to 299."""
    contains: Line | None = None
    """Text that the body has to hold."""
    json_value: JsonExpectation | None = Field(default=None, alias="json")
    """A value that the body has to hold, such as `{path: status, equals: healthy, degraded: degraded}`."""
    secret: Name | None = None
    """Name of a secret of `probes.secrets`, sent as bearer token."""
    min_certificate_days: Annotated[int, Field(ge=0, le=1000)] = 14
    """A certificate that is valid for fewer days is degraded."""
    ca_file: Path | None = None
    """Certificates of authorities to trust instead of the machine's."""

    model_config = ConfigDict(populate_by_name=True)

    @property
    def target(self) -> str:
        return self.url


class TcpProbe(Probe):
    """A port takes connections."""

    kind: Literal["tcp"] = "tcp"
    address: HostAndPort
    """Host and port, such as `127.0.0.1:6333`."""

    @property
    def target(self) -> str:
        return f"tcp://{self.address}"


class OllamaProbe(Probe):
    """Ollama answers and has its models."""

    kind: Literal["ollama"] = "ollama"
    url: HttpUrl = "http://127.0.0.1:11434"
    pulled: tuple[Line, ...] = ()
    """Models that have to be there; without one it is down."""
    loaded: tuple[Line, ...] = ()
    """Models that should be in memory; without one it is degraded, because the next call waits for it."""
    max_memory_bytes: Annotated[int, Field(gt=0)] | None = None
    """More memory in use by models is degraded."""

    @property
    def target(self) -> str:
        return self.url


class ChromaProbe(Probe):
    """Chroma answers, and a collection holds what it should."""

    kind: Literal["chroma"] = "chroma"
    url: HttpUrl = "http://127.0.0.1:8000"
    collection: Line | None = None
    """Its size is recorded; without one only the server is asked."""
    min_count: Annotated[int, Field(ge=0)] = 1
    """Fewer records in the collection are degraded."""
    tenant: Line = "default_tenant"
    database: Line = "default_database"
    secret: Name | None = None
    """Name of a secret of `probes.secrets`, sent as bearer token."""

    @property
    def target(self) -> str:
        return self.url


class RedisProbe(Probe):
    """Redis answers PING."""

    kind: Literal["redis"] = "redis"
    url: RedisUrl = "redis://127.0.0.1:6379"
    secret: Name | None = None
    """Name of a secret of `probes.secrets`: the password."""
    max_memory_ratio: Ratio = 0.9
    """A larger share of `maxmemory` in use is degraded."""

    @property
    def target(self) -> str:
        return self.url


class PostgresProbe(Probe):
    """PostgreSQL lets somebody in and answers a query."""

    kind: Literal["postgres"] = "postgres"
    url: PostgresUrl
    secret: Name | None = None
    """Name of a secret of `probes.secrets`: the password."""

    @property
    def target(self) -> str:
        return self.url


class DiskProbe(Probe):
    """The disk that holds a path has room."""

    kind: Literal["disk"] = "disk"
    path: Line
    """A file or directory on it; `{data_dir}` stands for Pitwall's own."""
    warning_free_ratio: Ratio = 0.15
    """A smaller free share is degraded."""
    min_free_ratio: Ratio = 0.05
    """A smaller free share is down."""

    @property
    def target(self) -> str:
        return self.path

    @property
    def host(self) -> None:
        return None


AnyProbe = Annotated[
    HttpProbe | TcpProbe | OllamaProbe | ChromaProbe | RedisProbe | PostgresProbe | DiskProbe,
    Field(discriminator="kind"),
]
PROBE: TypeAdapter[Probe] = TypeAdapter(AnyProbe)


def probe_view(probe: Probe) -> dict[str, Any]:
    """A probe as a JSON object, as it is stored and written in YAML; what is as by default is left out."""
    return {
        "name": probe.name,
        "kind": probe.kind,
        **probe.model_dump(mode="json", by_alias=True, exclude_defaults=True),
    }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of a probe found.

    Attributes:
        latency_ms: Of the try that was answered; None if none was.
        error: Why it is not up.
        detail: Facts that were seen on the way.
        measures: Numbers that become signals, by the name of the metric.
    """

    status: ProbeStatus
    latency_ms: float | None = None
    error: Text | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    measures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """An outcome and when it was found."""

    at: datetime
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class RecentResult:
    """What is kept of earlier runs."""

    at: datetime
    status: ProbeStatus
    latency_ms: float | None


@dataclass(frozen=True, slots=True)
class ProbeRecord:
    """What is known of a probe's runs.

    Attributes:
        last: The newest result.
        since: Since when it has been as it is.
        recent: Newest first, the last one included.
    """

    last: Result
    since: datetime
    recent: tuple[RecentResult, ...]


@dataclass(frozen=True, slots=True)
class PackProbe:
    """A probe that a pack brings, for one project."""

    pack: str
    project_id: str
    probe: Probe


@dataclass(frozen=True, slots=True)
class ProbeState:
    """A probe as it is in force.

    Attributes:
        pack: Which pack brings a probe of this name; None for one of the team alone.
        is_stored: Whether the team saved it.
        record: None if it never ran.
    """

    probe: Probe
    pack: str | None
    is_stored: bool
    record: ProbeRecord | None
