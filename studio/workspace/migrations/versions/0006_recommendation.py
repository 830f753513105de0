"""What users of recommenders did since the data was read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.create_table(
        "new_events",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("prototype_id", sa.String(32), nullable=False),
        sa.Column("user", sa.String(200), nullable=False),
        sa.Column("item", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(100), nullable=False),
        sa.Column("rating", sa.Float(), nullable=True),
        sa.Column("happened_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["prototype_id"],
            ["prototypes.id"],
            name="fk_new_events_prototype_id",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_new_events"),
    )
    op.create_index("ix_new_events_prototype_id", "new_events", ["prototype_id"])
