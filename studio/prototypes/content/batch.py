"""A text for every row of a sheet: tried on three rows, priced, run as a job, taken out as a sheet.

    sheet = content.batches.read("briefs.csv", data)
    mapping = content.batches.guess(sheet)
    trial = content.batches.dry_run(sheet, mapping).result()
    trial.estimate                                  # tokens, seconds and money of all rows
    batch = content.batches.start(sheet, mapping)   # a job; goes on after a kill
    content.batches.download(batch.id, "xlsx")

A finished row is on the disk before the next is reported, so that nothing is written twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from studio.prototypes.content.estimate import BatchEstimate
from studio.prototypes.content.sheet import ColumnMapping, Sheet
from studio.prototypes.content.text import Text
from studio.prototypes.content.writing import Writing
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


class Batches:
    """The batches of one prototype. Every method may be called by any thread."""

    def read(self, name: str, content: bytes) -> Sheet:
        """The rows of a CSV or Excel file.

        Raises:
            DataError: it cannot be read, has no table, no rows, or too many.
        """
        raise NotImplementedError

    def guess(self, sheet: Sheet) -> ColumnMapping:
        """Which column seems to fill which field of the form."""
        raise NotImplementedError

    def check(self, sheet: Sheet, mapping: ColumnMapping) -> tuple[Notice, ...]:
        """What should be known before it runs, such as rows that lack a required cell.

        Raises:
            InvalidInput: a column is missing; `fields` names each variable with what is wrong.
        """
        raise NotImplementedError

    def dry_run(self, sheet: Sheet, mapping: ColumnMapping, n_rows: int = 3) -> Writing[DryRun]:
        """Write the first rows, and reckon what all rows will take. Nothing is stored.

        Raises:
            InvalidInput: a column is missing.
        """
        raise NotImplementedError

    def start(
        self,
        sheet: Sheet,
        mapping: ColumnMapping,
        *,
        name: str = "",
        estimate: BatchEstimate | None = None,
    ) -> Batch:
        """Keep the rows and write their texts in the background, after the batches before it.

        Raises:
            InvalidInput: a column is missing; nothing was stored.
            StorageFull: there is no room left.
        """
        raise NotImplementedError

    def list(self) -> tuple[Batch, ...]:
        """All batches, the newest first."""
        raise NotImplementedError

    def get(self, batch_id: str) -> Batch:
        """A batch as it stands now.

        Raises:
            NotFound: there is none.
        """
        raise NotImplementedError

    def rows(
        self,
        batch_id: str,
        states: tuple[RowState, ...] = (),
        *,
        offset: int = 0,
        limit: int = 100,
    ) -> tuple[BatchRow, ...]:
        """Rows in order, only those of some states if these are given."""
        raise NotImplementedError

    def pause(self, batch_id: str) -> None:
        """Stop after the rows being written, which are dropped; `resume` goes on with them."""
        raise NotImplementedError

    def cancel(self, batch_id: str) -> None:
        """Stop for good; what was written stays and can be downloaded."""
        raise NotImplementedError

    def resume(self, batch_id: str) -> None:
        """Go on with the rows that wait, also of a cancelled or failed batch."""
        raise NotImplementedError

    def retry(self, batch_id: str, states: tuple[RowState, ...] = ("failed", "rejected")) -> int:
        """Write rows of these states again; gives how many."""
        raise NotImplementedError

    def remove(self, batch_id: str) -> None:
        """Forget a batch that does not run, with its texts.

        Raises:
            InvalidInput: it runs; cancel it first.
        """
        raise NotImplementedError

    def download(self, batch_id: str, format: SheetFormat = "xlsx") -> bytes:
        """The sheet as it came, with columns for the text, the state and every check.

        Cells that a spreadsheet would take for a formula are kept as text (CSV: a leading
        apostrophe). CSV is UTF-8 with a mark, so that Excel reads Chinese right. Of Excel, rows
        without a text stand in a sheet of their own, too.
        """
        raise NotImplementedError
