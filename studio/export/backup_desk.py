"""Backups of a running studio and the restore at its next start: what the backup page holds."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from studio.acting import Role
from studio.config import Settings
from studio.errors import StudioError
from studio.export.backup import BackupManifest, backup_bytes, make_backup
from studio.export.restoring import (
    discard_restore,
    prepare_restore,
    swap_if_ready,
    waiting_restore,
)
from studio.jobs.runner import Job, JobContext
from studio.prototypes.base import Toolbox
from studio.records import Notice

logger = logging.getLogger(__name__)

BACKUP_JOB = "backup"
"""The kind of job that writes a backup; its key is the same."""
RESTORE_JOB = "restore"
"""The kind of job that checks a backup and makes it ready; its key is the same."""


class BackupDesk:
    """The backups of one studio. Every method may be called by any thread.

    Args:
        toolbox: the stores.
    """

    def __init__(self, toolbox: Toolbox) -> None:
        self._tools = toolbox

    def make(self, path: Path, *, with_secrets: bool = False) -> BackupManifest:
        """Write everything the user owns into one file, while the studio runs. Waits for it.

        Weights and caches are left out.

        Args:
            path: the file; one of that name is replaced.
            with_secrets: take the API keys along; who has the file can then use them.

        Raises:
            AccessDenied: whoever acts is no owner.
            StudioError: the workspace lies in a database server, or the file cannot be written.
        """
        return self._made(path, with_secrets, None)

    def start(self, path: Path, *, with_secrets: bool = False) -> Job[BackupManifest]:
        """The same in the background; the same job while one runs.

        Raises:
            AccessDenied: whoever acts is no owner.
        """
        self._tools.workspace.acting.require(Role.OWNER)
        return self._tools.jobs.start(
            BACKUP_JOB,
            Notice("Writing the backup"),
            lambda context: self._made(path, with_secrets, context),
            BACKUP_JOB,
        )

    def n_bytes(self) -> int:
        """About what a backup would take, before it is compressed."""
        return backup_bytes(self._tools.settings)

    def prepare_restore(self, path: Path) -> BackupManifest:
        """Check a backup and keep it ready: the next start of the studio begins with it.

        Until then nothing changes; `discard` takes it back. The workspace of now is kept beside it
        under another name.

        Raises:
            AccessDenied: whoever acts is no owner.
            DataError: the backup is damaged, was changed, or is of a newer version.
        """
        return self._prepared(path, None)

    def start_restore(self, path: Path) -> Job[BackupManifest]:
        """The same in the background; the file is deleted when that is over.

        Raises:
            AccessDenied: whoever acts is no owner.
        """
        self._tools.workspace.acting.require(Role.OWNER)

        def work(context: JobContext) -> BackupManifest:
            try:
                return self._prepared(path, context)
            finally:
                path.unlink(missing_ok=True)

        title = Notice("Checking the backup")
        return self._tools.jobs.start(RESTORE_JOB, title, work, RESTORE_JOB)

    def to_take_away(self, path: Path) -> Callable[[], bytes]:
        """What reads a backup that was made, on whatever thread the browser asks for it.

        Raises:
            AccessDenied: whoever acts is no owner.
        """
        self._tools.workspace.acting.require(Role.OWNER)
        return path.read_bytes

    def waiting(self) -> BackupManifest | None:
        """The backup that the next start begins with; None for none."""
        return waiting_restore(self._tools.settings)

    def discard(self) -> None:
        """Go on with the workspace of now after the next start, too.

        Raises:
            AccessDenied: whoever acts is no owner.
        """
        self._tools.workspace.acting.require(Role.OWNER)
        discard_restore(self._tools.settings)
        self._tools.workspace.activity.record("took back a restore")

    def _prepared(self, path: Path, context: JobContext | None) -> BackupManifest:
        tools = self._tools
        tools.workspace.acting.require(Role.OWNER)
        manifest = prepare_restore(
            path,
            tools.settings,
            report=(lambda _: None) if context is None else context.relay,
            cancelled=(lambda: False) if context is None else context.cancelled,
        )
        tools.workspace.activity.record("made a restore ready")
        return manifest

    def _made(self, path: Path, with_secrets: bool, context: JobContext | None) -> BackupManifest:
        tools = self._tools
        tools.workspace.acting.require(Role.OWNER)
        tools.ledger.flush()
        manifest = make_backup(
            tools.settings,
            path,
            now=tools.clock(),
            n_prototypes=len(tools.workspace.prototypes.list()),
            with_secrets=with_secrets,
            report=(lambda _: None) if context is None else context.relay,
            cancelled=(lambda: False) if context is None else context.cancelled,
        )
        action = "made a backup with the keys" if with_secrets else "made a backup"
        tools.workspace.activity.record(action)
        return manifest


def take_restored(settings: Settings, now: datetime) -> None:
    """Begin with a backup that waits; where the folders cannot be swapped, it goes on waiting."""
    try:
        restored = swap_if_ready(settings, now=now)
    except StudioError as error:
        logger.warning("a backup waits to be restored: %s", error)
        return
    if restored is not None:
        logger.warning("a backup was restored; the workspace of before: %s", restored.old_home)
