"""Bringing an exported prototype in: the file is checked whole before anything is stored."""

from __future__ import annotations

import uuid

import streamlit as st

from components import cache, kind_texts, notice, progress, route, session, upload_limit
from components.i18n import _
from studio.export.desk import IMPORT_JOB
from studio.export.importing import Imported
from studio.jobs.runner import Job, JobState

STARTED = "import.started"


def show() -> None:
    """Draw the field for the file, the job, and what came of it."""
    st.markdown(
        _(
            "Choose the ZIP file that an export gave, from this studio or another one. It becomes a"
            " new prototype with the same settings, documents, judgements and scenarios; nothing that"
            " is here changes."
        )
    )
    bench = cache.workbench()
    key = str(session.kept_value(STARTED, ""))  # of the import that this visitor started
    job = bench.jobs.latest(IMPORT_JOB, key)
    if progress.is_active(job):
        progress.watch(lambda: bench.jobs.latest(IMPORT_JOB, key), key="import.job")
        return
    number = session.upload_round("import")
    file = st.file_uploader(
        _("Exported prototype (ZIP)"), type=["zip"], key=f"_import.file.{number}"
    )
    st.caption(upload_limit.text("studio import"))
    if st.button(_("Import it"), key="_import.start", type="primary", disabled=file is None) and (
        file is not None
    ):
        path = bench.exports.outgoing(f"import-{uuid.uuid4().hex}.zip")
        path.write_bytes(file.getvalue())
        session.keep_value(STARTED, bench.exports.start_import(path).key)
        session.end_upload_round("import")
        st.rerun()
    if job is not None:
        _outcome(job)


def _outcome(job: Job[Imported]) -> None:
    """What came of the last import."""
    if job.error is not None:
        notice.show(job.error, "info" if job.state is JobState.CANCELLED else "error")
        return
    imported = job.result()
    record = imported.record
    kind = kind_texts.texts()[record.kind].name
    notice.show(
        _(
            "{name} ({kind}) was imported.",
            name=notice.plain(record.name),
            kind=kind,
        ),
        "success",
    )
    for one in imported.notices:
        notice.show(one, "warning")
    if st.button(_("Open it"), key="_import.open", icon=":material/arrow_forward:"):
        route.to_prototype(record.kind, record.slug)
