"""Vectors of passages that were embedded before, on disk, for every prototype and every process.

An entry is found by what was computed: the model's weights and precision, and the very text. A text
is never stored, only its hash. Knows no model, no request and no ledger. A cache may fail: whatever
goes wrong with the file costs time, not an answer, and is said in the log.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from studio.inference.protocol import EngineInfo

logger = logging.getLogger(__name__)

FORMAT = 1
BUSY_S = 2.0
CHUNK = 500  # keys per statement; SQLite allows more, older builds 999
PAGE_BYTES = 16_384  # holds nine vectors of 384 numbers, or three of 1,024
EVICT_TO = 0.9
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class DamagedError(Exception):
    """The file is not what this module wrote."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A text's vector, `(dim,)` float32 of unit length, and its length in tokens."""

    vector: NDArray[np.float32]
    n_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheUse:
    """How often passages were known since the process began, and what the file may hold."""

    n_asked: int
    n_found: int
    max_bytes: int


Compute = Callable[[Sequence[str]], tuple[NDArray[np.float32], tuple[int, ...]]]
"""Embeds texts: `(n, dim)` float32 and the tokens of each."""


class EmbeddingCache:
    """A file of vectors, bounded in size. Any thread and any number of processes may use it.

    Rows stand in the order of their last use, roughly: when the file is more than half full, an entry
    of its older half that is found moves to the end. What is dropped comes from the beginning.

    Args:
        path: the SQLite file; made with its folder on first use.
        max_bytes: size of the stored vectors above which the oldest are dropped.
    """

    def __init__(self, path: Path, max_bytes: int) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self._is_warned = False
        self._n_asked = self._n_found = 0

    @property
    def use(self) -> CacheUse:
        """How often it was of use."""
        return CacheUse(n_asked=self._n_asked, n_found=self._n_found, max_bytes=self._max_bytes)

    def through(
        self, info: EngineInfo, purpose: str, texts: Sequence[str], compute: Compute
    ) -> tuple[NDArray[np.float32], tuple[int, ...]]:
        """Vectors of at least one text, `(n, dim)` float32 in their order, and the tokens of each.

        `compute` is called once for what is not there, each distinct text once, and not at all when
        everything is; what it gives is kept.

        Args:
            info: what embeds.
            purpose: "query" or "passage".
            texts: as the model reads them, prefixes included.
            compute: embeds; its errors pass through.
        """
        keys = keys_of(info, purpose, texts)
        found = self.find(keys, info.dim)
        with self._lock:
            self._n_asked += len(keys)
            self._n_found += sum(key in found for key in keys)
        missing = {k: text for k, text in zip(keys, texts, strict=True) if k not in found}
        if missing:
            vectors, n_tokens = compute(tuple(missing.values()))
            rows = zip(vectors, n_tokens, strict=True)
            made = dict(zip(missing, (Entry(vector, n) for vector, n in rows), strict=True))
            self.keep(made)
            found.update(made)
        return (
            np.stack([found[key].vector for key in keys]),
            tuple(found[key].n_tokens for key in keys),
        )

    def find(self, keys: Sequence[bytes], dim: int) -> dict[bytes, Entry]:
        """What is known of these keys; nothing where the file cannot be read."""
        found: dict[bytes, Entry] = {}
        with self._guarded() as connection:
            if connection is None:
                return found
            used: list[tuple[int, bytes]] = []
            for start in range(0, len(keys), CHUNK):
                chunk = keys[start : start + CHUNK]
                marks = ",".join("?" * len(chunk))
                for row_id, key, n_tokens, checksum, stored in connection.execute(
                    f"SELECT id, key, n_tokens, checksum, vector FROM vectors WHERE key IN ({marks})",
                    chunk,
                ):
                    if checksum != _checksum(key, n_tokens, stored):
                        raise DamagedError("a vector does not fit its checksum")
                    if len(stored) == 4 * dim:
                        found[key] = Entry(np.frombuffer(stored, "<f4"), n_tokens)
                        used.append((row_id, key))
            self._touch(connection, used)
        return found

    def known(self, keys: Sequence[bytes]) -> frozenset[bytes]:
        """Those of the keys that have an entry, without reading it; none where that cannot be told."""
        found: set[bytes] = set()
        with self._guarded() as connection:
            if connection is None:
                return frozenset()
            for start in range(0, len(keys), CHUNK):
                chunk = keys[start : start + CHUNK]
                marks = ",".join("?" * len(chunk))
                query = f"SELECT key FROM vectors WHERE key IN ({marks})"
                found.update(key for (key,) in connection.execute(query, chunk))
        return frozenset(found)

    def keep(self, entries: Mapping[bytes, Entry]) -> None:
        """Store entries, and drop the oldest ones above the size; nothing where that cannot be."""
        rows = []
        for key, entry in entries.items():
            stored = np.ascontiguousarray(entry.vector, "<f4").tobytes()
            rows.append((key, entry.n_tokens, _checksum(key, entry.n_tokens, stored), stored))
        with self._guarded() as connection:
            if connection is None:
                return
            with _writing(connection):
                connection.executemany(
                    "INSERT OR IGNORE INTO vectors (key, n_tokens, checksum, vector)"
                    " VALUES (?, ?, ?, ?)",
                    rows,
                )
                self._evict(connection)

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            self._disconnect()

    def _touch(self, connection: sqlite3.Connection, used: Sequence[tuple[int, bytes]]) -> None:
        """Move entries of the older half to the end, once dropping some has come near."""
        if not used or _used_bytes(connection) <= self._max_bytes / 2:
            return
        first, last = connection.execute("SELECT min(id), max(id) FROM vectors").fetchone()
        old = [(key,) for row_id, key in used if row_id < (first + last) / 2]
        if old:
            with _writing(connection):
                connection.executemany(
                    "UPDATE vectors SET id = (SELECT max(id) + 1 FROM vectors) WHERE key = ?", old
                )

    def _evict(self, connection: sqlite3.Connection) -> None:
        if _used_bytes(connection) <= self._max_bytes:
            return
        n_rows = n_dropped = connection.execute("SELECT count(*) FROM vectors").fetchone()[0]
        while n_dropped and _used_bytes(connection) > EVICT_TO * self._max_bytes:
            n_dropped = connection.execute(
                "DELETE FROM vectors WHERE id IN (SELECT id FROM vectors ORDER BY id LIMIT ?)",
                (1 + n_rows // 50,),
            ).rowcount
        connection.execute("PRAGMA incremental_vacuum").fetchall()

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[sqlite3.Connection | None]:
        """The connection; None where there is none to be had. Failures end the block, quietly."""
        with self._lock:
            try:
                connection = self._connected()
            except (sqlite3.Error, OSError, Timeout, DamagedError) as error:
                self._fail(error)
                connection = None
            try:
                yield connection
            except (sqlite3.Error, DamagedError) as error:
                self._fail(error)

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._file_lock():  # nobody drops the file while it is being made
                self._connection = _opened(self._path)
                self._inode = os.stat(self._path).st_ino
        return self._connection

    def _fail(self, error: Exception) -> None:
        self._disconnect()
        code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
        if isinstance(error, DamagedError) or code in _DAMAGED:
            logger.warning("%s is damaged (%s); it is dropped and made anew", self._path, error)
            with contextlib.suppress(OSError, Timeout), self._file_lock():
                # Another process may have made it anew already.
                if self._inode in (0, os.stat(self._path).st_ino):
                    for suffix in ("-wal", "-shm", ""):
                        Path(f"{self._path}{suffix}").unlink(missing_ok=True)
        elif not self._is_warned:  # said once, not with every text
            self._is_warned = True
            logger.warning("Vectors are not kept in %s: %s", self._path, error)

    def _disconnect(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
        self._connection = None

    def _file_lock(self) -> FileLock:
        return FileLock(self._path.with_suffix(".lock"), timeout=BUSY_S)


def keys_of(info: EngineInfo, purpose: str, texts: Sequence[str]) -> tuple[bytes, ...]:
    """The key of each text: SHA-256 of everything that decides its vector."""
    decisive = [
        info.model,
        info.revision,
        info.engine,
        info.precision,
        info.max_tokens,  # where a text is cut
        purpose,
    ]
    scope = hashlib.sha256(json.dumps(decisive).encode() + b"\0")
    keys = []
    for text in texts:
        digest = scope.copy()
        digest.update(text.encode("utf-8", errors="surrogatepass"))
        keys.append(digest.digest())
    return tuple(keys)


def _opened(path: Path) -> sqlite3.Connection:
    """A connection to the file in this format. Raises sqlite3.Error, DamagedError."""
    # The connection is used by one thread at a time, under the lock of the cache.
    connection = sqlite3.connect(
        path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
    )
    try:
        if _format_of(connection) == 0:  # new
            connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA user_version = {FORMAT}")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS vectors (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE,"
            " n_tokens INTEGER NOT NULL, checksum BLOB NOT NULL, vector BLOB NOT NULL)"
        )
        # A loss of power may cost the last entries, never the file; a kill costs nothing.
        connection.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


def _format_of(connection: sqlite3.Connection) -> int:
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if found not in (0, FORMAT):
        raise DamagedError(f"it has the format {found}")
    return found


@contextlib.contextmanager
def _writing(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _used_bytes(connection: sqlite3.Connection) -> int:
    pages, free = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count")
    )
    return int(pages - free) * PAGE_BYTES


def _checksum(key: bytes, n_tokens: int, stored: bytes) -> bytes:
    # SQLite notices a broken page, not a changed byte in a vector.
    return hashlib.blake2b(key + n_tokens.to_bytes(8, "big") + stored, digest_size=8).digest()
