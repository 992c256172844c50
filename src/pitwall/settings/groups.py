"""The settings themselves: one frozen class in nested groups; every field says what it is for.

The environment variable of a field is its path in capitals: `server.port` is `PITWALL_SERVER__PORT`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    BeforeValidator,
    ByteSize,
    Field,
    model_validator,
)

from pitwall.settings.fields import (
    GIB,
    MIB,
    Days,
    Group,
    MaskingMode,
    MaskingRule,
    Port,
    Profile,
    SecretMap,
    StrList,
    StrMap,
    TimeZoneName,
    UserPath,
    split_list,
)
from pitwall.settings.secrets import Secret
from pitwall.settings.store_groups import StateStoreSettings, TelemetryStoreSettings
from pitwall.settings.tracker_groups import TrackersSettings


class ServerSettings(Group):
    """Where the server listens and who may call it from a browser."""

    host: str = "127.0.0.1"
    """Address to listen on; any other than loopback needs API keys."""
    port: Port = 8400
    """Port of the UI, the API and all HTTP doors."""
    otlp_port: Port = 4318
    """Second port for OTLP over HTTP; 0 turns it off."""
    grpc_port: Port = 4317
    """Port for OTLP over gRPC; 0 turns it off."""
    public_url: str | None = None
    """Address under which people reach the server; links in notifications begin with it."""
    allowed_origins: StrList = ()
    """Origins a browser may call the API from (CORS), as a list or separated by commas."""
    shutdown_seconds: float = Field(default=10.0, gt=0)
    """How long a clean stop may take before it is cut short."""


class AccessSettings(Group):
    """Who may call the API."""

    anonymous: Literal["loopback", "never"] = "loopback"
    """`loopback` lets callers on this machine in without a key; `never` asks everyone for one."""


class IngestSettings(Group):
    """Limits of the doors and of the write-ahead log behind them."""

    max_request_bytes: ByteSize = ByteSize(20 * MIB)
    """Largest request body as sent, such as 20MiB; above it the answer is 413."""
    max_body_bytes: ByteSize = ByteSize(32 * MIB)
    """Largest request body after decompression."""
    max_attributes_per_span: int = Field(default=1_000, ge=1)
    """Attributes a span, point, log record, span event or resource may have; more reject the record."""
    max_events_per_span: int = Field(default=1_000, ge=1)
    """Events a span may have, links likewise, and exemplars a point; one with more is rejected."""
    log_max_bytes: ByteSize = ByteSize(2 * GIB)
    """Size of the write-ahead log at which senders are asked to wait."""
    linger_ms: int = Field(default=80, ge=0, le=10_000)
    """How long a batch may collect before it is applied."""
    retry_horizon_seconds: int = Field(default=600, ge=0)
    """How long a repeated request is recognised and counted once."""
    trace_dir: UserPath | None = None
    """Directory whose JSONL trace files `pitwall up` reads as they grow; None reads none."""
    trace_enable: bool = True
    """False leaves trace_dir unread. An application that sees TRACE_ENABLE=false writes no files."""


class ScrapeTargetSettings(Group):
    """A page of Prometheus metrics that `pitwall up` reads."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    """Different for every page; Prometheus calls it the job."""
    url: str = Field(pattern=r"^https?://[^\s/@]+(/\S*)?$")
    """Address of the page, without a password."""
    every_seconds: float = Field(default=15.0, ge=1, le=86_400)
    """From one scrape to the next."""
    timeout_seconds: float = Field(default=10.0, gt=0, le=120)
    """How long the page may take."""
    service: str | None = None
    """Service the points belong to; None takes the name."""
    instance: str | None = None
    """Which process of the service; None takes host and port of the address."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Resource attributes of every point."""
    bearer_token: Secret | None = None
    """Sent as Authorization header."""


class ScrapeSettings(Group):
    """Pages of Prometheus metrics that become points."""

    targets: tuple[ScrapeTargetSettings, ...] = ()
    """Pages to read, of the settings file: a list of `name`, `url` and, if need be, `every_seconds`,
    `timeout_seconds`, `service`, `instance`, `labels`, `bearer_token`."""

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        names = [target.name for target in self.targets]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"targets has the name {twice[0]} twice")
        return self


