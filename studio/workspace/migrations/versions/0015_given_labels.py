"""Labels that people gave to texts of classifiers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.create_table(
        "given_labels",
        sa.Column("prototype_id", sa.String(32), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("given_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["prototype_id"],
            ["prototypes.id"],
            name="fk_given_labels_prototype_id",
        ),
        sa.PrimaryKeyConstraint("prototype_id", "key", name="pk_given_labels"),
    )
