"""Tables that somebody uploads to a prototype: stored as they came, listed, taken away, read whole.

What comes in is stored before anything is made of it. What a table is for, and what is made of it, is
known to the desk of each kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from studio.errors import NotFound
from studio.ingestion.long_table import LongTables, TextTable, read_long_tables
from studio.jobs.runner import JobContext
from studio.prototypes.base import Toolbox
from studio.records import Notice
from studio.workspace.records import DocumentRecord, Json

LookAt = Callable[[str, bytes, int], tuple[LongTables, Json]]
"""Takes name, content and the most bytes; gives the beginning of the tables, and an account of them."""


class TableDesk:
    """The uploaded tables of one prototype. Every method may be called by any thread.

    Args:
        prototype_id: whose tables.
        toolbox: the stores.
        look_at: what is told of a file when it comes in, and stored with it.
    """

    def __init__(self, prototype_id: str, toolbox: Toolbox, look_at: LookAt) -> None:
        self._id = prototype_id
        self._tools = toolbox
        self._look_at = look_at

    def add(self, files: Sequence[tuple[str, bytes]]) -> tuple[DocumentRecord, ...]:
        """Store tables (name, content) as they came.

        A file that holds no table is kept as refused, with the reason. The same content added again
        gives the record that is there.

        Raises:
            StorageFull: there is no room left; what was stored until then stays.
        """
        return tuple(self._add(name, content) for name, content in files)

    def files(self) -> tuple[DocumentRecord, ...]:
        """The stored files, refused ones among them, in the order they came."""
        return self._tools.workspace.documents.list(self._id)

    def remove(self, document_id: str) -> None:
        """Take a file away; `Workspace.documents.restore` brings it back.

        Raises:
            NotFound: the prototype has no such file.
        """
        documents = self._tools.workspace.documents
        if documents.get(document_id).prototype_id != self._id:
            raise NotFound("There is no document {document}.", document=document_id)
        documents.remove(document_id)

    def _whole(
        self, document_ids: set[str], context: JobContext
    ) -> Iterator[tuple[DocumentRecord, TextTable]]:
        """Every table of these files, whole, each with its file, in the order the files came.

        Tells the job the share of all their bytes. Raises Cancelled when it was asked to stop.
        """
        records = [record for record in self.files() if record.document_id in document_ids]
        total = sum(record.n_bytes for record in records)
        before = 0
        for record in records:
            for table in self._tables_of(record, before, total, context):
                yield record, table
            before += record.n_bytes

    def _add(self, name: str, content: bytes) -> DocumentRecord:
        limit = self._tools.settings.max_upload_bytes
        found, account = self._look_at(name, content, limit)
        return self._tools.workspace.documents.add_document(
            self._id,
            name=name,
            content=content if len(content) <= limit else b"",
            status="read" if found.tables else "refused",
            reason=found.refusal,
            report=account,
        )

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
