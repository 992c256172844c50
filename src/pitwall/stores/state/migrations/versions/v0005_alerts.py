"""Alert rules and alerts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pitwall.stores.state.columns import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TABLES = ("alert_monitors", "alert_evaluations", "alert_history", "alerts", "alert_rules")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "alert_rules",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("content", sa.JSON),
        sa.Column("is_enabled", sa.Boolean, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("updated_by", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_alert_rules_project_id_projects"),
        sa.PrimaryKeyConstraint("project_id", "name", name="pk_alert_rules"),
    )
    _create_alerts()
    _create_evaluation()


def _create_alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("is_flapping", sa.Boolean, nullable=False),
        sa.Column("labels", sa.JSON, nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("machine", sa.JSON, nullable=False),
        sa.Column("active_since", UtcDateTime),
        sa.Column("fired_at", UtcDateTime),
        sa.Column("resolved_at", UtcDateTime),
        sa.Column("resolved_reason", sa.String(16)),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.Column("evaluated_at", UtcDateTime, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_alerts_project_id_projects"),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_alerts"),
    )
    op.create_index("ix_alerts_project_id_rule", "alerts", ["project_id", "rule"])
    op.create_index("ix_alerts_project_id_state", "alerts", ["project_id", "state"])
    op.create_index("ix_alerts_project_id_changed_at_id", "alerts", ["project_id", "changed_at", "id"])
    op.create_table(
        "alert_history",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("alert_id", sa.String(32), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("value", sa.Float),
        sa.Column("reason", sa.String(16)),
        sa.PrimaryKeyConstraint("project_id", "alert_id", "sequence", name="pk_alert_history"),
    )
    op.create_index("ix_alert_history_at", "alert_history", ["at"])


def _create_evaluation() -> None:
    op.create_table(
        "alert_evaluations",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("duration_ms", sa.Float, nullable=False),
        sa.Column("series", sa.Integer, nullable=False),
        sa.Column("dropped_series", sa.Integer, nullable=False),
        sa.Column("error", sa.Text),
        sa.PrimaryKeyConstraint("project_id", "rule", name="pk_alert_evaluations"),
    )
    op.create_table(
        "alert_monitors",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("watch", sa.String(32), nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("labels", sa.JSON, nullable=False),
        sa.Column("seen_until", UtcDateTime, nullable=False),
        sa.Column("state", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "watch", "id", name="pk_alert_monitors"),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in _TABLES:
        op.drop_table(table)
