"""Links of evaluation runs to trackers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pitwall.stores.state.columns import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "eval_tracker_links",
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("tracker", sa.String(16), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("where", sa.String(8), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("holder", sa.Text),
        sa.Column("started_at", UtcDateTime),
        sa.Column("sent_at", UtcDateTime),
        sa.Column("url", sa.Text),
        sa.Column("cases", sa.Integer, nullable=False),
        sa.Column("cases_sent", sa.Integer, nullable=False),
        sa.Column("scores_sent", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text),
        sa.PrimaryKeyConstraint("run_id", "tracker", name="pk_eval_tracker_links"),
        sa.ForeignKeyConstraint(["run_id"], ["eval_runs.id"], name="fk_eval_tracker_links_run_id_eval_runs"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_eval_tracker_links_project_id_projects"
        ),
    )
    op.create_index("ix_eval_tracker_links_project_id", "eval_tracker_links", ["project_id"])
    op.create_index("ix_eval_tracker_links_where_asked_at", "eval_tracker_links", ["where", "asked_at"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("eval_tracker_links")
