"""The bytes of uploaded files, each stored once under the hash of its content.

Writes are atomic and on the disk when they return. Nothing here is ever served. Knows no database.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from studio.errors import DataError, NotFound
from studio.workspace.database import storage_errors


class FileStore:
    """Files by the SHA-256 of their content, below a folder; every method is thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Store the bytes; the same content is stored once.

        Returns:
            Their SHA-256 in hexadecimal.

        Raises:
            StorageFull: there is no room left on the disk.
            StudioError: the folder cannot be written to.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(sha256)
        with storage_errors(path):
            # A file that was damaged is mended when it is uploaded again.
            if not path.exists() or path.read_bytes() != content:
                path.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(path, content)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes.

        Raises:
            NotFound: there is no such file.
            DataError: it was changed on the disk.
        """
        path = self._path(sha256)
        with storage_errors(path):
            try:
                content = path.read_bytes()
            except FileNotFoundError as error:
                raise NotFound(
                    "The file {file} is not there any more. Upload it again.", file=path
                ) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise DataError(
                "The file {file} was changed or damaged on the disk. Upload it again.", file=path
            )
        return content

    def delete(self, sha256: str) -> None:
        """Remove the bytes; does nothing where there are none.

        Raises:
            StudioError: the file cannot be removed.
        """
        path = self._path(sha256)
        with storage_errors(path):
            path.unlink(missing_ok=True)

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all, readable by its owner only.

    On the disk, name included, when this returns. Replaces a file of that name.

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # made with mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Put the folder's list of names on the disk, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
