"""A text for every row of a sheet: tried on a few rows, priced, run as a job, taken out as a sheet.

    sheet = content.batches.read("briefs.csv", data)
    mapping = content.batches.guess(sheet)
    trial = content.batches.dry_run(sheet, mapping).result()
    trial.estimate                                  # tokens, seconds and money of all rows
    batch = content.batches.start(sheet, mapping)   # a job; goes on after a kill
    content.batches.download(batch.id, "xlsx")

A finished row is on the disk before it is reported, so that nothing is written twice. The batches of a
prototype run one after another, each with the settings it was started with.
"""

from __future__ import annotations

import builtins
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from studio.errors import Cancelled, InvalidInput, StudioError
from studio.jobs.runner import Job, JobContext, JobState
from studio.prototypes.base import Toolbox
from studio.prototypes.content.batch_duplicates import compare_rows
from studio.prototypes.content.batch_records import (
    Batch,
    BatchRow,
    BatchState,
    DryRun,
    RowState,
    SheetFormat,
)
from studio.prototypes.content.batch_run import BatchRun, RowToWrite, rows_at_once, write_rows
from studio.prototypes.content.batch_view import batch_of, row_of
from studio.prototypes.content.composing import Composed, Composer
from studio.prototypes.content.estimate import BatchEstimate, MeasuredRow, estimate
from studio.prototypes.content.settings import ContentSettings
from studio.prototypes.content.sheet import (
    ColumnMapping,
    Sheet,
    check_mapping,
    guess_mapping,
    read_sheet,
)
from studio.prototypes.content.sheet_file import ENGLISH, SheetWords, as_csv, as_xlsx
from studio.prototypes.content.trial import Trial, Trials
from studio.prototypes.content.writing import Writing, unexpected
from studio.records import Notice
from studio.workspace.batches import NewBatch
from studio.workspace.records import BatchRecord

if TYPE_CHECKING:
    from studio.prototypes.content.content import Content

__all__ = [
    "BATCH_JOB", "Batch", "BatchRow", "BatchState", "Batches", "DryRun", "RowState", "SheetFormat",
]  # fmt: skip

BATCH_JOB = "content-batch"
"""The kind of job that writes batches; its key is the prototype's id."""
N_COUNTED = 200
"""Rows whose prompts are counted for an estimate, spread over the sheet."""
N_MEASURED = 16
"""Rows that a dry run writes, at most: as many as the model takes at once, twice."""
_UNFINISHED = ("waiting", "running")


