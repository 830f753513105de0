"""Prototypes that others can open, and which of their versions they met when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.create_table(
        "publications",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("prototype_id", sa.String(32), nullable=False),
        sa.Column("slug", sa.String(100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("founder", sa.Text(), nullable=False),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.Column("logo_type", sa.String(50), nullable=False),
        sa.Column("accent", sa.String(7), nullable=False),
        sa.Column("greeting", sa.Text(), nullable=False),
        sa.Column("starter_questions", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("password_hash", sa.String(300), nullable=True),
        sa.Column("expires_at", sa.DateTime(), nullable=True),
        sa.Column("is_kiosk", sa.Boolean(), nullable=False),
        sa.Column("idle_reset_s", sa.Integer(), nullable=False),
        sa.Column("requests_per_visitor_per_day", sa.Integer(), nullable=True),
        sa.Column("money_per_day_usd", sa.String(40), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["prototype_id"], ["prototypes.id"], name="fk_publications_prototype_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_publications"),
        sa.UniqueConstraint("slug", name="uq_publications_slug"),
    )
    op.create_index("ix_publications_prototype_id", "publications", ["prototype_id"])
    op.create_table(
        "published_versions",
        sa.Column("publication_id", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name="fk_published_versions_publication_id"
        ),
        sa.PrimaryKeyConstraint("publication_id", "position", name="pk_published_versions"),
    )
