"""Names of pages, and the table rows in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("pages", sa.Column("name", sa.Text(), nullable=False, server_default=""))
    op.add_column("pages", sa.Column("rows", sa.JSON(), nullable=False, server_default="[]"))
