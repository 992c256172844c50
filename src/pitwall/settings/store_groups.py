"""Settings of the two stores."""

from __future__ import annotations

from typing import Self
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import ByteSize, Field, SecretStr, model_validator

from pitwall.settings.fields import MIB, Days, Group
from pitwall.settings.secrets import Secret


class RetentionSettings(Group):
    """How long telemetry is kept, by class."""

    spans_days: Days = 30
    """Spans."""
    payloads_days: Days = 14
    """Large inputs and outputs."""
    points_days: Days = 30
    """Metric points."""
    logs_days: Days = 14
    """Log records."""
    scores_days: Days = 365
    """Scores of evaluators and people."""
    rollups_minute_days: Days = 30
    """Rollups by the minute."""
    rollups_hour_days: Days = 400
    """Rollups by the hour."""
    dead_letters_days: Days = 14
    """Records that could not be understood."""


class StoreGroup(Group):
    """A store reached by a URL that may carry a password."""

    url: Secret
    """Address of the store."""
    password: Secret | None = None
    """Password, when it should not stand in the URL."""

    def connection_url(self) -> str:
        """Return the URL with the password put in; keep the result out of logs."""
        url = self.url.get_secret_value()
        if self.password is None:
            return url
        parts = urlsplit(url)
        user = quote(parts.username or "", safe="")
        secret = quote(self.password.get_secret_value(), safe="")
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{user}:{secret}@{host}"))

    @property
    def is_embedded(self) -> bool:
        """True if the store lives in the data directory of this process."""
        return self.scheme() in ("chdb", "sqlite")

    def scheme(self) -> str:
        """Return what stands before `://`."""
        return self.url.get_secret_value().partition("://")[0]

    def _require_scheme(self, allowed: tuple[str, ...]) -> None:
        if "://" not in self.url.get_secret_value() or self.scheme() not in allowed:
            examples = " or ".join(f"{scheme}://" for scheme in allowed)
            raise ValueError(f"url must start with {examples}")


class TelemetryStoreSettings(StoreGroup):
    """Where telemetry is kept."""

    url: Secret = SecretStr("chdb://")
    """`chdb://` keeps telemetry in the data directory; `clickhouse://user@host:8123/database` on a server."""
    cluster: str | None = None
    """Name of the ClickHouse cluster; set it to create replicated, distributed tables."""
    max_memory_bytes: ByteSize = ByteSize(1536 * MIB)
    """Memory the embedded engine may use."""
    max_query_seconds: float = Field(default=30.0, gt=0)
    """Longest time one query may run, in the process or on a server; inserts and upkeep may take longer."""
    retention: RetentionSettings = RetentionSettings()
    """How long each class of telemetry is kept."""

    @model_validator(mode="after")
    def _check_url(self) -> Self:
        self._require_scheme(("chdb", "clickhouse", "clickhouses"))
        return self


class StateStoreSettings(StoreGroup):
    """Where keys, rules, runs and everything else that is not telemetry is kept."""

    url: Secret = SecretStr("sqlite://")
    """`sqlite://` keeps state in the data directory; `postgresql://user@host:5432/database` on a server."""

    @model_validator(mode="after")
    def _check_url(self) -> Self:
        self._require_scheme(("sqlite", "postgresql", "postgresql+psycopg"))
        return self
