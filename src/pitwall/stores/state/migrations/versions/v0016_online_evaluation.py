"""Rules that score live traces, and what became of each trace that they chose."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pitwall.stores.state.columns import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "online_rules",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("is_enabled", sa.Boolean, nullable=False),
        sa.Column("begins_ms", sa.BigInteger, nullable=False),
        sa.Column("position_ms", sa.BigInteger, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("updated_by", sa.Text, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("error_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_online_rules"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_online_rules_project_id_projects"),
        sa.UniqueConstraint("project_id", "name", name="uq_online_rules_project_id_name"),
    )
    _create_scorings()


def _create_scorings() -> None:
    op.create_table(
        "online_scorings",
        sa.Column("rule_id", sa.String(32), nullable=False),
        sa.Column("trace_id", sa.String(32), nullable=False),
        sa.Column("span_id", sa.String(16), nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("arrived_ms", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("holder", sa.String(32)),
        sa.Column("day", sa.String(10)),
        sa.Column("scored_at", UtcDateTime),
        sa.Column("scored_count", sa.Integer, nullable=False),
        sa.Column("not_applicable_count", sa.Integer, nullable=False),
        sa.Column("error_count", sa.Integer, nullable=False),
        sa.Column("left_out_count", sa.Integer, nullable=False),
        sa.Column("results", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("rule_id", "trace_id", name="pk_online_scorings"),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["online_rules.id"], name="fk_online_scorings_rule_id_online_rules"
        ),
    )
    op.create_index(
        "ix_online_scorings_rule_id_state_due_at", "online_scorings", ["rule_id", "state", "due_at"]
    )
    op.create_index("ix_online_scorings_rule_id_day", "online_scorings", ["rule_id", "day"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("online_scorings")
    op.drop_table("online_rules")
