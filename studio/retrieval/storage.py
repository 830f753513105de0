"""The folder of an index: one subfolder per version, and a pointer to the one that counts.

A new version is written beside the old one and becomes current by one atomic replacement of the
pointer, so a crash leaves the old index in place and a reader never sees half of one. The module
knows no format but its own names.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from filelock import FileLock

POINTER_FILE = "CURRENT"
LOCK_FILE = "LOCK"
_VERSION = re.compile(r"v(\d{6,})")
_BUILDING = "building-"
# A build that has written nothing for so long was killed; one that runs is never touched.
_ABANDONED_AFTER = timedelta(days=1)


def current_version(folder: Path) -> Path | None:
    """The subfolder that counts; None where no index was ever finished. Raises OSError.

    Where the pointer is missing or unreadable it is the newest.
    """
    try:
        name = (folder / POINTER_FILE).read_text(encoding="utf-8", errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        name = ""
    # The name becomes a path: only what this module writes is followed.
    if _VERSION.fullmatch(name) and (folder / name).is_dir():
        return folder / name
    # The pointer was lost. What has a number was finished, so the last of these is meant.
    return max(_versions(folder), key=_number, default=None)


def begin_version(folder: Path) -> Path:
    """An empty folder to write the next version into; nobody reads it. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=_BUILDING, dir=folder))


def finish_version(folder: Path, building: Path, *, now: datetime) -> Path:
    """Make a written version the current one and clear away what nobody needs any more.

    The version before stays until the next one, for readers who have just looked at the pointer.
    Of several builds, in whatever processes, the last to finish counts. Raises OSError.
    """
    # One at a time: another would clear away a version whose pointer is not written yet.
    with FileLock(folder / LOCK_FILE):
        before = current_version(folder)
        version = folder / f"v{max(map(_number, _versions(folder)), default=0) + 1:06d}"
        building.rename(version)
        pointer = folder / f"{POINTER_FILE}.new"
        with pointer.open("w", encoding="utf-8") as file:
            file.write(version.name)
            file.flush()
            os.fsync(file.fileno())
        pointer.replace(folder / POINTER_FILE)
        for stale in _stale(folder, {version, before}, now):
            shutil.rmtree(stale, ignore_errors=True)
    return version


def discard(building: Path) -> None:
    """Remove an unfinished version; does nothing when it is gone."""
    shutil.rmtree(building, ignore_errors=True)


def checksum(path: Path) -> str:
    """SHA-256 of a file. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _versions(folder: Path) -> list[Path]:
    """The finished versions, in no order."""
    if not folder.is_dir():
        return []
    return [path for path in folder.iterdir() if _VERSION.fullmatch(path.name)]


def _number(version: Path) -> int:
    return int(version.name[1:])


def _stale(folder: Path, kept: set[Path | None], now: datetime) -> list[Path]:
    oldest = (now - _ABANDONED_AFTER).timestamp()
    abandoned = [p for p in folder.glob(f"{_BUILDING}*") if p.stat().st_mtime < oldest]
    return [version for version in _versions(folder) if version not in kept] + abandoned
