"""Reading what an export holds: from a zip that anybody may have made, or from a folder of one's own.

Nothing is unpacked: entries are read one by one, by the names that the manifest gives, each held
against its checksum. Sizes are counted while reading, as an archive may lie about them.
"""

from __future__ import annotations

import hashlib
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from studio.errors import DataError
from studio.export import manifest as manifest_module
from studio.export.archive_names import is_safe
from studio.export.manifest import Manifest, read_manifest

MAX_ENTRIES = 50_000
MAX_TOTAL_BYTES = 8 * 2**30
"""Of all entries together: more does not fit on the disks that the studio is made for."""
MAX_RATIO = 1000
"""How many times a file may grow: text reaches 20, an archive that is made to fill a disk 1,000."""
_PIECE = 1 << 20
_DATA = "data/"


class ArchiveSource(Protocol):
    """What an importer reads from; names are paths below the folder of the manifest."""

    @property
    def manifest(self) -> Manifest:
        """What the export is."""
        ...

    @property
    def is_own(self) -> bool:
        """Whether it is the reader's own code and data, not a stranger's."""
        ...

    def read(self, name: str) -> bytes:
        """A file that the manifest names, held against its checksum.

        Raises:
            DataError: it is not there, or not as it was written.
        """
        ...


class FolderSource:
    """The `data` folder beside exported code.

    Args:
        folder: the folder that holds the manifest.

    Raises:
        DataError: there is no manifest, or it cannot be read.
    """

    is_own = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            content = (folder / manifest_module.FILE).read_bytes()
        except OSError as error:
            raise DataError(
                "{folder} has no {file}. Unpack the whole archive, and start it there.",
                folder=folder,
                file=manifest_module.FILE,
            ) from error
        self.manifest = read_manifest(content)

    def read(self, name: str) -> bytes:
        """A file of the folder; see `ArchiveSource.read`."""
        try:
            return checked(self.manifest, name, (self._folder / name).read_bytes())
        except OSError as error:
            raise _missing(name) from error


class ZipSource:
    """An exported prototype as a zip; open until the end of the `with` block of `open_zip`."""

    is_own = False

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._by_name = {info.filename: info for info in archive.infolist()}
        _check_entries(archive.infolist())
        self._prefix = _prefix(self._by_name)
        content = self._content(manifest_module.FILE, manifest_module.MAX_BYTES)
        self.manifest = read_manifest(content)
        for name in self.manifest.files:
            if not is_safe(name):
                raise _refused(name)
            if self._prefix + name not in self._by_name:
                raise _missing(name)

    def read(self, name: str) -> bytes:
        """An entry; see `ArchiveSource.read`."""
        return checked(self.manifest, name, self._content(name, MAX_TOTAL_BYTES))

    def _content(self, name: str, limit: int) -> bytes:
        info = self._by_name.get(self._prefix + name)
        if info is None:
            raise _missing(name)
        limit = min(limit, info.file_size)
        try:
            with self._archive.open(info) as stream:
                content = _read_at_most(stream, limit)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise DataError(
                "The archive is damaged: {file} cannot be read. Export it again, or download it again.",
                file=name,
            ) from error
        return content


@contextmanager
def open_zip(path: Path) -> Iterator[ZipSource]:
    """An exported prototype in a zip file.

    Raises:
        DataError: it is no zip, holds no prototype, is too large, or has entries that lead elsewhere.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise DataError(
            "{file} is no ZIP archive, or it is damaged. Choose the file that the export gave.",
            file=path.name,
        ) from error
    with archive:
        yield ZipSource(archive)


def checked(manifest: Manifest, name: str, content: bytes) -> bytes:
    """The content, where it is what the manifest says.

    Raises:
        DataError: the manifest does not have it, or it was changed.
    """
    wanted = manifest.files.get(name)
    if wanted is None:
        raise _missing(name)
    if hashlib.sha256(content).hexdigest() != wanted:
        raise DataError(
            "{file} in the archive was changed after it was exported; nothing was imported.",
            file=name,
        )
    return content


def _check_entries(infos: list[zipfile.ZipInfo]) -> None:
    """Look at all entries before any is read."""
    if len(infos) > MAX_ENTRIES:
        raise DataError(
            "The archive has {n} entries; at most {limit} are read.",
            n=len(infos),
            limit=MAX_ENTRIES,
        )
    names = [info.filename for info in infos]
    if len(set(names)) < len(names):
        raise DataError("The archive has two entries of the same name; nothing was imported.")
    total = 0
    for info in infos:
        is_link = stat.S_ISLNK(info.external_attr >> 16)
        if is_link or not is_safe(info.filename.rstrip("/")):
            raise _refused(info.filename)
        total += info.file_size
        if info.file_size > MAX_RATIO * max(info.compress_size, 1024):
            raise DataError(
                "{file} in the archive would grow to {size} times its size; nothing was imported.",
                file=info.filename[:200],
                size=info.file_size // max(info.compress_size, 1),
            )
    if total > MAX_TOTAL_BYTES:
        raise DataError(
            "The archive would take {size} GB; at most {limit} GB are read.",
            size=f"{total / 2**30:.0f}",
            limit=MAX_TOTAL_BYTES >> 30,
        )


def _prefix(names: dict[str, zipfile.ZipInfo]) -> str:
    """What stands before the names below the manifest: the export's own folder, and `data/`."""
    wanted = _DATA + manifest_module.FILE
    found = sorted(
        (name for name in names if name == wanted or name.endswith(f"/{wanted}")),
        key=lambda name: name.count("/"),
    )
    if not found or len(PurePosixPath(found[0]).parts) > 3:
        raise DataError(
            "The archive holds no prototype of the studio: {file} is missing. Choose the file that the"
            " export gave.",
            file=wanted,
        )
    return found[0].removesuffix(manifest_module.FILE)


def _read_at_most(stream: IO[bytes], limit: int) -> bytes:
    pieces, total = [], 0
    while piece := stream.read(_PIECE):
        total += len(piece)
        if total > limit:
            raise zipfile.BadZipFile("an entry is larger than it says")
        pieces.append(piece)
    return b"".join(pieces)


def _refused(name: str) -> DataError:
    return DataError(
        "The archive has an entry with a name that leads elsewhere, {file}; nothing was imported.",
        file=name[:200],
    )


def _missing(name: str) -> DataError:
    return DataError(
        "The archive is not complete: {file} is missing. Export it again, or download it again.",
        file=name[:200],
    )
