"""Everything in one file, and back: the backup of a running studio, and a restore at its next start."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from components import cache, file_download, notice, progress, session, upload_limit
from components import format as fmt
from components.i18n import _, ngettext, translate
from studio.errors import StudioError
from studio.export.backup import BackupManifest
from studio.export.backup_desk import BACKUP_JOB, RESTORE_JOB
from studio.jobs.runner import JobState


def show() -> None:
    """Draw the backup and the restore."""
    st.header(_("Back up"), anchor=False)
    _back_up()
    st.header(_("Restore"), anchor=False)
    _restore()


def _back_up() -> None:
    bench = cache.workbench()
    size = fmt.size(bench.backups.n_bytes())
    st.markdown(
        _(
            "All prototypes with their documents, versions, conversations, findings and the record of"
            " calls: {size} before it is compressed. Weights and caches are left out. You can go on"
            " working while it is made.",
            size=size,
        )
    )
    job = bench.jobs.latest(BACKUP_JOB, BACKUP_JOB)
    with_secrets = st.checkbox(
        _("With the API keys"),
        key="_backup.secrets",
        help=_("Whoever has the file can then use your keys."),
        disabled=progress.is_active(job),  # drawn meanwhile, too, so that the choice is kept
    )
    if progress.is_active(job):
        progress.watch(lambda: bench.jobs.latest(BACKUP_JOB, BACKUP_JOB), key="backup.job")
        return
    path = bench.exports.outgoing("backup-with-keys.zip" if with_secrets else "backup.zip")
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    with st.container(horizontal=True):
        file_download.show(
            path,
            f"studio-backup-{today}.zip",
            "application/zip",
            key="_backup.download",
            read=bench.backups.to_take_away(path),
        )
        st.button(
            _("Make it again") if path.is_file() else _("Make a backup"),
            key="_backup.start",
            type="secondary" if path.is_file() else "primary",
            icon=":material/backup:",
            on_click=_start,
            args=(path, with_secrets),
        )
    if job is not None and job.state is JobState.FAILED and job.error is not None:
        notice.show(job.error, "error")


def _start(path: Path, with_secrets: bool) -> None:
    cache.workbench().backups.start(path, with_secrets=with_secrets)


def _restore() -> None:
    bench = cache.workbench()
    waiting = bench.backups.waiting()
    if waiting is not None:
        _waiting(waiting)
        return
    st.markdown(
        _(
            "The backup is checked and made ready; the next start of the studio begins with it. What"
            " is here now is kept in a folder beside it, so that nothing is lost."
        )
    )
    job = bench.jobs.latest(RESTORE_JOB, RESTORE_JOB)
    if progress.is_active(job):
        progress.watch(lambda: bench.jobs.latest(RESTORE_JOB, RESTORE_JOB), key="restore.job")
        return
    number = session.upload_round("restore")
    file = st.file_uploader(_("Backup (ZIP)"), type=["zip"], key=f"_restore.file.{number}")
    st.caption(upload_limit.text("studio restore"))
    if st.button(_("Check it and make it ready"), key="_restore.start", disabled=file is None) and (
        file is not None
    ):
        path = bench.exports.outgoing(f"restore-{uuid.uuid4().hex}.zip")
        path.write_bytes(file.getvalue())
        bench.backups.start_restore(path)
        session.end_upload_round("restore")
        st.rerun()
    if job is not None and job.error is not None:
        notice.show(job.error, "info" if job.state is JobState.CANCELLED else "error")


def _waiting(manifest: BackupManifest) -> None:
    """A backup that the next start begins with."""
    made = fmt.exact_time(manifest.made_at)
    prototypes = ngettext("{n} prototype", "{n} prototypes", manifest.n_prototypes)
    notice.show(
        _(
            "The backup of {made} with {prototypes} is ready. Stop the studio and start it again; it"
            " then begins with it.",
            made=made,
            prototypes=prototypes,
        ),
        "warning",
    )
    home = cache.workbench().settings.home
    st.caption(
        _(
            "What is here now will then lie in {folder}, with the time at its end.",
            folder=notice.plain(f"{home}.before-"),
        )
    )
    st.button(_("Keep what is here instead"), key="_restore.discard", on_click=_discard)


def _discard() -> None:
    try:
        cache.workbench().backups.discard()
    except StudioError as error:
        session.flash(translate(error.notice))
    else:
        session.flash(_("Everything stays as it is."))
