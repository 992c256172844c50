"""Labels of people, and what was measured of judges by them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pitwall.stores.state.columns import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "eval_labels",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("dataset", sa.String(200), nullable=False),
        sa.Column("metric", sa.String(128), nullable=False),
        sa.Column("example_id", sa.String(200), nullable=False),
        sa.Column("rater", sa.String(200), nullable=False),
        sa.Column("answer_hash", sa.String(32), nullable=False),
        sa.Column("value", sa.Float, nullable=False),
        sa.Column("comment", sa.Text),
        sa.Column("run_id", sa.String(40)),
        sa.Column("labelled_at", UtcDateTime, nullable=False),
        sa.Column("labelled_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint(
            "project_id", "dataset", "metric", "example_id", "rater", "answer_hash", name="pk_eval_labels"
        ),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_eval_labels_project_id_projects"),
    )
    op.create_table(
        "eval_calibrations",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("identity", sa.String(400), nullable=False),
        sa.Column("dataset", sa.String(200), nullable=False),
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("measured_at", UtcDateTime, nullable=False),
        sa.Column("measured_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "identity", "dataset", name="pk_eval_calibrations"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_eval_calibrations_project_id_projects"
        ),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("eval_calibrations")
    op.drop_table("eval_labels")