class MaskingSettings(Group):
    """What is removed from telemetry before it is stored."""

    mode: MaskingMode = MaskingMode.REDACT
    """`redact` replaces each match by its rule's name; `off` keeps everything."""
    rules: Annotated[tuple[MaskingRule, ...], BeforeValidator(split_list)] = (MaskingRule.SECRETS,)
    """Rules to apply: secrets, email, phone, card, resident_number."""


class PricesSettings(Group):
    """What calls cost."""

    file: UserPath | None = None
    """YAML file of your own prices, read at the start; they win over the packaged ones."""


class CostsSettings(Group):
    """How costs are summed up."""

    timezone: TimeZoneName = "UTC"
    """Time zone whose midnight begins a day and a month of costs and budgets, such as Asia/Seoul."""


class ModelsSettings(Group):
    """Models that judge and embed for Pitwall."""

    file: UserPath | None = None
    """YAML file of model profiles; None looks for models.yaml beside the settings file, then in data_dir."""
    profile: str | None = None
    """Model profile of commands that name none; None takes the one called as the setting profile."""
    calls_days: Days = 90
    """Days that calls to models are kept; runs that can be gone on with and baselines keep theirs."""


class LoggingSettings(Group):
    """Pitwall's own logs."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"],
        BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value),
    ] = "info"
    """Least severe level that is written."""
    format: Literal["console", "json"] = "console"
    """`json` writes one object per line; the default outside the dev profile."""


class NotificationSettings(Group):
    """How people are told of alerts."""

    language: Annotated[
        Literal["en", "ko"],
        BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value),
    ] = "en"
    """Language of messages whose route and channel name none: en or ko."""
    webhook_secret: Secret | None = None
    """Secret that requests to alert_webhook_url are signed with; without one they are not signed."""
    heartbeat_url: Secret | None = None
    """Address of a dead man's switch, called while alerts are watched; None calls nothing."""
    heartbeat_seconds: float = Field(default=60.0, ge=5)
    """How often heartbeat_url is called."""


class ProbesSettings(Group):
    """Pitwall's own probes of services."""

    enabled: bool = True
    """False runs no probe by schedule; `pitwall probes run` still does."""
    file: UserPath | None = None
    """YAML file of probes, read at the start, beside those of packs and those saved through the API."""
    allowed_hosts: StrList = ()
    """Hosts that probes and checklists may call; none given means all that somebody configures."""
    secrets: SecretMap = Field(default={})
    """Passwords and tokens that probes name, as a mapping or as `name=secret://env/NAME,...`."""


class ChecksSettings(Group):
    """Checklists."""

    file: UserPath | None = None
    """YAML file of further items and lists, read at the start."""
    variables: StrMap = Field(default={})
    """Values that items name in braces, such as `{app_url}`, as a mapping or as `name=value,...`."""


class ArchiveSettings(Group):
    """Old trace files of `ingest.trace_dir`, compressed and moved."""

    after_days: Days | None = None
    """Rotated files that nobody wrote for so long are archived once a day; None archives none by itself."""
    dir: UserPath | None = None
    """Directory of the archive; None means `archive` in the data directory."""
    max_bytes: ByteSize | None = None
    """Size at which the oldest archives are deleted; None deletes none."""


class VocSettings(Group):
    """The VOC chat example, `examples/voc_chat`; nothing else reads these."""

    ollama_base_url: str = "http://127.0.0.1:11434"
    """Address of the Ollama server of the VOC example; `make demo` simulates one unless this is set."""
    ollama_model: str = "qwen2.5:7b"
    """Model that answers in the VOC example."""
    ollama_embed_model: str = "bge-m3"
    """Model that embeds in the VOC example."""
    docs_dir: UserPath | None = None
    """Directory of .md and .txt documents for the VOC example; None means its own twenty documents."""
    chroma_dir: UserPath = Path(".demo/chroma")
    """Directory of the VOC example's Chroma database and embedding cache."""
    chroma_collection: str = "voc_documents"
    """Chroma collection that the VOC example fills and searches."""


