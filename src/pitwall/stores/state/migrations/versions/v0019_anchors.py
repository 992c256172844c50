"""Anchors: answers that are judged again on a schedule, and what their checks came to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pitwall.stores.state.columns import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "eval_anchors",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("set_id", sa.String(32), nullable=False),
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("metrics", sa.JSON, nullable=False),
        sa.Column("positions", sa.JSON, nullable=False),
        sa.Column("profile", sa.String(100)),
        sa.Column("every_seconds", sa.Integer, nullable=False),
        sa.Column("max_calls", sa.Integer, nullable=False),
        sa.Column("margin", sa.Float, nullable=False),
        sa.Column("is_enabled", sa.Boolean, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("findings", sa.JSON, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("updated_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "name", name="pk_eval_anchors"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_eval_anchors_project_id_projects"),
        sa.ForeignKeyConstraint(["run_id"], ["eval_runs.id"], name="fk_eval_anchors_run_id_eval_runs"),
    )
    op.create_index("ix_eval_anchors_run_id", "eval_anchors", ["run_id"])
    op.create_index("ix_eval_anchors_due_at", "eval_anchors", ["due_at"])
    op.create_table(
        "eval_anchor_checks",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("set_id", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("started_at", UtcDateTime, nullable=False),
        sa.Column("finished_at", UtcDateTime),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("readings", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_eval_anchor_checks"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_eval_anchor_checks_project_id_projects"
        ),
    )
    op.create_index(
        "ix_eval_anchor_checks_project_id_name_started_at",
        "eval_anchor_checks",
        ["project_id", "name", "started_at"],
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("eval_anchor_checks")
    op.drop_table("eval_anchors")
