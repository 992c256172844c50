"""Channels, routes, silences, maintenance windows, and deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pitwall.stores.state.columns import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TABLES = (
    "deliveries",
    "notification_groups",
    "notification_alerts",
    "maintenance_windows",
    "silences",
    "notification_routes",
    "channel_conditions",
    "notification_channels",
)


def upgrade() -> None:
    """Create the tables."""
    _create_channels()
    _create_quiet()
    _create_outbox()


def _create_channels() -> None:
    op.create_table(
        "notification_channels",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("secret", sa.Text),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("updated_by", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_notification_channels_project_id_projects"
        ),
        sa.PrimaryKeyConstraint("project_id", "name", name="pk_notification_channels"),
    )
    op.create_table(
        "channel_conditions",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("tokens", sa.Float, nullable=False),
        sa.Column("refilled_at", UtcDateTime, nullable=False),
        sa.Column("paused_until", UtcDateTime),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("failing_since", UtcDateTime),
        sa.Column("delivered_at", UtcDateTime),
        sa.PrimaryKeyConstraint("project_id", "channel", name="pk_channel_conditions"),
    )
    op.create_table(
        "notification_routes",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("updated_by", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_notification_routes_project_id_projects"
        ),
        sa.PrimaryKeyConstraint("project_id", name="pk_notification_routes"),
    )


def _create_quiet() -> None:
    op.create_table(
        "silences",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("matchers", sa.JSON, nullable=False),
        sa.Column("starts_at", UtcDateTime, nullable=False),
        sa.Column("ends_at", UtcDateTime, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("ended_by", sa.Text),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_silences_project_id_projects"),
        sa.PrimaryKeyConstraint("id", name="pk_silences"),
    )
    op.create_index("ix_silences_project_id_ends_at", "silences", ["project_id", "ends_at"])
    op.create_table(
        "maintenance_windows",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("updated_by", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_maintenance_windows_project_id_projects"
        ),
        sa.PrimaryKeyConstraint("project_id", "name", name="pk_maintenance_windows"),
    )


def _create_outbox() -> None:
    op.create_table(
        "notification_alerts",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("alert_id", sa.String(32), nullable=False),
        sa.Column("event", sa.JSON, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("is_flapping", sa.Boolean, nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "alert_id", name="pk_notification_alerts"),
    )
    op.create_table(
        "notification_groups",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("labels", sa.JSON, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("sent_at", UtcDateTime),
        sa.Column("told", sa.JSON, nullable=False),
        sa.Column("via", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_notification_groups"),
    )
    op.create_index("ix_notification_groups_project_id", "notification_groups", ["project_id"])
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("group_id", sa.String(32)),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("message", sa.JSON),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.JSON, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("claimed_by", sa.String(36)),
        sa.Column("claimed_at", UtcDateTime),
        sa.Column("finished_at", UtcDateTime),
        sa.Column("error", sa.Text),
        sa.Column("led_to", sa.String(36)),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_state_due_at", "deliveries", ["state", "due_at"])
    op.create_index("ix_deliveries_project_id_id", "deliveries", ["project_id", "id"])
    op.create_index("ix_deliveries_group_id", "deliveries", ["group_id"])


def downgrade() -> None:
    """Drop the tables."""
    for table in _TABLES:
        op.drop_table(table)
