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

POINTER_FILE = "CURRENT"
_VERSION = re.compile(r"v(\d{6,})")
_BUILDING = "building-"
# A build that has written nothing for so long was killed; one that runs is never touched.
_ABANDONED_AFTER = timedelta(days=1)


def current_version(folder: Path) -> Path | None:
    """The subfolder that counts; None where no index was ever finished. Raises OSError."""
    try:
        name = (folder / POINTER_FILE).read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    # The name becomes a path: only what this module writes is followed.
    return folder / name if _VERSION.fullmatch(name) else None


def begin_version(folder: Path) -> Path:
    """An empty folder to write the next version into; nobody reads it. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=_BUILDING, dir=folder))


def finish_version(folder: Path, building: Path, *, now: datetime) -> Path:
    """Make a written version the current one and clear away what nobody needs any more.

    The version before stays until the next one, for readers who have just looked at the pointer.
    Raises OSError.
    """
    before = current_version(folder)
    version = _take_number(folder, building)
    pointer = building.with_name(f"{POINTER_FILE}-{version.name}")
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


def _take_number(folder: Path, building: Path) -> Path:
    numbers = [
        int(match.group(1)) for path in folder.iterdir() if (match := _VERSION.fullmatch(path.name))
    ]
    number = max(numbers, default=0)
    while True:  # another build may take a number between looking and renaming
        number += 1
        version = folder / f"v{number:06d}"
        if version.exists():
            continue
        building.rename(version)
        return version


def _stale(folder: Path, kept: set[Path | None], now: datetime) -> list[Path]:
    oldest = (now - _ABANDONED_AFTER).timestamp()
    return [
        path
        for path in folder.iterdir()
        if path not in kept
        and (
            _VERSION.fullmatch(path.name)
            or (path.name.startswith(_BUILDING) and path.stat().st_mtime < oldest)
        )
    ]