class IncidentSettings(Group):
    """How alerts become incidents, see the guide of incidents."""

    group_by: StrList = ("service", "environment")
    """Labels by which alerts belong together before all others; those that rules add count too."""
    join_minutes: float = Field(default=10.0, ge=0)
    """How long after an alert fired in it another one may join an incident."""
    reopen_minutes: float = Field(default=30.0, ge=0)
    """How long after an incident was resolved an alert that was in it reopens it."""
    resolve_minutes: float = Field(default=5.0, ge=0)
    """How long all alerts of an incident must be over until it counts as resolved."""
    changes_minutes: float = Field(default=60.0, ge=0)
    """How long before an incident a change may have to do with it."""


class Settings(Group):
    """Everything that can be set; `load_settings` builds it."""

    profile: Profile = Profile.DEV
    """dev, staging or prod."""
    data_dir: UserPath = Path("~/.local/share/pitwall")
    """Directory of everything Pitwall keeps on this machine."""
    packs: Annotated[tuple[UserPath, ...], BeforeValidator(split_list)] = ()
    """Directories of packs of your own, besides the core pack: signals, boards and alert rules."""
    metrics_enabled: bool = True
    """Serve /metrics and write the metrics files."""
    metrics_dir: UserPath | None = None
    """Directory of the metrics JSON files, those of other projects than `default` in folders of their names;
    None means `metrics` in the data directory."""
    tracing_enabled: bool = True
    """Record Pitwall's own work as telemetry of the project _pitwall."""
    alert_webhook_url: Secret | None = None
    """Webhook that receives alerts: the channel `default`, which gets all until routes say otherwise."""
    server: ServerSettings = ServerSettings()
    """Where the server listens."""
    access: AccessSettings = AccessSettings()
    """Who may call it."""
    telemetry_store: TelemetryStoreSettings = TelemetryStoreSettings()
    """Where telemetry is kept."""
    state_store: StateStoreSettings = StateStoreSettings()
    """Where state is kept."""
    ingest: IngestSettings = IngestSettings()
    """Limits of the doors."""
    scrape: ScrapeSettings = ScrapeSettings()
    """Pages of Prometheus metrics."""
    masking: MaskingSettings = MaskingSettings()
    """What is removed before storing."""
    prices: PricesSettings = PricesSettings()
    """What calls cost."""
    notifications: NotificationSettings = NotificationSettings()
    """How people are told of alerts."""
    costs: CostsSettings = CostsSettings()
    """How costs are summed up."""
    incidents: IncidentSettings = IncidentSettings()
    """How alerts become incidents."""
    models: ModelsSettings = ModelsSettings()
    """Models that judge and embed."""
    logging: LoggingSettings = LoggingSettings()
    """Pitwall's own logs."""
    probes: ProbesSettings = ProbesSettings()
    """Pitwall's own probes of services."""
    checks: ChecksSettings = ChecksSettings()
    """Checklists."""
    archive: ArchiveSettings = ArchiveSettings()
    """Old trace files."""
    trackers: TrackersSettings = TrackersSettings()
    """Where evaluation runs are sent to, if asked."""
    voc: VocSettings = VocSettings()
    """The VOC chat example."""

    @property
    def telemetry_path(self) -> Path:
        """Directory of the embedded telemetry store."""
        return self.data_dir / "telemetry"

    @property
    def wal_path(self) -> Path:
        """Directory of the write-ahead log."""
        return self.data_dir / "wal"

    @property
    def metrics_path(self) -> Path:
        """Directory of the metrics JSON files."""
        return self.metrics_dir or self.data_dir / "metrics"

    @property
    def archive_path(self) -> Path:
        """Directory of the archive of trace files."""
        return self.archive.dir or self.data_dir / "archive"

    @property
    def state_url(self) -> str:
        """SQLAlchemy URL of the state store; it may carry a password."""
        url = self.state_store.connection_url()
        if url == "sqlite://":
            return f"sqlite:///{self.data_dir / 'state.db'}"
        if url.startswith("postgresql://"):
            return url.replace("postgresql://", "postgresql+psycopg://", 1)
        return url
