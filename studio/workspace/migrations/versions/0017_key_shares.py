"""How much of the models a key gets beside others, and how many requests at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column(
        "api_keys", sa.Column("weight", sa.Integer(), nullable=False, server_default=sa.text("1"))
    )
    op.add_column("api_keys", sa.Column("max_at_once", sa.Integer(), nullable=True))
