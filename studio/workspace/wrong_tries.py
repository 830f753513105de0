"""Tries of passwords that were wrong, or are not known to be right yet, for as long as they count.

They are kept with everything else, so that neither a restart nor another process forgets them. What was
tried is kept as a hash: names and addresses of browsers are nobody's business. How long somebody has to
wait is decided by whoever asks.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from studio.workspace.database import Database
from studio.workspace.schema import WrongTryRow


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierTries:
    """Tries that still count: how many, and the time of the last one (None without any)."""

    n: int
    last_at: datetime | None


Check = Callable[[EarlierTries, EarlierTries], None]
"""Is given the tries of one key and those of all keys of the door; raises to refuse another one."""


class WrongTries:
    """The tries at all doors; every method is thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()  # where the database lets two transactions read at once

    def begin(self, door: str, key: str, now: datetime, counts_for: timedelta, check: Check) -> int:
        """Note a try, unless `check` refuses it; those that count no more are dropped.

        Args:
            door: what kind of password it is; each counts for itself.
            key: what was tried to be opened, and by whom.
            now: the aware time.
            counts_for: for how long a try counts.
            check: may refuse, by the tries before this one.

        Returns:
            The try, for `take_back`.
        """
        key_hash = hashlib.sha256(key.encode()).hexdigest()
        tried_at = WrongTryRow.tried_at
        with self._lock, self._database.write() as session:
            # Also those of a clock that was wrong: they would count for as long as it was.
            over = or_(tried_at < now - counts_for, tried_at > now + counts_for)
            session.execute(delete(WrongTryRow).where(over))
            check(_earlier(session, door, key_hash), _earlier(session, door, None))
            row = WrongTryRow(door=door, key_hash=key_hash, tried_at=now)
            session.add(row)
            session.flush()
            return row.id

    def take_back(self, try_id: int) -> None:
        """Forget a try, as it was right."""
        with self._database.write() as session:
            session.execute(delete(WrongTryRow).where(WrongTryRow.id == try_id))


def _earlier(session: Session, door: str, key_hash: str | None) -> EarlierTries:
    query = select(func.count(), func.max(WrongTryRow.tried_at)).where(WrongTryRow.door == door)
    if key_hash is not None:
        query = query.where(WrongTryRow.key_hash == key_hash)
    n, last_at = session.execute(query).one()
    return EarlierTries(n=n, last_at=last_at)
