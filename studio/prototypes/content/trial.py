"""A sheet that is being prepared and what came of trying it: kept until it runs as a batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from studio.prototypes.content.batch_records import BatchRow, DryRun
from studio.prototypes.content.drafts import Drafts
from studio.prototypes.content.estimate import BatchEstimate
from studio.prototypes.content.sheet import ColumnMapping, Sheet
from studio.prototypes.content.text_json import text_from_json, text_to_json
from studio.records import Notice
from studio.workspace.drafts import Drafts as DraftStore

Json = Mapping[str, Any]  # Any: what JSON can say


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Some rows that were written for a trial: with which mapping, by which version of the settings."""

    mapping: ColumnMapping
    version: int
    dry_run: DryRun


class Trials:
    """The sheet of one prototype that waits to run, and its latest trial. For any thread.

    Args:
        prototype_id: whose they are.
        store: keeps them.
    """

    def __init__(self, prototype_id: str, store: DraftStore) -> None:
        self._sheets: Drafts[Sheet] = Drafts(
            prototype_id, store, "sheet", _sheet_to_json, _sheet_from_json
        )
        self._trials: Drafts[Trial] = Drafts(
            prototype_id, store, "trial", _trial_to_json, _trial_from_json
        )

    def take(self, sheet: Sheet) -> None:
        """Keep a sheet instead of the one before, whose trial is forgotten."""
        self.clear()
        self._sheets.add(sheet.name, sheet)

    def sheet(self) -> Sheet | None:
        """The sheet that waits; None where none does."""
        found = self._sheets.latest()
        return None if found is None else found.value

    def add(self, sheet: Sheet, trial: Trial) -> None:
        """Keep what came of trying a sheet; nothing happens unless that sheet still waits."""
        found = self._sheets.latest()
        if found is None or found.value != sheet:
            return
        self._trials.clear()
        self._trials.add(sheet.name, trial)

    def latest(self) -> Trial | None:
        """The latest trial of the sheet that waits; None where it was not tried."""
        found = self._trials.latest()
        return None if found is None else found.value

    def clear(self) -> None:
        """Forget the sheet and its trial."""
        self._trials.clear()
        self._sheets.clear()


def _sheet_to_json(sheet: Sheet) -> Json:
    return {**asdict(sheet), "notices": [notice.to_json() for notice in sheet.notices]}


def _sheet_from_json(stored: Json) -> Sheet:
    return Sheet(
        name=stored["name"],
        columns=tuple(stored["columns"]),
        rows=tuple(stored["rows"]),
        notices=tuple(map(Notice.from_json, stored["notices"])),
        tables=tuple(stored.get("tables", ())),
    )


def _trial_to_json(trial: Trial) -> Json:
    return {
        "mapping": [list(one) for one in trial.mapping.columns],
        "version": trial.version,
        "rows": [_row_to_json(row) for row in trial.dry_run.rows],
        "estimate": trial.dry_run.estimate.to_json(),
    }


def _trial_from_json(stored: Json) -> Trial:
    return Trial(
        mapping=ColumnMapping(columns=tuple((name, column) for name, column in stored["mapping"])),
        version=stored["version"],
        dry_run=DryRun(
            rows=tuple(map(_row_from_json, stored["rows"])),
            estimate=BatchEstimate.from_json(stored["estimate"]),
        ),
    )


def _row_to_json(row: BatchRow) -> Json:
    return {
        "position": row.position,
        "cells": dict(row.cells),
        "state": row.state,
        "text": None if row.text is None else text_to_json(row.text),
        "error": None if row.error is None else row.error.to_json(),
        "n_attempts": row.n_attempts,
        "finished_at": None if row.finished_at is None else row.finished_at.isoformat(),
    }


def _row_from_json(stored: Json) -> BatchRow:
    at = stored["finished_at"]
    return BatchRow(
        position=stored["position"],
        cells=stored["cells"],
        state=stored["state"],
        text=None if stored["text"] is None else text_from_json(stored["text"]),
        error=None if stored["error"] is None else Notice.from_json(stored["error"]),
        n_attempts=stored["n_attempts"],
        finished_at=None if at is None else datetime.fromisoformat(at),
    )
