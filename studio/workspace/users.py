"""People who may sign in, and the browsers in which they have.

Passwords arrive as hashes and tokens as hashes: nothing here lets anybody in. There is always an owner
left, once there was one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from studio.acting import Role
from studio.errors import InvalidInput, NotFound
from studio.records import Notice
from studio.workspace.database import Database
from studio.workspace.naming import checked_name, new_id
from studio.workspace.schema import SignInRow, UserRow


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRecord:
    """Somebody who may sign in.

    `has_password` is False for people who come in through a provider only; `seen_at` is the last time
    they signed in, None before the first. Times are aware UTC.
    """

    id: str
    name: str
    role: Role
    has_password: bool
    created_at: datetime
    seen_at: datetime | None


class Users:
    """The people of a workspace; every method is thread-safe."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def add(self, name: str, role: Role, password_hash: str | None = None) -> UserRecord:
        """Let somebody sign in under a name, which for a provider is their e-mail address.

        Raises:
            InvalidInput: the name is empty, too long or taken; `fields` has "name".
        """
        name = checked_name(name)
        with self._database.write() as session:
            if _by_name(session, name) is not None:
                raise InvalidInput(
                    "There is a person called {name} already. Choose another name.",
                    fields={"name": Notice("This name is taken.")},
                    name=name,
                )
            row = UserRow(
                id=new_id(),
                name=name,
                key=_key(name),
                role=role.word,
                password_hash=password_hash,
                created_at=self._clock(),
            )
            session.add(row)
            return _record(row)

    def list(self) -> tuple[UserRecord, ...]:
        """Everybody, in the order of their names."""
        with self._database.read() as session:
            return tuple(map(_record, session.scalars(select(UserRow).order_by(UserRow.key))))

    def named(self, name: str) -> UserRecord | None:
        """The person of that name, whatever its letters' size; None where there is nobody."""
        with self._database.read() as session:
            row = _by_name(session, name)
            return None if row is None else _record(row)

    def password_hash(self, name: str) -> str | None:
        """The hash that is kept for the person of that name; None without one."""
        with self._database.read() as session:
            row = _by_name(session, name)
            return None if row is None else row.password_hash

    def has_owner(self) -> bool:
        """Whether anybody could let others in."""
        with self._database.read() as session:
            return _n_owners(session) > 0

    def set_role(self, user_id: str, role: Role) -> UserRecord:
        """Let somebody do more or less, from their next click on.

        Raises:
            NotFound: there is no such person.
            InvalidInput: they are the last owner.
        """
        with self._database.write() as session:
            row = _find(session, user_id)
            if role is not Role.OWNER:
                _check_not_last(session, row)
            row.role = role.word
            return _record(row)

    def set_password(self, user_id: str, password_hash: str) -> UserRecord:
        """Take another password; every browser they were signed in with has to sign in again.

        Raises:
            NotFound: there is no such person.
        """
        with self._database.write() as session:
            row = _find(session, user_id)
            row.password_hash = password_hash
            session.execute(delete(SignInRow).where(SignInRow.user_id == row.id))
            return _record(row)

    def remove(self, user_id: str) -> None:
        """Let somebody in no more. What they made stays, and what they did stays in the log.

        Raises:
            NotFound: there is no such person.
            InvalidInput: they are the last owner.
        """
        with self._database.write() as session:
            row = _find(session, user_id)
            _check_not_last(session, row)
            session.execute(delete(SignInRow).where(SignInRow.user_id == row.id))
            session.delete(row)

    def begin_sign_in(self, user_id: str, token_hash: str, expires_at: datetime) -> None:
        """Keep that whoever has a token is somebody; sign-ins that ended by themselves are dropped.

        Raises:
            NotFound: there is no such person.
        """
        now = self._clock()
        with self._database.write() as session:
            row = _find(session, user_id)
            row.seen_at = now
            session.execute(delete(SignInRow).where(SignInRow.expires_at <= now))
            session.add(
                SignInRow(
                    token_hash=token_hash, user_id=row.id, created_at=now, expires_at=expires_at
                )
            )

    def signed_in(self, token_hash: str) -> UserRecord | None:
        """Who has that token; None for a token that is unknown, ended or too old."""
        query = (
            select(UserRow)
            .join(SignInRow, SignInRow.user_id == UserRow.id)
            .where(SignInRow.token_hash == token_hash, SignInRow.expires_at > self._clock())
        )
        with self._database.read() as session:
            row = session.scalars(query).first()
            return None if row is None else _record(row)

    def end_sign_in(self, token_hash: str) -> None:
        """Let a token open nothing any more."""
        with self._database.write() as session:
            session.execute(delete(SignInRow).where(SignInRow.token_hash == token_hash))


def _key(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _by_name(session: Session, name: str) -> UserRow | None:
    return session.scalars(select(UserRow).where(UserRow.key == _key(name))).first()


def _find(session: Session, user_id: str) -> UserRow:
    row = session.get(UserRow, user_id)
    if row is None:
        raise NotFound("This person is not on the list any more. Reload the page.")
    return row


def _n_owners(session: Session) -> int:
    query = select(func.count()).select_from(UserRow).where(UserRow.role == Role.OWNER.word)
    return session.scalar(query) or 0


def _check_not_last(session: Session, row: UserRow) -> None:
    if row.role == Role.OWNER.word and _n_owners(session) == 1:
        raise InvalidInput(
            "{name} is the last owner. Make somebody else an owner first.", name=row.name
        )


def _record(row: UserRow) -> UserRecord:
    return UserRecord(
        id=row.id,
        name=row.name,
        role=Role.named(row.role),
        has_password=row.password_hash is not None,
        created_at=row.created_at,
        seen_at=row.seen_at,
    )
