"""Publications: which prototypes others can open, as what, and at which version. None is deleted.

Keeps what it is given and checks only names and references; who may open one is decided in `sharing`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from studio.errors import InvalidInput, NotFound
from studio.workspace.database import Database, clean
from studio.workspace.naming import checked_name, new_id, slug_of
from studio.workspace.prototypes import find_prototype
from studio.workspace.publication_record import (
    PublicationChoices,
    PublicationRecord,
    PublishedVersion,
)
from studio.workspace.schema import PublicationRow, PublishedVersionRow, VersionRow

MAX_SHARE = 99
_CHOICES = tuple(field.name for field in fields(PublicationChoices))


class Publications:
    """The publications of all prototypes; every method is thread-safe."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def create(
        self,
        prototype_id: str,
        version: int,
        choices: PublicationChoices,
        *,
        slug: str = "",
        note: str = "",
    ) -> PublicationRecord:
        """Make a version of a prototype reachable; it is on the disk when this returns.

        Args:
            prototype_id: what is shown.
            version: which of its versions.
            choices: how it is shown.
            slug: the wish for its address, by default the headline's or the prototype's; a number is
                added where another publication has it.
            note: why, for the history.

        Raises:
            NotFound: there is no such prototype or version, or the prototype was deleted.
            InvalidInput: the headline is empty or too long.
        """
        now = self._clock()
        with self._database.write() as session:
            prototype = find_prototype(session, prototype_id)
            _check_version(session, prototype.id, version)
            wish = slug_of(slug) or slug_of(choices.headline) or prototype.slug
            row = PublicationRow(
                id=new_id(),
                prototype_id=prototype.id,
                slug=_free_slug(session, wish),
                created_at=now,
            )
            _take(row, choices, now)
            _move(row, version, note, now)
            session.add(row)
            session.flush()  # the history refers to it
            session.add(_history_row(session, row, now))
            return _record(row)

    def get(self, publication_id: str) -> PublicationRecord:
        """The publication of that id, also of one that has ended.

        Raises:
            NotFound: there is none.
        """
        with self._database.read() as session:
            return _record(_find(session, publication_id))

    def by_slug(self, slug: str) -> PublicationRecord:
        """The publication at that address, also of one that has ended.

        Raises:
            NotFound: there is none.
        """
        with self._database.read() as session:
            row = session.scalars(select(PublicationRow).where(PublicationRow.slug == slug)).first()
            if row is None:
                raise NotFound("There is no publication at {slug}.", slug=slug)
            return _record(row)

    def list(
        self, prototype_id: str | None = None, *, include_ended: bool = False
    ) -> tuple[PublicationRecord, ...]:
        """The publications, the newest first; only of a prototype if given."""
        query = select(PublicationRow)
        if prototype_id is not None:
            query = query.where(PublicationRow.prototype_id == prototype_id)
        if not include_ended:
            query = query.where(PublicationRow.ended_at.is_(None))
        query = query.order_by(PublicationRow.created_at.desc(), PublicationRow.id)
        with self._database.read() as session:
            return tuple(map(_record, session.scalars(query)))

    def update(self, publication_id: str, choices: PublicationChoices) -> PublicationRecord:
        """Show it another way; address and version stay.

        Raises:
            NotFound: there is none.
            InvalidInput: the headline is empty or too long.
        """
        with self._database.write() as session:
            row = _find(session, publication_id, is_locked=True)
            _take(row, choices, self._clock())
            return _record(row)

    def publish(self, publication_id: str, version: int, note: str = "") -> PublicationRecord:
        """Move it to a version, later or earlier, and write that down in its history.

        All visitors meet it then: a test of two versions ends.

        Raises:
            NotFound: there is none, or its prototype has no such version.
        """
        now = self._clock()
        with self._database.write() as session:
            row = _find(session, publication_id, is_locked=True)
            _check_version(session, row.prototype_id, version)
            _move(row, version, note, now)
            session.add(_history_row(session, row, now))
            return _record(row)

    def split(
        self, publication_id: str, second_version: int, share_percent: int
    ) -> PublicationRecord:
        """Let a share of the visitors meet a second version; it counts from now where that is another.

        Args:
            publication_id: which publication.
            second_version: what that share meets.
            share_percent: of the visitors, 1 to 99.

        Raises:
            NotFound: there is none, or its prototype has no such version.
            InvalidInput: the share is out of range, or the version is the one the others meet.
        """
        with self._database.write() as session:
            row = _find(session, publication_id, is_locked=True)
            _check_version(session, row.prototype_id, second_version)
            if not 1 <= share_percent <= MAX_SHARE or second_version == row.version:
                raise InvalidInput(
                    "A test needs a second version and a share from 1 to {limit} percent; version"
                    " {version} with {share} percent was given.",
                    limit=MAX_SHARE,
                    version=second_version,
                    share=share_percent,
                )
            now = self._clock()
            if row.second_version != second_version:
                row.split_since = now
            row.second_version, row.second_share_percent = second_version, share_percent
            row.updated_at = now
            return _record(row)

    def end_split(self, publication_id: str) -> PublicationRecord:
        """Let all visitors meet the first version again.

        Raises:
            NotFound: there is none.
        """
        with self._database.write() as session:
            row = _find(session, publication_id, is_locked=True)
            _unsplit(row)
            row.updated_at = self._clock()
            return _record(row)

    def history(self, publication_id: str) -> tuple[PublishedVersion, ...]:
        """Which versions were published when, the newest first.

        Raises:
            NotFound: there is none.
        """
        query = select(PublishedVersionRow).where(
            PublishedVersionRow.publication_id == publication_id
        )
        with self._database.read() as session:
            _find(session, publication_id)
            rows = session.scalars(query.order_by(PublishedVersionRow.position.desc()))
            return tuple(
                PublishedVersion(
                    publication_id=row.publication_id,
                    position=row.position,
                    version=row.version,
                    note=row.note,
                    published_at=row.published_at,
                )
                for row in rows
            )

    def end(self, publication_id: str) -> PublicationRecord:
        """Let nobody open it any more; `resume` takes that back. Its address stays its own.

        Raises:
            NotFound: there is none.
        """
        with self._database.write() as session:
            row = _find(session, publication_id, is_locked=True)
            row.ended_at = row.ended_at or self._clock()
            row.updated_at = self._clock()
            return _record(row)

    def resume(self, publication_id: str) -> PublicationRecord:
        """Let it be opened again.

        Raises:
            NotFound: there is none.
        """
        with self._database.write() as session:
            row = _find(session, publication_id, is_locked=True)
            row.ended_at, row.updated_at = None, self._clock()
            return _record(row)


