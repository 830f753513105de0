"""Reports, outlines and summaries that are put away instead of being deleted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("drafts", sa.Column("deleted_at", sa.DateTime(), nullable=True))
