"""What people said about answers, answers of the team, and two versions of a publication side by side."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("publications", sa.Column("second_version", sa.Integer(), nullable=True))
    op.add_column(
        "publications",
        sa.Column("second_share_percent", sa.Integer(), server_default="0", nullable=False),
    )
    op.add_column("publications", sa.Column("split_since", sa.DateTime(), nullable=True))
    _feedback()
    _curated_answers()


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("prototype_id", sa.String(32), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("part", sa.String(32), nullable=False),
        sa.Column("account", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("publication_id", sa.String(32), nullable=True),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("retrieved", sa.JSON(), nullable=False),
        sa.Column("thumb", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("correction", sa.Text(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["prototype_id"], ["prototypes.id"], name="fk_feedback_prototype_id"
        ),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name="fk_feedback_publication_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
        sa.UniqueConstraint(
            "prototype_id", "request_id", "part", "account", name="uq_feedback_prototype_id_answer"
        ),
    )
    op.create_index("ix_feedback_prototype_id", "feedback", ["prototype_id"])
    op.create_index("ix_feedback_publication_id", "feedback", ["publication_id"])


def _curated_answers() -> None:
    op.create_table(
        "curated_answers",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("prototype_id", sa.String(32), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("model", sa.String(300), nullable=False),
        sa.Column("revision", sa.String(100), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=True),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("n_hits", sa.Integer(), nullable=False),
        sa.Column("last_hit_at", sa.DateTime(), nullable=True),
        sa.Column("feedback_id", sa.String(32), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["prototype_id"], ["prototypes.id"], name="fk_curated_answers_prototype_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_curated_answers"),
    )
    op.create_index("ix_curated_answers_prototype_id", "curated_answers", ["prototype_id"])
