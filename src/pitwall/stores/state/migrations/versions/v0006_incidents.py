"""Incidents and changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pitwall.stores.state.columns import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _create_changes()
    _create_incidents()
    _create_parts_of_incidents()


def downgrade() -> None:
    """Drop the tables."""
    for table in ("incident_entries", "incident_alerts", "incidents", "changes"):
        op.drop_table(table)


def _create_changes() -> None:
    op.create_table(
        "changes",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("environment", sa.Text),
        sa.Column("service", sa.Text),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.Column("link", sa.Text),
        sa.Column("added_by", sa.Text, nullable=False),
        sa.Column("idempotency_key", sa.String(200)),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_changes"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_changes_project_id_projects"),
        sa.UniqueConstraint("project_id", "idempotency_key", name="uq_changes_project_id_idempotency_key"),
    )
    op.create_index("ix_changes_project_id_at", "changes", ["project_id", "at"])


def _create_incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("title", sa.JSON, nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("labels", sa.JSON, nullable=False),
        sa.Column("group_labels", sa.JSON, nullable=False),
        sa.Column("opened_at", UtcDateTime, nullable=False),
        sa.Column("last_fired_at", UtcDateTime, nullable=False),
        sa.Column("quiet_since", UtcDateTime),
        sa.Column("acknowledged_at", UtcDateTime),
        sa.Column("acknowledged_by", sa.Text),
        sa.Column("assignee", sa.Text),
        sa.Column("resolved_at", UtcDateTime),
        sa.Column("resolved_by", sa.Text),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("explanation", sa.JSON(none_as_null=True)),
        sa.Column("explained_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_incidents_project_id_projects"),
        sa.UniqueConstraint("project_id", "number", name="uq_incidents_project_id_number"),
    )
    op.create_index("ix_incidents_project_id_state", "incidents", ["project_id", "state"])


def _create_parts_of_incidents() -> None:
    incident = ["incident_id"], ["incidents.id"]
    op.create_table(
        "incident_alerts",
        sa.Column("incident_id", sa.String(36), nullable=False),
        sa.Column("alert_id", sa.String(64), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("first_fired_at", UtcDateTime, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.Column("event", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "alert_id", name="pk_incident_alerts"),
        sa.ForeignKeyConstraint(*incident, name="fk_incident_alerts_incident_id_incidents"),
    )
    op.create_index("ix_incident_alerts_project_id_alert_id", "incident_alerts", ["project_id", "alert_id"])
    op.create_table(
        "incident_entries",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(128), nullable=False),
        sa.Column("incident_id", sa.String(36), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("by", sa.Text),
        sa.Column("content", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_incident_entries"),
        sa.ForeignKeyConstraint(*incident, name="fk_incident_entries_incident_id_incidents"),
        sa.UniqueConstraint("incident_id", "position", name="uq_incident_entries_incident_id_position"),
    )
