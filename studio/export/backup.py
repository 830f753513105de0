"""The whole workspace in one file, taken while the studio runs, and brought back beside the old one.

    backup.json                  version, time, what is in it, the SHA-256 of every other file
    workspace.db, ledger.db      consistent copies of the databases
    files/, indexes/, ...        documents, and what was made of them
    secret.key, secrets/         API keys, only when asked for

Left out: weights, caches, locks. A restore unpacks into a folder beside the home, checks everything, and
only then swaps the two; the old home stays under another name.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from studio.config import VERSION, Settings
from studio.errors import Cancelled, StudioError
from studio.records import Notice, Progress
from studio.workspace.database import storage_errors

FORMAT = 1
MANIFEST = "backup.json"
WORKSPACE, LEDGER = "workspace.db", "ledger.db"
FOLDERS = ("files", "indexes", "cache/recommendation", "tuned")
"""Below the home; what was read of large tables takes minutes to read again, what was trained hours."""
SECRETS = ("secret.key", "secrets")
_PASSING = (".lock", ".new")
_PIECE = 1 << 20


class BackupManifest(BaseModel):
    """What a backup is; `files` maps every other entry to its SHA-256."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    studio: str
    made_at: datetime
    has_secrets: bool
    n_prototypes: int
    files: dict[str, str]


def make_backup(
    settings: Settings,
    target: Path,
    *,
    now: datetime,
    n_prototypes: int,
    with_secrets: bool = False,
    report: Callable[[Progress], object] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> BackupManifest:
    """Write everything that the user owns into one file; the studio may go on working meanwhile.

    Args:
        settings: of the studio; its ledger is written out.
        target: the file; there whole or not at all. One of that name is replaced.
        now: written down, aware UTC.
        n_prototypes: how many prototypes there are, for who reads it.
        with_secrets: take the API keys along, with what decrypts them.
        report: told how many bytes are done.
        cancelled: asked after every file.

    Raises:
        StudioError: the workspace lies in a database server, or a file cannot be read or written.
        Cancelled: `cancelled` said so; nothing is left.
        StorageFull: there is no room left.
    """
    if not is_in_home(settings):
        raise StudioError(
            "The workspace lies in a database of its own (STUDIO_DATABASE_URL). Back it up with the"
            " tools of that database, and copy the folder {home}.",
            home=settings.home,
        )
    with storage_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
            snapshots = {
                WORKSPACE: _snapshot(settings.home / WORKSPACE, Path(folder) / WORKSPACE),
                LEDGER: _snapshot(settings.ledger_path, Path(folder) / LEDGER),
            }
            # Files after the database that names them: each is written before its row is.
            listed = [*snapshots.items(), *_files(settings.home, with_secrets=with_secrets)]
            partial = Path(folder) / "backup.zip"
            checksums = _write_all(partial, listed, report, cancelled)
            manifest = BackupManifest(
                studio=VERSION,
                made_at=now,
                has_secrets=with_secrets,
                n_prototypes=n_prototypes,
                files=checksums,
            )
            with zipfile.ZipFile(partial, "a", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))
            os.replace(partial, target)
            os.chmod(target, 0o600)
    return manifest


def is_in_home(settings: Settings) -> bool:
    """Whether the workspace is the SQLite file of the home."""
    return settings.workspace_url == f"sqlite:///{settings.home / WORKSPACE}"


def backup_bytes(settings: Settings, *, with_secrets: bool = False) -> int:
    """What a backup would take up unpacked, without writing it."""
    paths = [settings.home / WORKSPACE, settings.ledger_path]
    paths += [path for _, path in _files(settings.home, with_secrets=with_secrets)]
    return sum(path.stat().st_size for path in paths if path.exists())


def _snapshot(source: Path, target: Path) -> Path:
    """A consistent copy of a database that others may be writing to."""
    try:
        with (
            closing(sqlite3.connect(source, timeout=60)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
    except sqlite3.Error as error:
        raise StudioError(
            "{file} cannot be copied: {reason}. Try again, or close other programs that use it.",
            file=source,
            reason=str(error),
        ) from error
    return target


def _files(home: Path, *, with_secrets: bool) -> Iterator[tuple[str, Path]]:
    """The files below the home that are taken, by their names in the backup, in order."""
    for name in (*FOLDERS, *(SECRETS if with_secrets else ())):
        top = home / name
        paths = [top] if top.is_file() else sorted(top.rglob("*"))
        for path in paths:
            below = path.relative_to(home)
            is_passing = path.name == "LOCK" or path.name.endswith(_PASSING)
            is_building = any(part.startswith(("building-", ".new-")) for part in below.parts)
            if path.is_file() and not is_passing and not is_building:
                yield below.as_posix(), path


def _write_all(
    target: Path,
    listed: list[tuple[str, Path]],
    report: Callable[[Progress], object],
    cancelled: Callable[[], bool],
) -> dict[str, str]:
    total = sum(path.stat().st_size for _, path in listed if path.exists())
    done, checksums = 0, {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in listed:
            if cancelled():
                raise Cancelled("The backup was stopped; nothing was written.")
            try:
                size = path.stat().st_size
                checksums[name] = _write(archive, name, path)
            except FileNotFoundError:  # an index was built anew meanwhile; it can be made again
                continue
            done += size
            report(
                Progress(
                    notice=Notice("Writing the backup"), done=done, total=total or 1, unit="bytes"
                )
            )
    return checksums


def _write(archive: zipfile.ZipFile, name: str, path: Path) -> str:
    digest = hashlib.sha256()
    with (
        path.open("rb") as file,
        archive.open(name, "w", force_zip64=path.stat().st_size > 2**30) as stream,
    ):
        while piece := file.read(_PIECE):
            digest.update(piece)
            stream.write(piece)
    return digest.hexdigest()
