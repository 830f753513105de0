"""Documents: the files of a prototype, their text as it was read, and how reading them went.

The bytes go to the file store first, then the rows in one transaction, so that a document that was
acknowledged is whole. Knows no file format and no index.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from studio.errors import NotFound
from studio.records import Document, Notice, Page, Row
from studio.workspace.database import Database, as_json, clean
from studio.workspace.files import FileStore
from studio.workspace.naming import is_id, new_id
from studio.workspace.records import DocumentRecord, DocumentStatus
from studio.workspace.schema import DocumentRow, PageRow, PrototypeRow

_BEGINNING_PAGES, _BEGINNING_CHARACTERS = 3, 2000


def beginning(pages: Sequence[Page]) -> str:
    """How the first pages begin: what `Documents.beginnings` gives of them once they are stored."""
    return "".join(page.text[:_BEGINNING_CHARACTERS] for page in pages[:_BEGINNING_PAGES])


class Documents:
    """The documents of all prototypes; every method is thread-safe."""

    def __init__(self, database: Database, files: FileStore, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._files = files
        self._clock = clock

    def add_document(  # noqa: PLR0913  each is a fact of the document, all named
        self,
        prototype_id: str,
        name: str,
        content: bytes,
        pages: tuple[Page, ...] = (),
        *,
        media_type: str = "",
        status: DocumentStatus = "read",
        reason: Notice | None = None,
        report: Mapping[str, Any] | None = None,
        document_id: str = "",
    ) -> DocumentRecord:
        """Store a file and the text read from it; both are on the disk when this returns.

        The same content added again gives the document that is there already, under its old name; a
        refused one is replaced when it could be read this time.

        Args:
            prototype_id: whose document it is.
            name: the file's name, for the user.
            content: its bytes, kept as they came.
            pages: its text in order; empty for a refused file.
            media_type: such as "application/pdf".
            status: whether it was read, read in part, or refused.
            reason: why not all of it was read.
            report: the reader's own account, as JSON.
            document_id: the id it had where it comes from; a new one where that is taken.

        Raises:
            NotFound: there is no such prototype.
            InvalidInput: the report is not JSON.
            StorageFull: there is no room left on the disk.
        """
        account = as_json(dict(report or {}))
        storable = [_storable(page) for page in pages]
        sha256 = self._files.put(content)
        with self._database.write() as session:
            _check_prototype(session, prototype_id)
            same = _same_content(session, prototype_id, sha256)
            if same is not None:
                if same.status != "refused" or status == "refused":
                    return _record(same)
                same.deleted_at = self._clock()
                session.flush()
            row = DocumentRow(
                id=_free_id(session, document_id),
                prototype_id=prototype_id,
                position=_next_position(session, prototype_id),
                name=clean(name),
                media_type=media_type,
                sha256=sha256,
                n_bytes=len(content),
                n_pages=len(pages),
                n_characters=sum(len(page.text) for page in storable),
                status=status,
                reason=None if reason is None else as_json(reason.to_json()),
                report=account,
                added_at=self._clock(),
            )
            session.add(row)
            session.flush()  # the pages refer to it
            _add_pages(session, row.id, storable)
            return _record(row)

    def list(
        self, prototype_id: str, *, include_removed: bool = False
    ) -> tuple[DocumentRecord, ...]:
        """The documents of a prototype in the order they were added; none for an unknown one."""
        query = select(DocumentRow).where(DocumentRow.prototype_id == prototype_id)
        if not include_removed:
            query = query.where(DocumentRow.deleted_at.is_(None))
        query = query.order_by(DocumentRow.position)
        return self._database.recall(
            ("documents", prototype_id, include_removed),
            lambda session: tuple(_record(row) for row in session.scalars(query)),
        )

    def fingerprint(self, prototype_id: str) -> tuple[object, ...]:
        """Another value whenever a document comes, goes or comes back; cheap to ask for."""
        query = select(
            func.count(), func.count(DocumentRow.deleted_at), func.max(DocumentRow.position),
            func.max(DocumentRow.deleted_at),
        ).where(DocumentRow.prototype_id == prototype_id)  # fmt: skip
        return self._database.recall(
            ("fingerprint of documents", prototype_id),
            lambda session: tuple(session.execute(query).one()),
        )

    def beginnings(self, prototype_id: str) -> tuple[tuple[str, int], ...]:
        """How the first pages of the documents begin, each with how many characters its document has."""
        query = (
            select(
                DocumentRow.id,
                DocumentRow.n_characters,
                func.substr(PageRow.text, 1, _BEGINNING_CHARACTERS),
            )
            .join(PageRow, PageRow.document_id == DocumentRow.id)
            .where(DocumentRow.prototype_id == prototype_id, DocumentRow.deleted_at.is_(None))
            .where(PageRow.position < _BEGINNING_PAGES)
            .order_by(DocumentRow.position, PageRow.position)
        )
        texts: dict[str, str] = {}
        lengths: dict[str, int] = {}
        with self._database.read() as session:
            for document_id, n_characters, text in session.execute(query):
                texts[document_id] = texts.get(document_id, "") + text
                lengths[document_id] = n_characters
        return tuple((text, lengths[document_id]) for document_id, text in texts.items())

    def get(self, document_id: str) -> DocumentRecord:
        """What is known of a document, also of a removed one, without its text.

        Raises:
            NotFound: there is no such document.
        """
        with self._database.read() as session:
            return _record(_find(session, document_id))

    def document(self, document_id: str) -> Document:
        """The text of a document, also of a removed one.

        Raises:
            NotFound: there is no such document.
        """
        with self._database.read() as session:
            row = _find(session, document_id)
            query = select(PageRow).where(PageRow.document_id == document_id)
            pages = session.scalars(query.order_by(PageRow.position))
            return Document(
                document_id=row.id,
                name=row.name,
                pages=tuple(_page(page) for page in pages),
            )

    def original(self, document_id: str) -> bytes:
        """The bytes as they were uploaded, to read them again or to export them.

        Raises:
            NotFound: there is no such document, or its file is gone.
            DataError: the file was changed on the disk.
        """
        return self._files.get(self.get(document_id).sha256)

    def copy(self, source_id: str, target_id: str) -> int:
        """Give a prototype the documents of another; the bytes are shared.

        What it has already, by content, is not given again. The names, reports and order stay.

        Returns:
            How many documents came; 0 where it has them all.

        Raises:
            NotFound: there is no prototype of one of the ids.
        """
        with self._database.write() as session:
            _check_prototype(session, source_id)
            _check_prototype(session, target_id)
            return copy_documents(session, source_id, target_id, self._clock())

    def remove(self, document_id: str) -> DocumentRecord:
        """Take a document out of its prototype; `restore` brings it back.

        Raises:
            NotFound: there is no such document.
        """
        with self._database.write() as session:
            row = _find(session, document_id)
            row.deleted_at = row.deleted_at or self._clock()
            return _record(row)

    def restore(self, document_id: str) -> DocumentRecord:
        """Bring a removed document back; gives the newer one if its content was added again.

        Raises:
            NotFound: there is no such document.
        """
        with self._database.write() as session:
            row = _find(session, document_id)
            same = _same_content(session, row.prototype_id, row.sha256)
            if same is not None:
                return _record(same)
            row.deleted_at = None
            return _record(row)


def copy_documents(session: Session, source_id: str, target_id: str, now: datetime) -> int:
    """Copy the documents of one prototype that another has not; gives how many."""
    n_copied, position = 0, _next_position(session, target_id)
    query = select(DocumentRow).where(
        DocumentRow.prototype_id == source_id, DocumentRow.deleted_at.is_(None)
    )
    for row in session.scalars(query.order_by(DocumentRow.position)).all():
        if _same_content(session, target_id, row.sha256) is not None:
            continue
        values = {column.key: getattr(row, column.key) for column in DocumentRow.__table__.columns}
        changed = {
            "id": new_id(),
            "prototype_id": target_id,
            "position": position + n_copied,
            "added_at": now,
        }
        copy = DocumentRow(**values | changed)
        session.add(copy)
        session.flush()
        pages = session.scalars(
            select(PageRow).where(PageRow.document_id == row.id).order_by(PageRow.position)
        ).all()
        _add_pages(session, copy.id, [_page(page) for page in pages])
        n_copied += 1
    return n_copied


def _storable(page: Page) -> Page:
    rows = tuple(
        replace(row, cells=tuple((clean(column), clean(value)) for column, value in row.cells))
        for row in page.rows
    )
    return replace(page, name=clean(page.name), text=clean(page.text), rows=rows)


def _page(row: PageRow) -> Page:
    rows = tuple(
        Row(start=start, end=end, cells=tuple((column, value) for column, value in cells))
        for start, end, cells in row.rows
    )
    return Page(text=row.text, number=row.number, name=row.name, rows=rows)


def _add_pages(session: Session, document_id: str, pages: Sequence[Page]) -> None:
    rows = [
        {
            "document_id": document_id,
            "position": position,
            "number": page.number,
            "name": page.name,
            "text": page.text,
            "rows": [(row.start, row.end, row.cells) for row in page.rows],
        }
        for position, page in enumerate(pages)
    ]
    if rows:
        session.execute(insert(PageRow), rows)


def _check_prototype(session: Session, prototype_id: str) -> None:
    if session.get(PrototypeRow, prototype_id) is None:
        raise NotFound("There is no prototype {prototype}.", prototype=prototype_id)


def _free_id(session: Session, wanted: str) -> str:
    """The wanted id where it looks like one and is free, else a new one."""
    is_free = is_id(wanted) and session.get(DocumentRow, wanted) is None
    return wanted if is_free else new_id()


def _find(session: Session, document_id: str) -> DocumentRow:
    row = session.get(DocumentRow, document_id)
    if row is None:
        raise NotFound("There is no document {document}.", document=document_id)
    return row


def _same_content(session: Session, prototype_id: str, sha256: str) -> DocumentRow | None:
    query = select(DocumentRow).where(
        DocumentRow.prototype_id == prototype_id,
        DocumentRow.sha256 == sha256,
        DocumentRow.deleted_at.is_(None),
    )
    return session.scalars(query).first()


def _next_position(session: Session, prototype_id: str) -> int:
    query = select(func.max(DocumentRow.position)).where(DocumentRow.prototype_id == prototype_id)
    latest = session.scalar(query)
    return 0 if latest is None else latest + 1


def _record(row: DocumentRow) -> DocumentRecord:
    return DocumentRecord(
        document_id=row.id,
        prototype_id=row.prototype_id,
        name=row.name,
        media_type=row.media_type,
        sha256=row.sha256,
        n_bytes=row.n_bytes,
        n_pages=row.n_pages,
        n_characters=row.n_characters,
        status=row.status,  # type: ignore[arg-type]  # written by add_document only
        reason=None if row.reason is None else Notice.from_json(row.reason),
        report=as_json(row.report),
        added_at=row.added_at,
        deleted_at=row.deleted_at,
    )
