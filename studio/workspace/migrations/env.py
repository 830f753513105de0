"""What Alembic runs: the migrations, in the connection and transaction it was given."""

from __future__ import annotations

from alembic import context

from studio.workspace.schema import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite changes a column by copying its table
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
