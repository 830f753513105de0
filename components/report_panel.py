"""The report on a prototype: what goes in, the making, a look at it, the file.

The numbers are gathered once, by a job; language and currency may change afterwards.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import streamlit as st

from components import cache, currency_switch, i18n, notice, progress, report_words
from components.i18n import _
from studio.errors import StudioError
from studio.export.desk import REPORT_JOB
from studio.export.report.facts import Report, ReportChoices
from studio.export.report.rendering import render
from studio.jobs.runner import Job, JobState
from studio.workbench import AnyPrototype

HEIGHT = 760
KEEPS_RECENT = ("chatbot", "content")
"""Kinds that keep what was asked of them."""


def show(prototype: AnyPrototype) -> None:
    """Draw the choices, the making, and the report."""
    st.markdown(
        _(
            "One HTML file for investors: what the prototype is, how it answers, how good and how fast"
            " it is, what a request costs, and the business model you chose, with every assumption and"
            " its source. It opens without the studio and without a network, and prints to PDF."
        )
    )
    choices = _choices(prototype)
    bench = cache.workbench()
    job = bench.jobs.latest(REPORT_JOB, prototype.id)
    if progress.is_active(job):
        progress.watch(lambda: bench.jobs.latest(REPORT_JOB, prototype.id), key="report.job")
        return
    has_report = job is not None and job.state is JobState.DONE
    st.button(
        _("Make it again") if has_report else _("Make the report"),
        key="_report.make",
        type="secondary" if has_report else "primary",
        icon=":material/description:",
        on_click=_start,
        args=(prototype.id, choices),
    )
    if job is not None and job.error is not None:
        notice.show(job.error, "info" if job.state is JobState.CANCELLED else "error")
    elif job is not None:
        _made(prototype, job)


def _choices(prototype: AnyPrototype) -> ReportChoices:
    with st.container(border=True):
        scenario = _scenario(prototype)
        is_recent = False
        if prototype.kind in KEEPS_RECENT:
            labels = {
                "now": _("Examples, asked now"),
                "recent": _("What was asked here last"),
            }
            picked = st.radio(
                _("How it answers"),
                list(labels),
                format_func=labels.__getitem__,
                horizontal=True,
                key=f"_report.source.{prototype.id}",
                help=_("What visitors asked may be personal: read it before you pass it on."),
            )
            is_recent = picked == "recent"
    return ReportChoices(scenario_id=scenario, is_recent=is_recent)


def _scenario(prototype: AnyPrototype) -> str:
    """The choice among the saved scenarios; "" where there is none, with the way to one."""
    try:
        saved = cache.workbench().business(prototype.id).scenarios()
    except StudioError as error:
        notice.show(error.notice, "warning")
        saved = ()
    if not saved:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(
                _("No business model is saved yet; the report then goes without."), width="content"
            )
            st.page_link(
                "../pages/business/models.py",
                label=_("Business models"),
                icon=":material/payments:",
            )
        return ""
    names = {one.record.id: one.record.name for one in saved} | {"": _("none")}
    return str(
        st.selectbox(
            _("Business scenario"),
            list(names),
            format_func=names.__getitem__,
            key=f"_report.scenario.{prototype.id}",
        )
        or ""
    )


def _start(prototype_id: str, choices: ReportChoices) -> None:
    cache.workbench().exports.start_report(prototype_id, choices)


def _made(prototype: AnyPrototype, job: Job[Report]) -> None:
    """The report as it will be read, and the file."""
    report = job.result()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        language = st.segmented_control(
            _("Language"),
            list(i18n.LANGUAGES),
            default=i18n.language(),
            required=True,
            format_func=i18n.LANGUAGES.__getitem__,
            key="_report.language",
        )
        shown = currency_switch.show()
    page = render(report, report_words.words(language or "en", shown))
    st.download_button(
        _("Download the report (HTML)"),
        data=partial(page.encode, "utf-8"),
        file_name=f"{prototype.slug}-report-{datetime.now(UTC):%Y-%m-%d}.html",
        mime="text/html",
        icon=":material/download:",
        type="primary",
        key="_report.download",
        on_click="ignore",
    )
    # Every text in it is escaped, and its own policy forbids scripts.
    st.iframe(page, height=HEIGHT, alt=_("Preview of the report"))
