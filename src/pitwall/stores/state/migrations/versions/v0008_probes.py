"""Probes, what they found, and reports of checklists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pitwall.stores.state.columns import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "probes",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("updated_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "name", name="pk_probes"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_probes_project_id_projects"),
    )
    op.create_table(
        "probe_records",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "name", name="pk_probe_records"),
    )
    op.create_table(
        "check_reports",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("list", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_check_reports"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_check_reports_project_id_projects"),
    )
    op.create_index("ix_check_reports_project_id_list_at", "check_reports", ["project_id", "list", "at"])


def downgrade() -> None:
    """Drop the tables."""
    for table in ("check_reports", "probe_records", "probes"):
        op.drop_table(table)
