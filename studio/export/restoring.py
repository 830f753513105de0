"""Bringing a backup back: unpacked and checked beside the home, then swapped with it.

A running studio cannot change the files under itself. So a page only makes the folder ready
(`<home>.restored`); the swap happens before the next studio opens. The old home stays beside it under a
name with the time; nothing is ever deleted.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import stat
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock
from pydantic import ValidationError

from studio.config import Settings
from studio.errors import Cancelled, DataError, StudioError
from studio.export.archive_names import is_safe
from studio.export.backup import FORMAT, MANIFEST, SECRETS, WORKSPACE, BackupManifest, is_in_home
from studio.jobs.ownership import Ownership
from studio.records import Notice, Progress
from studio.workspace.database import make_engine, storage_errors
from studio.workspace.migration import migrate

MAX_ENTRIES = 2_000_000
_KEPT = ("models", "cache")
"""Of the old home, taken into the new one: weights and caches, which a backup does not have."""
_READY = "restore-ready"
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A restore: what came back, and where the home of before lies now; None where there was none."""

    manifest: BackupManifest
    old_home: Path | None


def read_backup(path: Path) -> BackupManifest:
    """What a backup is; its files are not looked at.

    Raises:
        DataError: it is no backup, or of a newer version.
    """
    with _opened(path) as archive:
        return _manifest(archive, path.name)


