"""Long work as a list: what runs with its progress and a way to stop it, then what is over and how.

Looks again by itself only while something runs. The module starts no work.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from components import cache, notice, progress, shell
from components import format as fmt
from components.i18n import _, ngettext, translate
from studio.jobs.runner import Job
from studio.records import JobRecord

N_SHOWN = 10
SHOW_ALL = "_jobs.all"


def show() -> None:
    """Draw all work that is known of; says what will stand here while there is none."""
    was_active = any(map(progress.is_active, cache.workbench().jobs.jobs()))

    @st.fragment(run_every=progress.POLL_S if was_active else None)
    @shell.guarded()
    def rows() -> None:
        bench = cache.workbench()
        active = {job.id: job for job in bench.jobs.jobs() if progress.is_active(job)}
        if was_active and not active:
            st.rerun()  # the whole page, so that it rests
        records = bench.jobs.history()
        subjects = _subjects()
        for record in records:
            if record.id in active:
                _running(active[record.id], subjects)
        over = [record for record in records if record.id not in active]
        _over(sorted(over, key=lambda r: r.ended_at or r.created_at, reverse=True), subjects)
        if not records:
            notice.show(
                _(
                    "Nothing has run yet. Building an index or loading a model shows up here, with"
                    " its progress and a way to stop it."
                )
            )

    rows()


def _subjects() -> Mapping[str, str]:
    """Names of prototypes by id, deleted ones included: what a job's key may stand for."""
    prototypes = cache.workbench().workspace.prototypes.list(include_deleted=True)
    return {prototype.id: prototype.name for prototype in prototypes}


def _title(record: JobRecord, subjects: Mapping[str, str]) -> str:
    """What was done, and for which prototype."""
    title = f"**{notice.plain(translate(record.title))}**"
    subject = subjects.get(record.key or "")
    return title if subject is None else f"{title} · {notice.plain(subject)}"


def _running(job: Job[Any], subjects: Mapping[str, str]) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            badge = f":blue-badge[{_('Running')}]" if job.started_at else _badge("queued")
            st.markdown(f"{_title(job.record(), subjects)} {badge}", width="stretch")
            with st.container(width="content"):
                progress.cancel_button(job, f"jobs.{job.id}")
        progress.show(job.progress)


def _over(records: list[JobRecord], subjects: Mapping[str, str]) -> None:
    if not records:
        return
    st.subheader(_("Earlier"), anchor=False)
    show_all = len(records) > N_SHOWN and st.toggle(
        ngettext("Show all {n} entry", "Show all {n} entries", len(records)), key=SHOW_ALL
    )
    for record in records if show_all else records[:N_SHOWN]:
        with st.container(gap="xxsmall"):
            st.markdown(f"{_title(record, subjects)} {_badge(record.state)}")
            _when(record)
            if record.error is not None and record.state == "failed":
                notice.show(record.error, "error")


def _badge(state: str) -> str:
    label, color = {
        "queued": (_("Waiting"), "gray"),
        "running": (_("Running elsewhere"), "blue"),
        "done": (_("Done"), "green"),
        "failed": (_("Failed"), "red"),
        "cancelled": (_("Stopped"), "gray"),
    }[state]
    return f":{color}-badge[{label}]"


def _when(record: JobRecord) -> None:
    """When it ended and how long it took; of work that waits or runs elsewhere, since when."""
    moment = record.ended_at or record.created_at
    parts = [fmt.ago(moment, datetime.now(UTC))]
    if record.ended_at is not None and record.started_at is not None:
        took_s = (record.ended_at - record.started_at).total_seconds()
        parts.append(_("took {time}", time=fmt.duration(took_s)))
    if record.ended_at is None:
        parts.append(_("another process of the studio has it"))
    st.caption(" · ".join(parts), help=fmt.exact_time(moment))
