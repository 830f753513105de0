"""Stored batches and rows as callers see them. Knows no store."""

from __future__ import annotations

from typing import cast

from studio.prototypes.content.batch_records import Batch, BatchRow, BatchState, RowState
from studio.prototypes.content.estimate import BatchEstimate
from studio.prototypes.content.sheet import ColumnMapping
from studio.prototypes.content.text_json import text_from_json
from studio.workspace.records import BatchRecord, BatchRowRecord


def batch_of(record: BatchRecord, job_id: str) -> Batch:
    """A batch with its rate and the time that is left, from what it took until now."""
    counts = record.n_by_state
    n_waiting = counts.get("waiting", 0)
    n_finished = sum(counts.values()) - n_waiting
    is_running = record.state in ("running", "waiting") and bool(job_id)
    rate_s = record.seconds / n_finished if n_finished else None
    return Batch(
        id=record.id,
        name=record.name,
        state=cast("BatchState", record.state),  # only this package writes it
        columns=tuple(record.columns["names"]),
        mapping=ColumnMapping(columns=tuple((v, c) for v, c in record.columns["mapping"])),
        n_rows=sum(counts.values()),
        n_done=counts.get("done", 0),
        n_rejected=counts.get("rejected", 0),
        n_failed=counts.get("failed", 0),
        tokens_in=record.tokens_in,
        tokens_out=record.tokens_out,
        cost=record.cost,
        currency="USD",
        seconds=record.seconds,
        tokens_per_s=record.tokens_out / record.seconds if n_finished and record.seconds else None,
        remaining_s=rate_s * n_waiting if is_running and rate_s is not None else None,
        estimate=None if record.estimate is None else BatchEstimate.from_json(record.estimate),
        error=record.error,
        version=record.version,
        created_at=record.created_at,
        job_id=job_id,
    )


def row_of(record: BatchRowRecord) -> BatchRow:
    """A row with its text; one that waits to be written again has none."""
    has_text = record.text is not None and record.state != "waiting"
    return BatchRow(
        position=record.position,
        cells={str(column): str(cell) for column, cell in record.cells.items()},
        state=cast("RowState", record.state),  # only this package writes it
        text=text_from_json(record.text) if has_text and record.text else None,
        error=record.error,
        n_attempts=record.n_attempts,
        finished_at=record.finished_at,
    )