def prepare_restore(
    path: Path,
    settings: Settings,
    *,
    report: Callable[[Progress], object] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> BackupManifest:
    """Unpack and check a backup beside the home. The home is not touched.

    The next `swap_if_ready` takes it; a folder that waits from an earlier call is replaced.

    Args:
        path: the backup.
        settings: of the studio.
        report: told how many bytes are done.
        cancelled: asked while files are unpacked.

    Raises:
        Cancelled: `cancelled` said so; nothing is left.
        DataError: the backup is damaged, was changed, or is of a newer version; nothing is left.
        StorageFull: there is no room left; nothing is left.
    """
    _check_in_home(settings)
    folder = _waiting(settings.home)
    with _opened(path) as archive, storage_errors(folder):
        manifest = _manifest(archive, path.name)
        shutil.rmtree(folder, ignore_errors=True)
        try:
            folder.mkdir(parents=True, mode=0o700)
            total = sum(archive.getinfo(name).file_size for name in manifest.files)
            done = 0
            for name, checksum in manifest.files.items():
                _unpack(archive, name, checksum, folder, cancelled)
                done += archive.getinfo(name).file_size
                notice = Notice("Checking the backup")
                report(Progress(notice=notice, done=done, total=total or 1, unit="bytes"))
            _check_database(folder / WORKSPACE)
            (folder / _READY).write_text(manifest.model_dump_json(), encoding="utf-8")
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return manifest


def discard_restore(settings: Settings) -> None:
    """Forget a backup that waits for the next start; does nothing where there is none."""
    shutil.rmtree(_waiting(settings.home), ignore_errors=True)


def waiting_restore(settings: Settings) -> BackupManifest | None:
    """The backup that the next start begins with; None for none."""
    try:
        content = (_waiting(settings.home) / _READY).read_bytes()
        return BackupManifest.model_validate_json(content)
    except (OSError, ValidationError):
        return None


def swap_if_ready(settings: Settings, *, now: datetime) -> Restored | None:
    """Swap the home with a restored folder that waits; None where none does, or the home is in use.

    Called before anything of the home is opened. A crash in between leaves both folders, and the next
    call goes on.

    Raises:
        StudioError: a folder cannot be renamed.
    """
    home, folder = settings.home, _waiting(settings.home)
    manifest = waiting_restore(settings)
    if manifest is None or not is_in_home(settings) or is_in_use(home):
        return None
    with storage_errors(home), FileLock(home.parent / f".{home.name}.restore.lock"):
        if waiting_restore(settings) is None:  # another process did it meanwhile
            return None
        old_home = None
        if home.exists():
            old_home = home.parent / f"{home.name}.before-{now:%Y%m%d-%H%M%S}"
            os.rename(home, old_home)
            _keep(old_home, folder, manifest)
        os.rename(folder, home)
        (home / _READY).unlink()
    return Restored(manifest=manifest, old_home=old_home)


def restore_backup(
    path: Path,
    settings: Settings,
    *,
    now: datetime,
    cancelled: Callable[[], bool] = lambda: False,
) -> Restored:
    """Bring a backup back at once; no studio may be running on the home.

    Raises:
        DataError: the backup cannot be used; nothing was changed.
        StudioError: a studio runs on the home, or a folder cannot be renamed.
    """
    if is_in_use(settings.home):
        raise StudioError(
            "A studio is running on {home}. Stop it first; nothing was changed.", home=settings.home
        )
    prepare_restore(path, settings, cancelled=cancelled)
    restored = swap_if_ready(settings, now=now)
    if restored is None:
        raise StudioError("A studio has just been started on {home}.", home=settings.home)
    return restored


def is_in_use(home: Path) -> bool:
    """Whether a studio runs on the home now."""
    owners = home / "owners"
    others = Ownership(owners)
    return any(others.is_alive(path.stem) for path in sorted(owners.glob("*.lock")))


def _waiting(home: Path) -> Path:
    return home.parent / f"{home.name}.restored"


def _check_in_home(settings: Settings) -> None:
    if not is_in_home(settings):
        raise StudioError(
            "The workspace lies in a database of its own (STUDIO_DATABASE_URL). Restore it with the"
            " tools of that database."
        )


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise DataError(
            "{file} is no backup of the studio, or it is damaged. Nothing was changed.",
            file=path.name,
        ) from error


def _manifest(archive: zipfile.ZipFile, name: str) -> BackupManifest:
    infos = archive.infolist()
    names = [info.filename for info in infos]
    if MANIFEST not in names or len(infos) > MAX_ENTRIES or len(set(names)) < len(names):
        raise DataError(
            "{file} is no backup of the studio, or it is damaged. Nothing was changed.", file=name
        )
    for info in infos:
        if not is_safe(info.filename) or stat.S_ISLNK(info.external_attr >> 16):
            raise DataError(
                "The archive has an entry with a name that leads elsewhere, {file}; nothing was"
                " imported.",
                file=info.filename[:200],
            )
    try:
        manifest = BackupManifest.model_validate_json(archive.read(MANIFEST))
    except (ValidationError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(
            "{file} is a backup of a newer version of the studio, or it is damaged. Nothing was"
            " changed.",
            file=name,
        ) from error
    if manifest.format != FORMAT or WORKSPACE not in manifest.files:
        raise DataError(
            "{file} is a backup of a newer version of the studio, or it is damaged. Nothing was"
            " changed.",
            file=name,
        )
    missing = sorted(set(manifest.files) - set(names))
    if missing:
        raise DataError(
            "The backup is not complete: {file} is missing. Nothing was changed.", file=missing[0]
        )
    return manifest


def _raise_if(is_cancelled: bool) -> None:
    if is_cancelled:
        raise Cancelled("The restore was stopped; nothing was changed.")


def _unpack(
    archive: zipfile.ZipFile,
    name: str,
    checksum: str,
    folder: Path,
    cancelled: Callable[[], bool],
) -> None:
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, left = hashlib.sha256(), archive.getinfo(name).file_size
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file, archive.open(name) as stream:
            while piece := stream.read(_PIECE):
                _raise_if(cancelled())
                left -= len(piece)
                if left < 0:
                    break
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise _damaged(name) from error
    if digest.hexdigest() != checksum:
        raise _damaged(name)


def _damaged(name: str) -> DataError:
    return DataError(
        "The backup is damaged: {file} is not as it was written. Nothing was changed.", file=name
    )


def _check_database(path: Path) -> None:
    """Whether the workspace can be opened and is of a version that this studio knows.

    Raises:
        DataError: it is damaged.
        StudioError: it is of a newer version.
    """
    try:
        with closing(sqlite3.connect(path)) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        raise _damaged(path.name) from error
    if found != "ok":
        raise _damaged(path.name)
    engine = make_engine(f"sqlite:///{path}")
    try:
        migrate(engine)
    finally:
        engine.dispose()


def _keep(old_home: Path, folder: Path, manifest: BackupManifest) -> None:
    """Take along what the backup does not have: weights and caches, keys unless it brings its own."""
    for name in (*_KEPT, *(() if manifest.has_secrets else SECRETS)):
        source, target = old_home / name, folder / name
        if not source.exists():
            continue
        if target.is_dir():  # the cache has a part that was restored
            for child in source.iterdir():
                if not (target / child.name).exists():
                    os.rename(child, target / child.name)
        elif not target.exists():
            if name in SECRETS:
                _copy(source, target)  # the old home stays whole
            else:
                os.rename(source, target)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy2(source, target)
