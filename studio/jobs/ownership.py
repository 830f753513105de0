"""Which processes are still there: each holds a lock file that the system frees when it ends.

That holds for a kill and a loss of power too, needs no clock and no process numbers, which are given
anew. Knows no job.
"""

from __future__ import annotations

import contextlib
import threading
import uuid
from pathlib import Path

from filelock import FileLock, Timeout


class Ownership:
    """The name of one owner of work, and a look at whether others live. Thread-safe.

    Args:
        folder: of the lock files, the same for all who share work; made when it is needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._token = uuid.uuid4().hex
        self._guard = threading.Lock()
        self._lock: FileLock | None = None

    @property
    def token(self) -> str:
        """The name of this owner; it lives from the first look until `release`.

        Raises:
            OSError: the lock file cannot be made.
        """
        with self._guard:
            if self._lock is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                lock = FileLock(self._path(self._token), thread_local=False)
                lock.acquire(timeout=0)
                self._lock = lock
            return self._token

    def is_alive(self, token: str) -> bool:
        """Whether the owner of that name still holds its lock."""
        path = self._path(token)
        if not token or not path.exists():
            return False
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        lock.release()
        path.unlink(missing_ok=True)  # nobody takes a dead name again
        return False

    def release(self) -> None:
        """End this owner; what it still has may be taken over. A later look makes a new one."""
        with self._guard:
            lock, self._lock = self._lock, None
            if lock is not None:
                lock.release()
                with contextlib.suppress(OSError):
                    self._path(self._token).unlink()
                self._token = uuid.uuid4().hex

    def _path(self, token: str) -> Path:
        return self._folder / f"{token}.lock"