class Batches:
    """The batches of one prototype. Every method may be called by any thread.

    Attributes:
        trials: the sheet that waits to run, and what came of trying it.

    Args:
        content: whose batches they are.
        toolbox: what it works with.
        composer: a composer for settings, version and the id of a request.
    """

    def __init__(
        self,
        content: Content,
        toolbox: Toolbox,
        composer: Callable[[ContentSettings, int, str], Composer],
    ) -> None:
        self._content = content
        self._tools = toolbox
        self._store = toolbox.workspace.batches
        self._composer = composer
        self.trials = Trials(content.id, toolbox.workspace.drafts)
        self._lock = threading.Lock()
        self._ended: set[str] = set()  # jobs that will look for no further batch

    def read(self, name: str, content: bytes, table: str = "") -> Sheet:
        """The rows of a CSV or Excel file; `table` is the worksheet (of `Sheet.tables`), else the first.

        Raises:
            DataError: it cannot be read, has no table, no such one, no rows, or too many.
        """
        most = self._tools.settings.max_upload_bytes
        return read_sheet(name, content, max_bytes=most, table=table)

    def guess(self, sheet: Sheet) -> ColumnMapping:
        """Which column seems to fill which field of the form."""
        return guess_mapping(self._content.settings.variables, sheet.columns)

    def check(self, sheet: Sheet, mapping: ColumnMapping) -> tuple[Notice, ...]:
        """What should be known before it runs, such as rows that lack a required cell.

        Raises:
            InvalidInput: a column is missing; `fields` names each variable with what is wrong.
        """
        return check_mapping(self._content.settings.variables, sheet, mapping)

    def dry_run(self, sheet: Sheet, mapping: ColumnMapping, n_rows: int = 3) -> Writing[DryRun]:
        """Write a few rows, spread over the sheet, and reckon what all rows will take.

        It is kept as the latest trial where the sheet is the one that waits. As many rows are written
        as the model takes at once, twice, so that the reckoning rests on more than the `n_rows` that
        are given back.

        Raises:
            InvalidInput: a column is missing.
        """
        self.check(sheet, mapping)
        record, settings = self._content.record, self._content.settings

        def work(writing: Writing[DryRun]) -> DryRun:
            composer = self._composer(settings, record.version, writing.request_id)
            tried = self._dry_run(writing, composer, sheet, mapping, n_rows)
            self.trials.add(sheet, Trial(mapping=mapping, version=record.version, dry_run=tried))
            return tried

        return Writing(self._tools.acting.in_turn(work), n_texts=0).begin()

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
        self.check(sheet, mapping)
        record = self._content.record
        added = self._store.add(
            record.id,
            NewBatch(
                name=name.strip() or sheet.name,
                version=record.version,
                settings=record.settings,
                columns={
                    "names": list(sheet.columns),
                    "mapping": [list(m) for m in mapping.columns],
                },
                rows=sheet.rows,
                estimate=None if estimate is None else estimate.to_json(),
            ),
        )
        self._run()
        return self.get(added.id)

    def list(self) -> tuple[Batch, ...]:
        """All batches, the newest first."""
        return tuple(map(self._shown, self._store.list(self._content.id)))

    def get(self, batch_id: str) -> Batch:
        """A batch as it stands now.

        Raises:
            NotFound: there is none.
        """
        return self._shown(self._store.get(self._content.id, batch_id))

    def rows(
        self,
        batch_id: str,
        states: tuple[RowState, ...] = (),
        *,
        offset: int = 0,
        limit: int | None = 100,
    ) -> tuple[BatchRow, ...]:
        """Rows in order, only those of some states if these are given.

        Raises:
            NotFound: there is no such batch.
        """
        self._store.get(self._content.id, batch_id)
        return tuple(map(row_of, self._store.rows(batch_id, states, offset=offset, limit=limit)))

    def pause(self, batch_id: str) -> None:
        """Stop; rows being written are dropped, and `resume` goes on with them. Raises NotFound."""
        self._store.get(self._content.id, batch_id)
        self._store.set_state(batch_id, "paused", only_from=_UNFINISHED)

    def cancel(self, batch_id: str) -> None:
        """Stop for good; what was written stays and can be downloaded. Raises NotFound."""
        self._store.get(self._content.id, batch_id)
        self._store.set_state(batch_id, "cancelled", only_from=(*_UNFINISHED, "paused", "failed"))

    def resume(self, batch_id: str) -> None:
        """Go on with the rows that wait, also of a cancelled or failed batch. Raises NotFound."""
        self._store.get(self._content.id, batch_id)
        if self._store.rows(batch_id, ["waiting"], limit=1):
            self._store.set_state(
                batch_id, "waiting", only_from=("paused", "cancelled", "failed", "done")
            )
        self._run()

    def retry(self, batch_id: str, states: tuple[RowState, ...] = ("failed", "rejected")) -> int:
        """Write rows of these states again, told what was wrong; gives how many. Raises NotFound."""
        self._store.get(self._content.id, batch_id)
        n = self._store.wait_again(batch_id, states)
        self.resume(batch_id)
        return n

    def delete(self, batch_id: str) -> None:
        """Put a batch that does not run away with its texts; `restore` brings it back.

        Raises:
            NotFound: there is none.
            InvalidInput: it runs; cancel it first.
        """
        if self._store.get(self._content.id, batch_id).state in _UNFINISHED:
            raise InvalidInput("This batch is still running. Cancel it first.")
        self._store.delete(self._content.id, batch_id)

    def restore(self, batch_id: str) -> None:
        """Bring a deleted batch back as it was. Raises NotFound."""
        self._store.restore(self._content.id, batch_id)

    def download(
        self, batch_id: str, format: SheetFormat = "xlsx", words: SheetWords = ENGLISH
    ) -> bytes:
        """The sheet as it came, with columns for text, state, sources and every check, in these words.

        Cells that a spreadsheet would take for a formula are kept as text (CSV: a leading
        apostrophe). CSV is UTF-8 with a mark, so that Excel reads Chinese right. Of Excel, rows
        without an accepted text stand in a sheet of their own, too.

        Raises:
            NotFound: there is no such batch.
        """
        batch = self.get(batch_id)
        rows = self.rows(batch_id, limit=None)
        write = as_csv if format == "csv" else as_xlsx
        return write(batch.columns, rows, words)

    def write_waiting(self, context: JobContext) -> None:
        """Write the batches that wait, one after another; the work of the job, also of a resumed one.

        Raises:
            Cancelled: the process ends. The batch goes on in the next one.
        """
        while (batch := self._next()) is not None:
            self._store.set_state(batch.id, "running", only_from=_UNFINISHED)
            try:
                self._write(batch, context)
            except Cancelled:
                self._pause_if_stopped(batch.id)
                raise
            except Exception as problem:  # noqa: BLE001 - logged; else it ran for ever
                error = problem if isinstance(problem, StudioError) else unexpected(problem)
                self._store.set_state(
                    batch.id, "failed", only_from=("running",), error=error.notice
                )

    # The rest is not for callers

    def _run(self) -> Job[None]:
        """Start the job that writes what waits; one that is just ending is not relied on."""
        while True:
            job = self._tools.jobs.start(
                BATCH_JOB, Notice("Writing a batch"), self.write_waiting, key=self._content.id
            )
            with self._lock:
                has_ended = job.id in self._ended
            if not has_ended or not job.wait(5.0):
                return job
            with self._lock:
                self._ended.discard(job.id)

    def _next(self) -> BatchRecord | None:
        """The oldest batch that waits or was left running; None ends the job."""
        with self._lock:
            waiting = [b for b in self._store.list(self._content.id) if b.state in _UNFINISHED]
            if not waiting:
                job = self._tools.jobs.latest(BATCH_JOB, self._content.id)
                if job is not None:
                    self._ended.add(job.id)
                return None
            return min(waiting, key=lambda batch: batch.created_at)

    def _pause_if_stopped(self, batch_id: str) -> None:
        """Let a batch whose job somebody stopped wait for `resume`; the end of a process does not."""
        job = self._tools.jobs.latest(BATCH_JOB, self._content.id)
        if job is not None and job.lasting_state is JobState.CANCELLED:
            self._store.set_state(batch_id, "paused", only_from=_UNFINISHED)

    def _write(self, batch: BatchRecord, context: JobContext) -> None:
        settings = ContentSettings.from_json(batch.settings)
        composer = self._composer(settings, batch.version, f"batch-{batch.id}")
        context.report(0, notice=Notice("Loading the model {model}", model=composer.model.name))
        info = self._tools.models.info(composer.model.id)
        BatchRun(
            self._store,
            batch,
            composer,
            batch_of(batch, "").mapping,
            n_at_once=rows_at_once(info.max_concurrent),
        ).run(context)
        if not self._store.rows(batch.id, ["waiting"], limit=1):
            context.report(0, notice=Notice("Comparing the texts"))
            compare_rows(self._store, batch.id, composer)
            self._store.set_state(batch.id, "done", only_from=("running",))

    def _dry_run(
        self,
        writing: Writing[DryRun],
        composer: Composer,
        sheet: Sheet,
        mapping: ColumnMapping,
        n_shown: int,
    ) -> DryRun:
        writing.report(Notice("Loading the model {model}", model=composer.model.name))
        n_at_once = self._tools.models.info(composer.model.id).max_concurrent
        positions = spread(len(sheet.rows), min(N_MEASURED, max(n_shown, 2 * n_at_once)))
        shown = set(spread(len(positions), n_shown))
        outcomes: dict[int, Composed | StudioError] = {}
        forms = [RowToWrite(position=at, values=mapping.values(sheet.rows[at])) for at in positions]
        notice = Notice("Trying {n} rows", "Trying a row", n=len(positions))
        writing.report(notice, 0, len(positions), "rows")
        for part, n in ((forms[:1], 1), (forms[1:], rows_at_once(n_at_once))):
            for position, outcome in write_rows(composer, part, n, watcher=writing.watcher()):
                outcomes[position] = outcome
                writing.report(notice, len(outcomes), len(positions), "rows")
        if not outcomes:
            raise Cancelled("The dry run was stopped.")
        measured = [
            MeasuredRow(
                calls=one.calls,
                n_attempts=one.text.n_attempts,
                n_counted=composer.count_tokens(mapping.values(sheet.rows[at])),
                is_warm=at != positions[0],
            )
            if isinstance(one, Composed)
            else MeasuredRow(calls=(), n_attempts=0, n_counted=0)
            for at, one in outcomes.items()
        ]
        writing.report(Notice("Counting the tokens of {n:,} rows", n=len(sheet.rows)))
        counted = [
            composer.count_tokens(mapping.values(sheet.rows[at]))
            for at in spread(len(sheet.rows), N_COUNTED)
        ]
        return DryRun(
            rows=tuple(
                _tried(at, sheet, outcomes[at])
                for n, at in enumerate(positions)
                if n in shown and at in outcomes
            ),
            estimate=estimate(len(sheet.rows), counted, measured, self._tools.prices(), n_at_once),
        )

    def _shown(self, record: BatchRecord) -> Batch:
        job = None
        if record.state in _UNFINISHED:
            job = self._tools.jobs.latest(BATCH_JOB, self._content.id)
        return batch_of(record, "" if job is None or job.state.is_final else job.id)


def spread(n: int, k: int) -> builtins.list[int]:
    """`k` positions out of `n` (all where there are fewer), at equal distances, in order."""
    if n <= k:
        return list(range(n))
    return [int((2 * at + 1) * n / (2 * k)) for at in range(k)]


def _tried(position: int, sheet: Sheet, outcome: Composed | StudioError) -> BatchRow:
    if isinstance(outcome, StudioError):
        return BatchRow(
            position=position,
            cells=sheet.rows[position],
            state="failed",
            error=outcome.notice,
            n_attempts=1,
        )
    text = outcome.text
    return BatchRow(
        position=position,
        cells=sheet.rows[position],
        state="done" if text.is_accepted else "rejected",
        text=text,
        n_attempts=text.n_attempts,
        finished_at=text.created_at,
    )
