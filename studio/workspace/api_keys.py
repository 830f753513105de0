"""Keys of the HTTP interface: one per customer, kept as a hash. None is deleted, only revoked.

A key is 256 random bits, so a plain SHA-256 of it can be neither reversed nor guessed, and needs none
of the slowness that passwords need. Who may do what with a key is decided in `api`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from studio.errors import NotFound
from studio.workspace.api_key_record import ApiKeyRecord, KeyGrants, NewApiKey
from studio.workspace.database import Database
from studio.workspace.naming import checked_name, new_id
from studio.workspace.schema import ApiKeyRow

KEY_PREFIX = "ps_"
N_SHOWN = 8  # of the characters after KEY_PREFIX
TOUCH_EVERY = timedelta(minutes=1)
"""`last_used_at` is written no more often than this: a write waits for the disk."""


class ApiKeys:
    """The keys of all customers; every method is thread-safe."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def create(self, name: str, grants: KeyGrants | None = None) -> NewApiKey:
        """A new key; the only time that it can be read.

        Args:
            name: whose it is, for people.
            grants: what it opens; all publications, 60 requests a minute by default.

        Raises:
            InvalidInput: the name is empty or too long.
        """
        secret = KEY_PREFIX + secrets.token_urlsafe(32)
        row = ApiKeyRow(
            id=new_id(),
            name=checked_name(name),
            prefix=secret[: len(KEY_PREFIX) + N_SHOWN],
            digest=_digest(secret),
            created_at=self._clock(),
        )
        _take(row, grants or KeyGrants())
        with self._database.write() as session:
            session.add(row)
            session.flush()
            return NewApiKey(record=_record(row), secret=secret)

    def find(self, secret: str) -> ApiKeyRecord | None:
        """The key itself -> what is known of it; None for a wrong or a revoked one."""
        query = select(ApiKeyRow).where(ApiKeyRow.digest == _digest(secret))
        with self._database.read() as session:
            row = session.scalars(query).first()
            return None if row is None or row.revoked_at is not None else _record(row)

    def get(self, key_id: str) -> ApiKeyRecord:
        """The key of that id, also a revoked one.

        Raises:
            NotFound: there is none.
        """
        with self._database.read() as session:
            return _record(_find(session, key_id))

    def list(self, *, include_revoked: bool = True) -> tuple[ApiKeyRecord, ...]:
        """All keys, the newest first."""
        query = select(ApiKeyRow).order_by(ApiKeyRow.created_at.desc(), ApiKeyRow.id)
        if not include_revoked:
            query = query.where(ApiKeyRow.revoked_at.is_(None))
        with self._database.read() as session:
            return tuple(map(_record, session.scalars(query)))

    def update(
        self, key_id: str, *, name: str | None = None, grants: KeyGrants | None = None
    ) -> ApiKeyRecord:
        """Give it another name, other grants, or both; they count from its next request on.

        Raises:
            NotFound: there is none.
            InvalidInput: the name is empty or too long.
        """
        with self._database.write() as session:
            row = _find(session, key_id)
            if name is not None:
                row.name = checked_name(name)
            if grants is not None:
                _take(row, grants)
            return _record(row)

    def touch(self, key: ApiKeyRecord) -> None:
        """Note that it is being used, at most once a minute."""
        now = self._clock()
        if key.last_used_at is not None and now - key.last_used_at < TOUCH_EVERY:
            return
        with self._database.write() as session:
            row = session.get(ApiKeyRow, key.id)
            if row is not None:
                row.last_used_at = now

    def revoke(self, key_id: str) -> ApiKeyRecord:
        """Refuse it from now on, for good.

        Raises:
            NotFound: there is none.
        """
        with self._database.write() as session:
            row = _find(session, key_id)
            row.revoked_at = row.revoked_at or self._clock()
            return _record(row)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _find(session: Session, key_id: str) -> ApiKeyRow:
    row = session.get(ApiKeyRow, key_id)
    if row is None:
        raise NotFound("There is no API key {key}.", key=key_id)
    return row


def _take(row: ApiKeyRow, grants: KeyGrants) -> None:
    row.publications = None if grants.publications is None else list(grants.publications)
    row.opens_models = grants.opens_models
    row.requests_per_minute = grants.requests_per_minute
    row.tokens_per_day = grants.tokens_per_day
    row.usd_per_day = None if grants.usd_per_day is None else str(grants.usd_per_day)
    row.weight, row.max_at_once = grants.weight, grants.max_at_once


def _record(row: ApiKeyRow) -> ApiKeyRecord:
    money = row.usd_per_day
    return ApiKeyRecord(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        grants=KeyGrants(
            publications=None if row.publications is None else tuple(row.publications),
            opens_models=row.opens_models,
            requests_per_minute=row.requests_per_minute,
            tokens_per_day=row.tokens_per_day,
            usd_per_day=None if money is None else Decimal(money),
            weight=row.weight,
            max_at_once=row.max_at_once,
        ),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )
