"""Whether visitors of a recommender's demo may look at users of its data; they may not by default."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column(
        "publications",
        sa.Column("shows_people", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
