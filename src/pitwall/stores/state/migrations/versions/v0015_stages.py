"""Events of the stages of a pipeline."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pitwall.stores.state.columns import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "stage_runs",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("run_id", sa.String(200), nullable=False),
        sa.Column("event_count", sa.Integer, nullable=False),
        sa.Column("last_id", sa.String(32), nullable=False),
        sa.Column("first_at", UtcDateTime, nullable=False),
        sa.Column("last_at", UtcDateTime, nullable=False),
        sa.Column("relevance", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "run_id", name="pk_stage_runs"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_stage_runs_project_id_projects"),
    )
    op.create_index("ix_stage_runs_project_id_last_id", "stage_runs", ["project_id", "last_id"])
    _create_events()


def _create_events() -> None:
    op.create_table(
        "stage_events",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("run_id", sa.String(200), nullable=False),
        sa.Column("stage_id", sa.String(200), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("stage_type", sa.String(200), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("content_hash", sa.String(32), nullable=False),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stage_events"),
        sa.ForeignKeyConstraint(
            ["project_id", "run_id"],
            ["stage_runs.project_id", "stage_runs.run_id"],
            name="fk_stage_events_run",
        ),
        sa.UniqueConstraint(
            "project_id",
            "run_id",
            "stage_id",
            "attempt",
            name="uq_stage_events_project_id_run_id_stage_id_attempt",
        ),
    )
    op.create_index(
        "ix_stage_events_project_id_run_id_stage_type_id",
        "stage_events",
        ["project_id", "run_id", "stage_type", "id"],
    )
    op.create_index("ix_stage_events_project_id_run_id_id", "stage_events", ["project_id", "run_id", "id"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("stage_events")
    op.drop_table("stage_runs")
