"""Room on the disk, and writing so that a crash leaves all or nothing. Knows no model."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studio.errors import ModelUnavailable, StorageFull

RESERVE_BYTES = 64 << 20
"""What must stay free: databases and logs are written to the same disk."""


def free_bytes(folder: Path) -> int:
    """Free bytes of the disk a folder is on."""
    return shutil.disk_usage(folder).free


def megabytes(n_bytes: float) -> str:
    """A size as people read it, such as "93 MB" or "3.1 GB"."""
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{max(1, round(n_bytes / 1e6))} MB"


def storage_full(name: str, folder: Path, needed: int | None, free: int) -> StorageFull:
    """The error for a disk without room; `needed` is None when nobody knows."""
    if needed is None:
        return StorageFull(
            "The disk is full: {name} does not fit into the {free} that are left in {folder}. "
            "Free some space and try again.",
            name=name,
            free=megabytes(free),
            folder=folder,
        )
    return StorageFull(
        "{name} needs {needed} on the disk, and {free} are free in {folder}. Free some space and "
        "try again.",
        name=name,
        needed=megabytes(needed),
        free=megabytes(free),
        folder=folder,
    )


@contextmanager
def storage_errors(name: str, folder: Path, needed: int | None = None) -> Iterator[None]:
    """Turn a full or read-only disk into an error the user understands.

    Raises:
        StorageFull: the disk filled up within the block.
        ModelUnavailable: the folder may not be written to.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise storage_full(name, folder, needed, free_bytes(folder)) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise ModelUnavailable(
                "The files of {name} cannot be stored or deleted: the system does not allow it in "
                "{folder}. Allow it, or set STUDIO_HOME to another folder.",
                name=name,
                folder=folder,
            ) from error
        raise


def flush_tree(folder: Path) -> None:
    """Have everything below a folder on the disk before anything that is written later."""
    for path in folder.rglob("*"):
        _flush(path)
    _flush(folder)


def replace_folder(new: Path, target: Path, aside: Path) -> None:
    """Put a finished folder in the place of `target`, on the same disk.

    A folder cannot replace a full one in one step: the old one is moved to `aside` first, so that
    between the two steps there is none, never a mixed one.
    """
    flush_tree(new)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        delete(aside)
        target.replace(aside)
    new.replace(target)
    _flush(target.parent)
    delete(aside)


def delete(place: Path) -> None:
    """Delete a file, or a folder with all in it; nothing happens if it is not there."""
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    if path.is_dir() and os.name == "nt":  # Windows cannot open folders
        return
    handle = os.open(path, os.O_RDONLY if os.name != "nt" or path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