def _find(session: Session, publication_id: str, *, is_locked: bool = False) -> PublicationRow:
    row = session.get(PublicationRow, publication_id, with_for_update=is_locked or None)
    if row is None:
        raise NotFound("There is no publication {publication}.", publication=publication_id)
    return row


def _check_version(session: Session, prototype_id: str, version: int) -> None:
    if session.get(VersionRow, (prototype_id, version)) is None:
        raise NotFound(
            "This prototype has no version {version}. Choose one of its list of versions.",
            version=version,
        )


def _free_slug(session: Session, wish: str) -> str:
    """The wish, or with the first number that makes it nobody's slug or id."""
    return next(
        slug
        for slug in (wish if number == 1 else f"{wish}-{number}" for number in count(1))
        if session.scalar(
            select(PublicationRow.id)
            .where(or_(PublicationRow.slug == slug, PublicationRow.id == slug))
            .limit(1)
        )
        is None
    )


def _take(row: PublicationRow, choices: PublicationChoices, now: datetime) -> None:
    for name in _CHOICES:
        value: Any = getattr(choices, name)  # each column's own type
        setattr(row, name, clean(value) if isinstance(value, str) else value)
    row.headline = checked_name(choices.headline)
    row.starter_questions = [clean(question) for question in choices.starter_questions]
    money = choices.money_per_day_usd
    row.money_per_day_usd = None if money is None else str(money)
    row.updated_at = now


def _move(row: PublicationRow, version: int, note: str, now: datetime) -> None:
    row.version, row.note, row.updated_at = version, clean(note).strip(), now
    _unsplit(row)


def _unsplit(row: PublicationRow) -> None:
    row.second_version, row.second_share_percent, row.split_since = None, 0, None


def _history_row(session: Session, row: PublicationRow, now: datetime) -> PublishedVersionRow:
    latest = session.scalar(
        select(func.max(PublishedVersionRow.position)).where(
            PublishedVersionRow.publication_id == row.id
        )
    )
    return PublishedVersionRow(
        publication_id=row.id,
        position=0 if latest is None else latest + 1,
        version=row.version,
        note=row.note,
        published_at=now,
    )


def _record(row: PublicationRow) -> PublicationRecord:
    values = {name: getattr(row, name) for name in _CHOICES}
    money = row.money_per_day_usd
    values["starter_questions"] = tuple(row.starter_questions)
    values["money_per_day_usd"] = None if money is None else Decimal(money)
    return PublicationRecord(
        **values,
        id=row.id,
        prototype_id=row.prototype_id,
        slug=row.slug,
        version=row.version,
        note=row.note,
        created_at=row.created_at,
        updated_at=row.updated_at,
        ended_at=row.ended_at,
        second_version=row.second_version,
        second_share_percent=row.second_share_percent,
        split_since=row.split_since,
    )
