"""Prompts of somebody's own that runs ask with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pitwall.stores.state.columns import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "eval_prompts",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(32), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "hash", name="pk_eval_prompts"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_eval_prompts_project_id_projects"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("eval_prompts")
