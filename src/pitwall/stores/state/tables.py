"""The tables of the state store.

Migrations under `migrations/` are what changes an existing store; a new one is created from here in one step.
A test keeps the two equal.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from pitwall.stores.state.columns import UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

projects = Table(
    "projects",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("project_id", String(64), ForeignKey("projects.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("key_hash", String(64), nullable=False),
    Column("prefix", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),
    UniqueConstraint("key_hash"),
    UniqueConstraint("prefix"),
    Index(None, "project_id"),
)

ui_sessions = Table(
    "ui_sessions",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("token_hash", String(64), nullable=False),
    Column("key_id", String(36), ForeignKey("api_keys.id"), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime, nullable=False),
    UniqueConstraint("token_hash"),
    Index(None, "last_used_at"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", String(64), nullable=False),
    Column("object", Text, nullable=False),
    Column("project_id", String(64)),
    Column("details", JSON, nullable=False),
    Index(None, "project_id", "at"),
)

ingest_sources = Table(
    "ingest_sources",
    metadata,
    Column("project_id", String(64), primary_key=True),
    Column("source_id", String(128), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("path", Text, nullable=False),
    Column("next_offset", BigInteger, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

boards = Table(
    "boards",
    metadata,
    Column("project_id", String(64), ForeignKey("projects.id"), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("content", JSON, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("updated_by", Text, nullable=False),
)

saved_views = Table(
    "saved_views",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("project_id", String(64), ForeignKey("projects.id"), nullable=False),
    Column("page", String(40), nullable=False),
    Column("name", Text, nullable=False),
    Column("query", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    UniqueConstraint("project_id", "page", "name"),
)

scrape_targets = Table(
    "scrape_targets",
    metadata,
    Column("project_id", String(64), ForeignKey("projects.id"), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("content", JSON, nullable=False),
)

events = Table(
    "events",
    metadata,
    # SQLite numbers rows only in a column of exactly this type.
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("topic", String(40), nullable=False),
    Column("project_id", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("payload", JSON, nullable=False),
    Index(None, "topic", "sequence"),
    sqlite_autoincrement=True,
)

event_cursors = Table(
    "event_cursors",
    metadata,
    Column("topic", String(40), primary_key=True),
    Column("consumer", String(40), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("holder", String(36), nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

changes = Table(
    "changes",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("project_id", String(64), ForeignKey("projects.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("title", Text, nullable=False),
    Column("environment", Text),
    Column("service", Text),
    Column("before", Text),
    Column("after", Text),
    Column("link", Text),
    Column("added_by", Text, nullable=False),
    Column("idempotency_key", String(200)),
    Column("recorded_at", UtcDateTime, nullable=False),
    UniqueConstraint("project_id", "idempotency_key"),
    Index(None, "project_id", "at"),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("project_id", String(64), ForeignKey("projects.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("title", JSON, nullable=False),
    Column("severity", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("labels", JSON, nullable=False),
    Column("group_labels", JSON, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("last_fired_at", UtcDateTime, nullable=False),
    Column("quiet_since", UtcDateTime),
    Column("acknowledged_at", UtcDateTime),
    Column("acknowledged_by", Text),
    Column("assignee", Text),
    Column("resolved_at", UtcDateTime),
    Column("resolved_by", Text),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("explanation", JSON(none_as_null=True)),
    Column("explained_at", UtcDateTime),
    UniqueConstraint("project_id", "number"),
    Index(None, "project_id", "state"),
)

incident_alerts = Table(
    "incident_alerts",
    metadata,
    Column("incident_id", String(36), ForeignKey("incidents.id"), primary_key=True),
    Column("alert_id", String(64), primary_key=True),
    Column("project_id", String(64), nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("severity", String(16), nullable=False),
    Column("first_fired_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("event", JSON, nullable=False),
    Index(None, "project_id", "alert_id"),
)

incident_entries = Table(
    "incident_entries",
    metadata,
    # Of an alert's event, whose id it is, there is one entry in the whole project, however often it is read.
    Column("project_id", String(64), primary_key=True),
    Column("id", String(128), primary_key=True),
    Column("incident_id", String(36), ForeignKey("incidents.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("by", Text),
    Column("content", JSON, nullable=False),
    UniqueConstraint("incident_id", "position"),
)

alert_rules = Table(
    "alert_rules",
    metadata,
    Column("project_id", String(64), ForeignKey("projects.id"), primary_key=True),
    Column("name", String(64), primary_key=True),
    # Null where only `is_enabled` of a pack's rule was changed.
    Column("content", JSON),
    Column("is_enabled", Boolean, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("updated_by", Text, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("project_id", String(64), ForeignKey("projects.id"), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("rule", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("is_flapping", Boolean, nullable=False),
    Column("labels", JSON, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("machine", JSON, nullable=False),
    Column("active_since", UtcDateTime),
    Column("fired_at", UtcDateTime),
    Column("resolved_at", UtcDateTime),
    Column("resolved_reason", String(16)),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("evaluated_at", UtcDateTime, nullable=False),
    Column("error", Text),
    Column("sequence", Integer, nullable=False),
    Index(None, "project_id", "rule"),
    Index(None, "project_id", "state"),
    Index(None, "project_id", "changed_at", "id"),
)

alert_history = Table(
    "alert_history",
    metadata,
    Column("project_id", String(64), primary_key=True),
    Column("alert_id", String(32), primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("value", Float),
    Column("reason", String(16)),
    Index(None, "at"),
)

alert_evaluations = Table(
    "alert_evaluations",
    metadata,
    Column("project_id", String(64), primary_key=True),
    # Empty for the round as a whole.
    Column("rule", String(64), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("duration_ms", Float, nullable=False),
    Column("series", Integer, nullable=False),
    Column("dropped_series", Integer, nullable=False),
    Column("error", Text),
)

alert_monitors = Table(
    "alert_monitors",
    metadata,
    Column("project_id", String(64), primary_key=True),
    Column("watch", String(32), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("labels", JSON, nullable=False),
    Column("seen_until", UtcDateTime, nullable=False),
    Column("state", JSON, nullable=False),
)

budgets = Table(
    "budgets",
    metadata,
    Column("project_id", String(64), ForeignKey("projects.id"), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("content", JSON, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("updated_by", Text, nullable=False),
)

probes = Table(
    "probes",
    metadata,
    Column("project_id", String(64), ForeignKey("projects.id"), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("content", JSON, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("updated_by", Text, nullable=False),
)

probe_records = Table(
    "probe_records",
    metadata,
    Column("project_id", String(64), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("content", JSON, nullable=False),
    Column("since", UtcDateTime, nullable=False),
)

check_reports = Table(
    "check_reports",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("project_id", String(64), ForeignKey("projects.id"), nullable=False),
    Column("list", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("status", String(16), nullable=False),
    Column("content", JSON, nullable=False),
    Index(None, "project_id", "list", "at"),
)

notification_channels = Table(
    "notification_channels",
    metadata,
    Column("project_id", String(64), ForeignKey("projects.id"), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("content", JSON, nullable=False),
    Column("url", Text, nullable=False),
    Column("secret", Text),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("updated_by", Text, nullable=False),
)

channel_conditions = Table(
    "channel_conditions",
    metadata,
    Column("project_id", String(64), primary_key=True),
    Column("channel", String(64), primary_key=True),
    Column("tokens", Float, nullable=False),
    Column("refilled_at", UtcDateTime, nullable=False),
    Column("paused_until", UtcDateTime),
    Column("failures", Integer, nullable=False),
    Column("error", Text),
    Column("failing_since", UtcDateTime),
    Column("delivered_at", UtcDateTime),
)

notification_routes = Table(
    "notification_routes",
    metadata,
    Column("project_id", String(64), ForeignKey("projects.id"), primary_key=True),
    Column("content", JSON, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("updated_by", Text, nullable=False),
)

silences = Table(
    "silences",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("project_id", String(64), ForeignKey("projects.id"), nullable=False),
    Column("matchers", JSON, nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_by", Text),
    Index(None, "project_id", "ends_at"),
)

maintenance_windows = Table(
    "maintenance_windows",
    metadata,
    Column("project_id", String(64), ForeignKey("projects.id"), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("content", JSON, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("updated_by", Text, nullable=False),
)

notification_alerts = Table(
    "notification_alerts",
    metadata,
    Column("project_id", String(64), primary_key=True),
    Column("alert_id", String(32), primary_key=True),
    Column("event", JSON, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("is_flapping", Boolean, nullable=False),
    Column("since", UtcDateTime, nullable=False),
)

notification_groups = Table(
    "notification_groups",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("project_id", String(64), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("path", Text, nullable=False),
    Column("labels", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("told", JSON, nullable=False),
    Column("via", String(64)),
    Index(None, "project_id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("project_id", String(64), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("group_id", String(32)),
    Column("payload", JSON, nullable=False),
    Column("message", JSON),
    Column("state", String(16), nullable=False),
    Column("attempts", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("claimed_by", String(36)),
    Column("claimed_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("error", Text),
    Column("led_to", String(36)),
    Index(None, "state", "due_at"),
    Index(None, "project_id", "id"),
    Index(None, "group_id"),
)

llm_calls = Table(
    "llm_calls",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("project_id", String(64), ForeignKey("projects.id"), nullable=False),
    # What was asked of whom; several rows have the same where calls failed.
    Column("key", String(32), nullable=False),
    Column("run_id", String(64)),
    Column("kind", String(16), nullable=False),
    Column("api", String(16), nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("mode", String(16)),
    Column("sample", Integer, nullable=False),
    Column("request", Text, nullable=False),
    Column("reply", Text),
    Column("finish_reason", String(32)),
    Column("failure", String(16)),
    Column("error", Text),
    Column("input_tokens", Integer),
    Column("output_tokens", Integer),
    # Millionths of a millionth of a US dollar, so that sums are exact; null where the model has no price.
    Column("cost_pico", BigInteger),
    Column("latency_ms", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "project_id", "key"),
    Index(None, "project_id", "id"),
    Index(None, "project_id", "run_id", "id"),
)

llm_abilities = Table(
    "llm_abilities",
    metadata,
    Column("project_id", String(64), ForeignKey("projects.id"), primary_key=True),
    # Of api, address and model.
    Column("key", String(32), primary_key=True),
    Column("content", JSON, nullable=False),
    Column("found_at", UtcDateTime, nullable=False),
)

eval_runs = Table(
    "eval_runs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("project_id", String(64), ForeignKey("projects.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("dataset", Text, nullable=False),
    Column("dataset_version_id", String(64)),
    Column("dataset_hash", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("where", String(8), nullable=False),
    Column("plan", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("holder", Text),
    Column("heartbeat_at", UtcDateTime),
    Column("progress", JSON, nullable=False),
    Column("summary", JSON),
    Column("stop_reason", Text),
    Column("error", Text),
    Column("snapshot", JSON),
    Column("published_at", UtcDateTime),
    Index(None, "project_id", "created_at", "id"),
    Index(None, "project_id", "dataset", "created_at", "id"),
    Index(None, "state", "published_at"),
)

# What judges are asked with instead of Pitwall's own prompts, by the hash in the plans of runs.
eval_prompts = Table(
    "eval_prompts",
    metadata,
    Column("project_id", String(64), ForeignKey("projects.id"), primary_key=True),
    Column("hash", String(32), primary_key=True),
    Column("content", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

eval_answers = Table(
    "eval_answers",
    metadata,
    Column("run_id", String(40), ForeignKey("eval_runs.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("example_id", Text, nullable=False),
    Column("content", JSON, nullable=False),
)

# Narrow, because lists and comparisons read whole columns of it; what explains a score is in `eval_evidence`.
eval_scores = Table(
    "eval_scores",
    metadata,
    Column("run_id", String(40), ForeignKey("eval_runs.id"), primary_key=True),
    Column("metric", String(128), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("sample", Integer, primary_key=True, autoincrement=False),
    Column("example_id", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("value", Float),
    Column("reason", Text),
    Column("passed", Boolean),
    sqlite_with_rowid=False,  # a metric's scores lie together, and take two thirds of the room
)

eval_evidence = Table(
    "eval_evidence",
    metadata,
    Column("run_id", String(40), ForeignKey("eval_runs.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("metric", String(128), primary_key=True),
    Column("sample", Integer, primary_key=True, autoincrement=False),
    Column("content", JSON, nullable=False),
)

eval_baselines = Table(
    "eval_baselines",
    metadata,
    Column("project_id", String(64), ForeignKey("projects.id"), primary_key=True),
    Column("dataset", String(200), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("run_id", String(40), ForeignKey("eval_runs.id"), nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
    Column("set_by", Text, nullable=False),
    Index(None, "run_id"),
)

eval_analyses = Table(
    "eval_analyses",
    metadata,
    Column("run_id", String(40), ForeignKey("eval_runs.id"), primary_key=True),
    Column("project_id", String(64), ForeignKey("projects.id"), nullable=False),
    # Of the run as it ended and of the version of the analysis; another one makes it stale.
    Column("key", String(32), nullable=False),
    Column("content", JSON, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Index(None, "project_id"),
)

datasets = Table(
    "datasets",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("project_id", String(64), ForeignKey("projects.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("last_number", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    UniqueConstraint("project_id", "name"),
)

# A version without a number is still being written and is nobody's business.
dataset_versions = Table(
    "dataset_versions",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("project_id", String(64), nullable=False),
    Column("dataset_id", String(36), ForeignKey("datasets.id"), nullable=False),
    Column("number", Integer),
    Column("content_hash", String(32), nullable=False),
    Column("label", String(200)),
    Column("thresholds", JSON, nullable=False),
    Column("example_count", Integer, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("source", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    UniqueConstraint("dataset_id", "number"),
    Index(None, "dataset_id", "content_hash"),
    Index(None, "project_id", "number"),
)

dataset_examples = Table(
    "dataset_examples",
    metadata,
    Column("project_id", String(64), ForeignKey("projects.id"), primary_key=True),
    Column("hash", String(32), primary_key=True),
    Column("content", Text, nullable=False),
)

dataset_version_examples = Table(
    "dataset_version_examples",
    metadata,
    Column("version_id", String(36), ForeignKey("dataset_versions.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("project_id", String(64), nullable=False),
    Column("example_id", String(200), nullable=False),
    Column("example_hash", String(32), nullable=False),
    UniqueConstraint("version_id", "example_id"),
    ForeignKeyConstraint(
        ["project_id", "example_hash"],
        ["dataset_examples.project_id", "dataset_examples.hash"],
        name="fk_dataset_version_examples_example",  # PostgreSQL allows 63 characters
    ),
    Index(None, "project_id", "example_hash"),
)

eval_tracker_links = Table(
    "eval_tracker_links",
    metadata,
    Column("run_id", String(40), ForeignKey("eval_runs.id"), primary_key=True),
    Column("tracker", String(16), primary_key=True),
    Column("project_id", String(64), ForeignKey("projects.id"), nullable=False),
    # Which process is to send it.
    Column("where", String(8), nullable=False),
    Column("state", String(16), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("holder", Text),
    Column("started_at", UtcDateTime),
    Column("sent_at", UtcDateTime),
    Column("url", Text),
    Column("cases", Integer, nullable=False),
    Column("cases_sent", Integer, nullable=False),
    Column("scores_sent", Integer, nullable=False),
    # Why not all of it arrived.
    Column("reason", Text),
    Index(None, "project_id"),
    Index(None, "where", "asked_at"),
)

stage_runs = Table(
    "stage_runs",
    metadata,
    Column("project_id", String(64), ForeignKey("projects.id"), primary_key=True),
    Column("run_id", String(200), primary_key=True),
    Column("event_count", Integer, nullable=False),
    Column("last_id", String(32), nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("relevance", JSON, nullable=False),
    Index(None, "project_id", "last_id"),
)

stage_events = Table(
    "stage_events",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("project_id", String(64), nullable=False),
    Column("run_id", String(200), nullable=False),
    Column("stage_id", String(200), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("stage_type", String(200), nullable=False),
    Column("content", JSON, nullable=False),
    Column("content_hash", String(32), nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(
        ["project_id", "run_id"],
        ["stage_runs.project_id", "stage_runs.run_id"],
        name="fk_stage_events_run",
    ),
    UniqueConstraint("project_id", "run_id", "stage_id", "attempt"),
    Index(None, "project_id", "run_id", "stage_type", "id"),
    Index(None, "project_id", "run_id", "id"),
)

eval_labels = Table(
    "eval_labels",
    metadata,
    Column("project_id", String(64), ForeignKey("projects.id"), primary_key=True),
    Column("dataset", String(200), primary_key=True),
    Column("metric", String(128), primary_key=True),
    Column("example_id", String(200), primary_key=True),
    Column("rater", String(200), primary_key=True),
    # Of the answer that the label is about; empty if nobody said which.
    Column("answer_hash", String(32), primary_key=True),
    Column("value", Float, nullable=False),
    Column("comment", Text),
    Column("run_id", String(40)),
    Column("labelled_at", UtcDateTime, nullable=False),
    Column("labelled_by", Text, nullable=False),
)

eval_calibrations = Table(
    "eval_calibrations",
    metadata,
    Column("project_id", String(64), ForeignKey("projects.id"), primary_key=True),
    Column("identity", String(400), primary_key=True),
    Column("dataset", String(200), primary_key=True),
    Column("run_id", String(40), nullable=False),
    Column("state", String(16), nullable=False),
    Column("content", JSON, nullable=False),
    Column("measured_at", UtcDateTime, nullable=False),
    Column("measured_by", Text, nullable=False),
)

# Answers of a run that are judged again on a schedule, to tell when the judge moved.
eval_anchors = Table(
    "eval_anchors",
    metadata,
    Column("project_id", String(64), ForeignKey("projects.id"), primary_key=True),
    Column("name", String(100), primary_key=True),
    # Of this choice of anchors: checks of an earlier one do not count.
    Column("set_id", String(32), nullable=False),
    Column("run_id", String(40), ForeignKey("eval_runs.id"), nullable=False),
    Column("metrics", JSON, nullable=False),
    Column("positions", JSON, nullable=False),
    Column("profile", String(100)),
    Column("every_seconds", Integer, nullable=False),
    Column("max_calls", Integer, nullable=False),
    Column("margin", Float, nullable=False),
    Column("is_enabled", Boolean, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    # By metric: what the last check found that measured it.
    Column("findings", JSON, nullable=False),
    Column("error", Text),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("updated_by", Text, nullable=False),
    Index(None, "run_id"),
    Index(None, "due_at"),
)

eval_anchor_checks = Table(
    "eval_anchor_checks",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("project_id", String(64), ForeignKey("projects.id"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("set_id", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("content", JSON, nullable=False),
    # What the judge said of each anchor; later checks are held against the first ones.
    Column("readings", JSON, nullable=False),
    Index(None, "project_id", "name", "started_at"),
)

online_rules = Table(
    "online_rules",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("project_id", String(64), ForeignKey("projects.id"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("content", JSON, nullable=False),
    Column("is_enabled", Boolean, nullable=False),
    # Traces whose root arrived before are none of its business.
    Column("begins_ms", BigInteger, nullable=False),
    # Traces whose root arrived before have been looked at.
    Column("position_ms", BigInteger, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("updated_by", Text, nullable=False),
    # Why its last round failed; null after one that did not.
    Column("error", Text),
    Column("error_at", UtcDateTime),
    UniqueConstraint("project_id", "name"),
)

online_scorings = Table(
    "online_scorings",
    metadata,
    Column("rule_id", String(32), ForeignKey("online_rules.id"), primary_key=True),
    Column("trace_id", String(32), primary_key=True),
    Column("span_id", String(16), nullable=False),
    Column("service", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("arrived_ms", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    # When it is complete, or when the claim on it ends.
    Column("due_at", UtcDateTime, nullable=False),
    Column("holder", String(32)),
    # What it counts for, in UTC; null until it is done.
    Column("day", String(10)),
    Column("scored_at", UtcDateTime),
    Column("scored_count", Integer, nullable=False),
    Column("not_applicable_count", Integer, nullable=False),
    Column("error_count", Integer, nullable=False),
    Column("left_out_count", Integer, nullable=False),
    Column("results", JSON, nullable=False),
    Index(None, "rule_id", "state", "due_at"),
    Index(None, "rule_id", "day"),
)

meta = Table(
    "meta",
    metadata,
    Column("key", String(128), primary_key=True),
    Column("value", Text, nullable=False),
)
