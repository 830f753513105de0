"""Accounts from the outside: passwords are checked here, slowly, and tokens given and taken back.

Neither a password nor a token is ever kept, logged or part of a message; what is kept are hashes.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

from studio.acting import THE_STUDIO, Actor, Role, acting_as
from studio.errors import AccessDenied, InvalidInput
from studio.records import Notice
from studio.sharing.attempts import N_FREE, Attempts
from studio.sharing.passwords import MAX_LENGTH, hash_password, is_password
from studio.workspace.activity import Subject
from studio.workspace.store import Workspace, utc_now
from studio.workspace.users import UserRecord

MIN_LENGTH = 10
"""Of the password of somebody who may change things: longer than that of a demo."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class Accounts:
    """The people of a studio and how they come in; every method is thread-safe.

    Args:
        workspace: where they are kept.
        signed_in_for: how long a browser stays signed in.
        clock: gives the aware time.
    """

    def __init__(
        self,
        workspace: Workspace,
        signed_in_for: timedelta,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._workspace = workspace
        self._signed_in_for = signed_in_for
        self._clock = clock
        self._attempts = Attempts(workspace.wrong_tries, "sign-in", clock)

    def add(self, name: str, role: Role, password: str | None = None) -> UserRecord:
        """Let somebody sign in, by a password or (without one) through a provider only.

        Raises:
            AccessDenied: whoever acts is no owner.
            InvalidInput: the name is empty or taken, or the password too short or too long.
        """
        return self._workspace.users.add(
            name, role, None if password is None else _hashed(password)
        )

    def set_password(self, user_id: str, password: str) -> None:
        """Take another password; every browser of that person has to sign in again.

        Raises:
            AccessDenied: whoever acts is no owner.
            InvalidInput: it is too short or too long.
            NotFound: there is no such person.
        """
        self._workspace.users.set_password(user_id, _hashed(password))

    def sign_in(self, name: str, password: str, address: str) -> str:
        """Let a browser in and give the token that says so from then on.

        A wrong name takes as long as a wrong password and gets the same answer.

        Args:
            name: of the person.
            password: as it was typed.
            address: of the browser; wrong tries from it slow down its next ones.

        Raises:
            LimitReached: there were too many wrong tries; says when to try again.
            AccessDenied: name or password is wrong.
        """
        keys = (f"from {address}", f"as {name.strip().casefold()[:MAX_LENGTH]} from {address}")
        users = self._workspace.users

        def is_right() -> bool:
            kept = users.password_hash(name)
            return is_password(password, kept or _nobodys_hash()) and kept is not None

        is_let_in = self._attempts.is_right(dict.fromkeys(keys, N_FREE), is_right)
        user = users.named(name) if is_let_in else None
        if user is None:
            raise AccessDenied("The name or the password is wrong. Try again.")
        token = secrets.token_urlsafe(32)
        with acting_as(THE_STUDIO):
            users.begin_sign_in(user.id, _hash(token), self._clock() + self._signed_in_for)
            self._workspace.activity.record("signed in", _subject(user), actor=user.name)
        return token

    def holder(self, token: str) -> Actor | None:
        """Who has that token; None for one that is unknown, ended or too old."""
        if not _TOKEN.fullmatch(token):
            return None
        user = self._workspace.users.signed_in(_hash(token))
        return None if user is None else _actor(user)

    def provided(self, email: str) -> Actor | None:
        """The person with the e-mail address that a provider vouches for; None who is not listed."""
        user = self._workspace.users.named(email) if email.strip() else None
        return None if user is None else _actor(user)

    def sign_out(self, token: str) -> None:
        """Let that token open nothing any more; an unknown one changes nothing."""
        user = self._workspace.users.signed_in(_hash(token))
        if user is None:
            return
        with acting_as(THE_STUDIO):
            self._workspace.users.end_sign_in(_hash(token))
            self._workspace.activity.record("signed out", _subject(user), actor=user.name)


def _hashed(password: str) -> str:
    if len(password) < MIN_LENGTH:
        raise InvalidInput(
            "The password has {length} characters; it must have {least} to {most}.",
            fields={
                "password": Notice(
                    "It must have {least} to {most} characters.", least=MIN_LENGTH, most=MAX_LENGTH
                )
            },
            length=len(password),
            least=MIN_LENGTH,
            most=MAX_LENGTH,
        )
    return hash_password(password)


@cache
def _nobodys_hash() -> str:
    """What a wrong name's password is held against, so that it takes as long as another one's."""
    return hash_password(secrets.token_urlsafe(24))


def _hash(token: str) -> str:
    # 256 random bits need no slow hash.
    return hashlib.sha256(token.encode()).hexdigest()


def _actor(user: UserRecord) -> Actor:
    return Actor(name=user.name, role=user.role, user_id=user.id)


def _subject(user: UserRecord) -> Subject:
    return Subject(kind="user", id=user.id, name=user.name)
