"""One at a time per model, across threads and processes, without keeping anybody in the dark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from studio.inference.fetching import Watch
from studio.records import Notice

POLL_S = 0.2


@contextmanager
def model_lock(path: Path, name: str, watch: Watch) -> Iterator[None]:
    """Hold a lock file for the block; the system frees it when its holder ends, however it ends.

    Whoever has to wait sees that somebody else is at work, and may give up.

    Args:
        path: the lock file; made when missing, with its folder, and never deleted.
        name: the model's name, for the notice.
        watch: told while waiting.

    Raises:
        Cancelled: the user does not want to wait.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        watch.begin(Notice("{name} is already being prepared; waiting for it to finish", name=name))
    while not lock.is_locked:
        try:
            lock.acquire(timeout=POLL_S)
        except Timeout:
            watch.advance(0)
    try:
        yield
    finally:
        lock.release()
