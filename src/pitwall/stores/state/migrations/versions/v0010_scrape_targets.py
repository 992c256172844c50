"""Pages of Prometheus metrics that teams added."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "scrape_targets",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "name", name="pk_scrape_targets"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_scrape_targets_project_id_projects"
        ),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("scrape_targets")
