"""Calls to models, kept under what they asked, and what models can do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pitwall.stores.state.columns import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "llm_calls",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("run_id", sa.String(64)),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("api", sa.String(16), nullable=False),
        sa.Column("endpoint", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("mode", sa.String(16)),
        sa.Column("sample", sa.Integer, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("reply", sa.Text),
        sa.Column("finish_reason", sa.String(32)),
        sa.Column("failure", sa.String(16)),
        sa.Column("error", sa.Text),
        sa.Column("input_tokens", sa.Integer),
        sa.Column("output_tokens", sa.Integer),
        sa.Column("cost_pico", sa.BigInteger),
        sa.Column("latency_ms", sa.Float, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_llm_calls"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_llm_calls_project_id_projects"),
    )
    op.create_index("ix_llm_calls_project_id_key", "llm_calls", ["project_id", "key"])
    op.create_index("ix_llm_calls_project_id_id", "llm_calls", ["project_id", "id"])
    op.create_index("ix_llm_calls_project_id_run_id_id", "llm_calls", ["project_id", "run_id", "id"])
    op.create_table(
        "llm_abilities",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("found_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "key", name="pk_llm_abilities"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_llm_abilities_project_id_projects"),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("llm_abilities")
    op.drop_table("llm_calls")
