"""Datasets, their versions and examples."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pitwall.stores.state.columns import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _create_datasets()
    _create_versions()
    _create_examples()


def _create_datasets() -> None:
    op.create_table(
        "datasets",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("last_number", sa.Integer, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_datasets"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_datasets_project_id_projects"),
        sa.UniqueConstraint("project_id", "name", name="uq_datasets_project_id_name"),
    )


def _create_versions() -> None:
    op.create_table(
        "dataset_versions",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("dataset_id", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer),
        sa.Column("content_hash", sa.String(32), nullable=False),
        sa.Column("label", sa.String(200)),
        sa.Column("thresholds", sa.JSON, nullable=False),
        sa.Column("example_count", sa.Integer, nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("source", sa.JSON, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dataset_versions"),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["datasets.id"], name="fk_dataset_versions_dataset_id_datasets"
        ),
        sa.UniqueConstraint("dataset_id", "number", name="uq_dataset_versions_dataset_id_number"),
    )
    op.create_index(
        "ix_dataset_versions_dataset_id_content_hash", "dataset_versions", ["dataset_id", "content_hash"]
    )
    op.create_index("ix_dataset_versions_project_id_number", "dataset_versions", ["project_id", "number"])


def _create_examples() -> None:
    op.create_table(
        "dataset_examples",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(32), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "hash", name="pk_dataset_examples"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_dataset_examples_project_id_projects"
        ),
    )
    op.create_table(
        "dataset_version_examples",
        sa.Column("version_id", sa.String(36), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("example_id", sa.String(200), nullable=False),
        sa.Column("example_hash", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("version_id", "position", name="pk_dataset_version_examples"),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["dataset_versions.id"],
            name="fk_dataset_version_examples_version_id_dataset_versions",
        ),
        sa.UniqueConstraint(
            "version_id", "example_id", name="uq_dataset_version_examples_version_id_example_id"
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "example_hash"],
            ["dataset_examples.project_id", "dataset_examples.hash"],
            name="fk_dataset_version_examples_example",
        ),
    )
    op.create_index(
        "ix_dataset_version_examples_project_id_example_hash",
        "dataset_version_examples",
        ["project_id", "example_hash"],
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("dataset_version_examples")
    op.drop_table("dataset_examples")
    op.drop_table("dataset_versions")
    op.drop_table("datasets")
