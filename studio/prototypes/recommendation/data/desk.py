"""Where the tables of a recommender come in: kept as they came, read, cleaned, described.

Tables are stored before anything is made of them; what is made of them is computed again whenever a
table or the use of a column changes. Knows no method of recommending.
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
from studio.ingestion.long_table import TextTable, read_long_tables
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
from studio.records import Notice
from studio.workspace.records import DocumentRecord

logger = logging.getLogger(__name__)

PREPARING = "recommendation-data"
"""The kind of job that reads and cleans the tables of a prototype, keyed by its id."""
RECIPE = 1
"""Counts up when the same tables give other data than before."""

__all__ = ["PREPARING", "DataDesk", "PreparedData"]


class DataDesk:
    """The tables of one recommender. Every method may be called by any thread.

    Attributes:
        folder: where what was made of the tables is kept; it can be made again.

    Args:
        prototype_id: whose tables.
        toolbox: the stores.
    """

    def __init__(self, prototype_id: str, toolbox: Toolbox) -> None:
        self._id = prototype_id
        self._tools = toolbox
        self.folder = toolbox.settings.cache_dir / "recommendation" / prototype_id
        self._lock = threading.Lock()
        self._making = threading.Lock()
        self._prepared: PreparedData | None = None

    # Tables

    def add(self, files: Sequence[tuple[str, bytes]]) -> tuple[DocumentRecord, ...]:
        """Store tables (name, content) as they came; `prepare` reads them.

        A file that holds no table is kept as refused, with the reason. The same content added again
        gives the record that is there.

        Raises:
            StorageFull: there is no room left; what was stored until then stays.
        """
        return tuple(self._add(name, content) for name, content in files)

    def _add(self, name: str, content: bytes) -> DocumentRecord:
        limit = self._tools.settings.max_upload_bytes
        found, account = look_at(name, content, limit)
        return self._tools.workspace.documents.add_document(
            self._id,
            name=name,
            content=content if len(content) <= limit else b"",
            status="read" if found.tables else "refused",
            reason=found.refusal,
            report=account,
        )

    def files(self) -> tuple[DocumentRecord, ...]:
        """The stored files, refused ones among them, in the order they came."""
        return self._tools.workspace.documents.list(self._id)

    def tables(self) -> tuple[StoredTable, ...]:
        """The tables in the stored files, with what they hold and what their columns are for."""
        return stored_tables(self.files(), self._settings())

    def remove(self, document_id: str) -> None:
        """Take a file away; `Workspace.documents.restore` brings it back.

        Raises:
            NotFound: there is no such file.
        """
        documents = self._tools.workspace.documents
        if documents.get(document_id).prototype_id != self._id:
            raise NotFound("There is no document {document}.", document=document_id)
        documents.remove(document_id)

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
        text = json.dumps([RECIPE, self._settings().leave_out_bots, parts], ensure_ascii=False)
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
        cleaned = clean_events(
            raw,
            items.items if items else None,
            read_segments(tables["users"]),
            leave_out_bots=self._settings().leave_out_bots,
        )
        context.raise_if_cancelled()
        report = cleaned.report
        if items is not None:
            report = replace(
                report,
                n_item_rows=items.n_rows,
                n_items_without_id=items.n_without_id,
                n_items_repeated=items.n_repeated,
            )
        return PreparedData.of(fingerprint, cleaned.items, cleaned.events, read, report)

    def _read(
        self, context: JobContext
    ) -> tuple[Mapping[TableKind, list[RoleTable]], list[ReadTable]]:
        """The used tables by kind, each whole, and the account of reading them."""
        used = {(t.document_id, t.name): t for t in self.tables() if t.is_used}
        wanted = {document_id for document_id, _ in used}
        records = [record for record in self.files() if record.document_id in wanted]
        total = sum(record.n_bytes for record in records)
        found: dict[TableKind, list[RoleTable]] = {"items": [], "events": [], "users": []}
        read, before = [], 0
        for record in records:
            for table in self._tables_of(record, before, total, context):
                use = used.get((record.document_id, table.name))
                if use is not None:
                    found[use.kind].append(RoleTable(frame=table.frame, roles=use.roles))
                    read.append(
                        ReadTable(name=table.name, n_rows=len(table.frame), notices=table.notices)
                    )
            before += record.n_bytes
        return found, read

    def _tables_of(
        self, record: DocumentRecord, before: int, total: int, context: JobContext
    ) -> tuple[TextTable, ...]:
        notice = Notice("Reading {name}", name=record.name)

        def report(done: float, of: float) -> None:
            context.raise_if_cancelled()
            context.report(before + record.n_bytes * done / max(1.0, of), total, "bytes", notice)

        report(0, 1)
        content = self._tools.workspace.documents.original(record.document_id)
        limit = self._tools.settings.max_upload_bytes
        return read_long_tables(record.name, content, max_bytes=limit, report=report).tables

    def _settings(self) -> RecommendationSettings:
        record = self._tools.workspace.prototypes.get(self._id)
        return RecommendationSettings.from_json(record.settings)

    def _keep(self, settings: RecommendationSettings) -> None:
        self._tools.workspace.prototypes.update_settings(self._id, settings.to_json(), "")
