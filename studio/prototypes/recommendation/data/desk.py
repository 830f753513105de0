"""The tables of a recommender: what their columns are for, read, cleaned, described.

What is made of them is computed again whenever a table or the use of a column changes. Knows no method
of recommending.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from studio.errors import NotFound
from studio.jobs.runner import Job, JobContext
from studio.prototypes.base import Toolbox
from studio.prototypes.recommendation.data import prepared
from studio.prototypes.recommendation.data.cleaning import clean_events
from studio.prototypes.recommendation.data.event_reading import read_events, read_segments
from studio.prototypes.recommendation.data.item_reading import RoleTable, read_items
from studio.prototypes.recommendation.data.prepared import PreparedData, ReadTable
from studio.prototypes.recommendation.data.roles import TableKind
from studio.prototypes.recommendation.data.tables import (
    StoredTable,
    look_at,
    stored_tables,
    with_kind,
    with_role,
)
from studio.prototypes.recommendation.settings import RecommendationSettings
from studio.prototypes.table_desk import TableDesk
from studio.records import Notice

logger = logging.getLogger(__name__)

PREPARING = "recommendation-data"
"""The kind of job that reads and cleans the tables of a prototype, keyed by its id."""
RECIPE = 5
"""Counts up when the same tables give other data than before."""

__all__ = ["PREPARING", "DataDesk", "PreparedData"]


class DataDesk(TableDesk):
    """The tables of one recommender. Every method may be called by any thread.

    Attributes:
        folder: where what was made of the tables is kept; it can be made again.

    Args:
        prototype_id: whose tables.
        toolbox: the stores.
    """

    def __init__(self, prototype_id: str, toolbox: Toolbox) -> None:
        super().__init__(prototype_id, toolbox, look_at)
        self.folder = toolbox.settings.cache_dir / "recommendation" / prototype_id
        self._lock = threading.Lock()
        self._making = threading.Lock()
        self._prepared: PreparedData | None = None

    # Tables

    def tables(self) -> tuple[StoredTable, ...]:
        """The tables in the stored files, with what they hold and what their columns are for."""
        return stored_tables(self.files(), self._settings())

    def set_kind(self, table: str, kind: TableKind) -> None:
        """Say what a table holds; a new version of the settings.

        Raises:
            InvalidInput: there is no such kind of table.
        """
        self._keep(with_kind(self._settings(), table, kind))

    def set_role(self, table: str, column: str, role: str) -> None:
        """Say what a column is for, in all tables of the kind; a new version of the settings.

        Raises:
            NotFound: there is no such table or column.
            InvalidInput: the column cannot have that role.
        """
        found = next((one for one in self.tables() if one.name == table), None)
        if found is None:
            raise NotFound("There is no table {table} any more.", table=table)
        self._keep(with_role(self._settings(), found, column, role))

    def set_leave_out_bots(self, value: bool) -> None:
        """Say whether automatic visitors are left out; a new version of the settings."""
        self._keep(replace(self._settings(), leave_out_bots=value))

    def set_users_left_out(self, users: Sequence[str]) -> None:
        """Say whose events are not learnt from, by their ids; a new version of the settings."""
        ids = tuple(dict.fromkeys(filter(None, map(str.strip, users))))
        self._keep(replace(self._settings(), users_left_out=ids))

    # What is made of them

    def prepare(self) -> Job[PreparedData]:
        """Read, clean and describe the stored tables in the background; the same job while it runs."""
        return self._tools.jobs.start(
            PREPARING, Notice("Reading the tables"), self.prepare_now, self._id
        )

    def preparing(self) -> Job[Any] | None:  # Any: a resumed job's result is not typed
        """The preparing job that was started last; None where none is remembered."""
        return self._tools.jobs.latest(PREPARING, self._id)

    def prepare_now(self, context: JobContext) -> PreparedData:
        """The same within a job that runs; at once where nothing has changed.

        Raises:
            NotFound: there is no table to learn from.
            Cancelled: the job was asked to stop; what was prepared before stays.
        """
        with self._making:  # two jobs never do the same work
            wanted = self.fingerprint()
            found = self.current()
            if found is not None and found.fingerprint == wanted:
                return found
            if not wanted:
                raise NotFound(
                    "There is no table to learn from. Upload one with items, or with events."
                )
            made = self._made(wanted, context)
            try:
                prepared.save(made, self.folder)
            except OSError as error:  # it is in memory, and can be made again
                logger.warning("prepared data could not be saved: %s", error)
            with self._lock:
                self._prepared = made
            return made

    def fingerprint(self) -> str:
        """Of the tables and the use of their columns as they are now; "" without a usable table."""
        used = [table for table in self.tables() if table.is_used]
        if not any(table.kind in ("items", "events") for table in used):
            return ""
        hashes = {record.document_id: record.sha256 for record in self.files()}
        parts = [
            [hashes[table.document_id], table.name, table.kind, sorted(table.roles.items())]
            for table in used
        ]
        settings = self._settings()
        left_out = sorted(settings.users_left_out)
        of_all = [RECIPE, settings.leave_out_bots, parts, *([left_out] if left_out else [])]
        text = json.dumps(of_all, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]

    def current(self) -> PreparedData | None:
        """What was prepared last, from memory or the disk; None before.

        Its fingerprint differs from `fingerprint()` while newer tables wait to be prepared.
        """
        with self._lock:
            if self._prepared is None:
                self._prepared = prepared.load(self.folder)
            return self._prepared

    def _made(self, fingerprint: str, context: JobContext) -> PreparedData:
        tables, read = self._read(context)
        context.report(0, None, notice=Notice("Cleaning the events"))
        items = read_items(tables["items"]) if tables["items"] else None
        context.raise_if_cancelled()
        raw = read_events(tables["events"])
        context.raise_if_cancelled()
        settings = self._settings()
        cleaned = clean_events(
            raw,
            items.items if items else None,
            read_segments(tables["users"]),
            leave_out_bots=settings.leave_out_bots,
            users_left_out=settings.users_left_out,
        )
        context.raise_if_cancelled()
        report = cleaned.report
        if items is not None:
            report = replace(
                report,
                n_item_rows=items.n_rows,
                n_items_without_id=items.n_without_id,
                n_items_repeated=items.n_repeated,
                n_pictures_unread=items.n_pictures_unread,
            )
        return PreparedData.of(fingerprint, cleaned.items, cleaned.events, read, report)

    def _read(
        self, context: JobContext
    ) -> tuple[Mapping[TableKind, list[RoleTable]], list[ReadTable]]:
        """The used tables by kind, each whole, and the account of reading them."""
        used = {(t.document_id, t.name): t for t in self.tables() if t.is_used}
        found: dict[TableKind, list[RoleTable]] = {"items": [], "events": [], "users": []}
        read = []
        for record, table in self._whole({document_id for document_id, _ in used}, context):
            use = used.get((record.document_id, table.name))
            if use is not None:
                found[use.kind].append(RoleTable(frame=table.frame, roles=use.roles))
                read.append(
                    ReadTable(name=table.name, n_rows=len(table.frame), notices=table.notices)
                )
        return found, read

    def _settings(self) -> RecommendationSettings:
        record = self._tools.workspace.prototypes.get(self._id)
        return RecommendationSettings.from_json(record.settings)

    def _keep(self, settings: RecommendationSettings) -> None:
        self._tools.workspace.prototypes.update_settings(self._id, settings.to_json(), "")
