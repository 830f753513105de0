"""A batch and its rows as they stand: values, no store behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from studio.prototypes.content.estimate import BatchEstimate
from studio.prototypes.content.sheet import ColumnMapping
from studio.prototypes.content.text import Text
from studio.records import Notice

BatchState = Literal["waiting", "running", "paused", "done", "cancelled", "failed"]
RowState = Literal["waiting", "done", "rejected", "failed"]
SheetFormat = Literal["csv", "xlsx"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow:
    """A row and what became of it.

    Attributes:
        position: from 0, in the order of the sheet.
        cells: the row as it came.
        state: "done" when it has a text that passes every required check, "rejected" when the last
            attempt does not (the text is there all the same), "failed" when there is none.
        text: the text with its checks; None while waiting and where it failed.
        error: why it failed; None else.
        n_attempts: how often it was written.
        finished_at: when, aware UTC; None while waiting.
    """

    position: int
    cells: Mapping[str, str]
    state: RowState
    text: Text | None = None
    error: Notice | None = None
    n_attempts: int = 0
    finished_at: datetime | None = None

    @property
    def n_notes(self) -> int:
        """Checks that its text does not pass and need not."""
        checks = () if self.text is None else self.text.checks
        return sum(check.status == "failed" and not check.is_required for check in checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """The first rows written, not stored, and what all rows will take by that measure."""

    rows: tuple[BatchRow, ...]
    estimate: BatchEstimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch as it stands.

    Attributes:
        id: it is stored under.
        name: of the sheet.
        state: where it stands; "failed" when the model or the disk gave up, see `error`.
        columns: of the sheet.
        mapping: which column fills which field.
        n_rows: rows in all.
        n_done: rows with a text that passes the required checks.
        n_rejected: rows whose text does not.
        n_failed: rows without a text.
        tokens_in: of all finished rows.
        tokens_out: of all finished rows.
        cost: of all finished rows; None where no price is known.
        currency: of the cost.
        seconds: how long it has run, pauses left out.
        tokens_per_s: written per second while it ran; None before the first row.
        remaining_s: until the end at the present rate; None while unknown or not running.
        estimate: what was told before it ran; None where no dry run was made.
        error: why it failed; None else.
        version: of the settings that all its rows are written with.
        created_at: aware UTC.
        job_id: of the job that runs it; empty where none does.
    """

    id: str
    name: str
    state: BatchState
    columns: tuple[str, ...]
    mapping: ColumnMapping
    n_rows: int
    n_done: int
    n_rejected: int
    n_failed: int
    tokens_in: int
    tokens_out: int
    cost: Decimal | None
    currency: str
    seconds: float
    tokens_per_s: float | None
    remaining_s: float | None
    estimate: BatchEstimate | None
    error: Notice | None
    version: int
    created_at: datetime
    job_id: str = ""

    @property
    def n_finished(self) -> int:
        """Rows that were dealt with."""
        return self.n_done + self.n_rejected + self.n_failed
