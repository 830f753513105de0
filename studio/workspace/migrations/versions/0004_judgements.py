"""What people said about results."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.create_table(
        "judgements",
        sa.Column("prototype_id", sa.String(32), nullable=False),
        sa.Column("query", sa.String(1000), nullable=False),
        sa.Column("item", sa.String(1000), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("judged_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["prototype_id"],
            ["prototypes.id"],
            name="fk_judgements_prototype_id",
        ),
        sa.PrimaryKeyConstraint("prototype_id", "query", "item", name="pk_judgements"),
    )
