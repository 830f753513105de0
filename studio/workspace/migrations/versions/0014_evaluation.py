"""Evaluation sets, runs on them with every answer, and votes between two runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    _sets()
    _runs()
    _votes()


def _sets() -> None:
    op.create_table(
        "evaluation_sets",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("prototype_id", sa.String(32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("tune_share", sa.Float(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["prototype_id"], ["prototypes.id"], name="fk_evaluation_sets_prototype_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_evaluation_sets"),
    )
    op.create_index("ix_evaluation_sets_prototype_id", "evaluation_sets", ["prototype_id"])
    op.create_table(
        "evaluation_cases",
        sa.Column("set_id", sa.String(32), nullable=False),
        sa.Column("case_id", sa.String(200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["set_id"], ["evaluation_sets.id"], name="fk_evaluation_cases_set_id"
        ),
        sa.PrimaryKeyConstraint("set_id", "case_id", name="pk_evaluation_cases"),
    )


def _runs() -> None:
    op.create_table(
        "evaluation_runs",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("prototype_id", sa.String(32), nullable=False),
        sa.Column("set_id", sa.String(32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("part", sa.String(10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("setup", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["prototype_id"], ["prototypes.id"], name="fk_evaluation_runs_prototype_id"
        ),
        sa.ForeignKeyConstraint(
            ["set_id"], ["evaluation_sets.id"], name="fk_evaluation_runs_set_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_evaluation_runs"),
    )
    op.create_index("ix_evaluation_runs_prototype_id", "evaluation_runs", ["prototype_id"])
    op.create_index("ix_evaluation_runs_set_id", "evaluation_runs", ["set_id"])
    op.create_table(
        "evaluation_results",
        sa.Column("run_id", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case", sa.JSON(), nullable=False),
        sa.Column("attempt", sa.JSON(), nullable=True),
        sa.Column("scores", sa.JSON(), nullable=True),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("latency_ms", sa.Float(), nullable=True),
        sa.Column("cost", sa.String(40), nullable=True),
        sa.Column("label", sa.String(10), nullable=True),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["evaluation_runs.id"], name="fk_evaluation_results_run_id"
        ),
        sa.PrimaryKeyConstraint("run_id", "position", name="pk_evaluation_results"),
    )


def _votes() -> None:
    op.create_table(
        "evaluation_votes",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("prototype_id", sa.String(32), nullable=False),
        sa.Column("first_run", sa.String(32), nullable=False),
        sa.Column("second_run", sa.String(32), nullable=False),
        sa.Column("case_id", sa.String(200), nullable=False),
        sa.Column("vote", sa.String(10), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["prototype_id"], ["prototypes.id"], name="fk_evaluation_votes_prototype_id"
        ),
        sa.ForeignKeyConstraint(
            ["first_run"], ["evaluation_runs.id"], name="fk_evaluation_votes_first_run"
        ),
        sa.ForeignKeyConstraint(
            ["second_run"], ["evaluation_runs.id"], name="fk_evaluation_votes_second_run"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_evaluation_votes"),
    )
    for column in ("prototype_id", "first_run", "second_run"):
        op.create_index(f"ix_evaluation_votes_{column}", "evaluation_votes", [column])
