"""Wrong tries of passwords outlive the process; a visitor's conversation is found by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.create_table(
        "wrong_tries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("door", sa.String(20), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("tried_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_wrong_tries"),
    )
    op.create_index("ix_wrong_tries_door_key_hash", "wrong_tries", ["door", "key_hash"])
    # The longer one serves what the shorter one did.
    op.create_index("ix_conversations_prototype_id_key", "conversations", ["prototype_id", "key"])
    op.drop_index("ix_conversations_prototype_id", "conversations")
