"""Analyses of evaluation runs, made once and kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pitwall.stores.state.columns import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "eval_analyses",
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_eval_analyses"),
        sa.ForeignKeyConstraint(["run_id"], ["eval_runs.id"], name="fk_eval_analyses_run_id_eval_runs"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_eval_analyses_project_id_projects"),
    )
    op.create_index("ix_eval_analyses_project_id", "eval_analyses", ["project_id"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("eval_analyses")
