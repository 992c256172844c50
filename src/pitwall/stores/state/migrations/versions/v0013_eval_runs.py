"""Evaluation runs, their answers and scores."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pitwall.stores.state.columns import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "eval_runs",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("dataset", sa.Text, nullable=False),
        sa.Column("dataset_version_id", sa.String(64)),
        sa.Column("dataset_hash", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("where", sa.String(8), nullable=False),
        sa.Column("plan", sa.JSON, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("started_at", UtcDateTime),
        sa.Column("finished_at", UtcDateTime),
        sa.Column("holder", sa.Text),
        sa.Column("heartbeat_at", UtcDateTime),
        sa.Column("progress", sa.JSON, nullable=False),
        sa.Column("summary", sa.JSON),
        sa.Column("stop_reason", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("snapshot", sa.JSON),
        sa.Column("published_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_eval_runs"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_eval_runs_project_id_projects"),
    )
    op.create_index("ix_eval_runs_project_id_created_at_id", "eval_runs", ["project_id", "created_at", "id"])
    op.create_index(
        "ix_eval_runs_project_id_dataset_created_at_id",
        "eval_runs",
        ["project_id", "dataset", "created_at", "id"],
    )
    op.create_index("ix_eval_runs_state_published_at", "eval_runs", ["state", "published_at"])
    _create_results()
    op.create_table(
        "eval_baselines",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("dataset", sa.String(200), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("set_at", UtcDateTime, nullable=False),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "dataset", "name", name="pk_eval_baselines"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_eval_baselines_project_id_projects"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["eval_runs.id"], name="fk_eval_baselines_run_id_eval_runs"),
    )
    op.create_index("ix_eval_baselines_run_id", "eval_baselines", ["run_id"])


def _create_results() -> None:
    op.create_table(
        "eval_answers",
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("example_id", sa.Text, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "position", name="pk_eval_answers"),
        sa.ForeignKeyConstraint(["run_id"], ["eval_runs.id"], name="fk_eval_answers_run_id_eval_runs"),
    )
    op.create_table(
        "eval_scores",
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("metric", sa.String(128), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("sample", sa.Integer, nullable=False),
        sa.Column("example_id", sa.Text, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("value", sa.Float),
        sa.Column("reason", sa.Text),
        sa.Column("passed", sa.Boolean),
        sa.PrimaryKeyConstraint("run_id", "metric", "position", "sample", name="pk_eval_scores"),
        sa.ForeignKeyConstraint(["run_id"], ["eval_runs.id"], name="fk_eval_scores_run_id_eval_runs"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "eval_evidence",
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("metric", sa.String(128), nullable=False),
        sa.Column("sample", sa.Integer, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "position", "metric", "sample", name="pk_eval_evidence"),
        sa.ForeignKeyConstraint(["run_id"], ["eval_runs.id"], name="fk_eval_evidence_run_id_eval_runs"),
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in ("eval_baselines", "eval_evidence", "eval_scores", "eval_answers", "eval_runs"):
        op.drop_table(name)
