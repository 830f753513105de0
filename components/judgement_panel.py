"""Judgements of results: those there are, a file of them, and drafts that wait for a person's word.

Draws; keeping, reading and drafting are the bench's business.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import bench_verdict, judgement_drafts, notice, session
from components.i18n import _, ngettext, translate
from studio.csv_file import csv_text
from studio.errors import StudioError
from studio.prototypes.bench.judging import Judged
from studio.prototypes.search.search import Search
from studio.sample_company import sample_judgements
from studio.workbench import AnyDocumented

N_DROPPED_SHOWN = 20


def show(prototype: AnyDocumented) -> None:
    """Draw the judgements and the ways to more of them."""
    judged = prototype.bench.judgements()
    st.caption(bench_verdict.how_many_queries(bench_verdict.n_measurable(judged)))
    st.caption(
        _("Click thumbs beside results under Side by side, upload judgements, or confirm drafts.")
    )
    has_file = any(one.source == "upload" for one in judged)
    if not has_file and prototype.record.is_sample and prototype.kind == Search.kind:
        st.button(
            _("Use the sample judgements"),
            key=f"_bench.{prototype.id}.sample_judgements",
            icon=":material/auto_stories:",
            help=_("Queries with the articles that are right for them, written with the sample."),
            on_click=_use_sample,
            args=(prototype,),
        )
    _list(prototype, judged)
    _upload(prototype)
    judgement_drafts.show(prototype)


def _use_sample(prototype: AnyDocumented) -> None:
    content = sample_judgements(prototype.settings.language)
    session.flash(translate(prototype.bench.read_judgements("judgements.csv", content).summary))


def as_csv(judged: Sequence[Judged]) -> bytes:
    """The judgements as a file that can be uploaded again; with a mark by which Excel knows UTF-8."""
    head = ("query", "document", "grade", "source", "judged_at")
    rows = (
        (one.query, one.item or one.stored, one.grade, one.source, one.judged_at.isoformat())
        for one in judged
    )
    return csv_text((head, *rows)).encode()


def _list(prototype: AnyDocumented, judged: Sequence[Judged]) -> None:
    if not judged:
        return
    import pandas as pd

    sources = {
        "thumb": _("thumb"),
        "upload": _("file"),
        "draft": _("draft"),
        "feedback": _("feedback"),
    }
    n_gone = sum(one.item is None for one in judged)
    if n_gone:
        st.caption(
            ngettext(
                "{n} judgement is of something that is not there any more; it does not count.",
                "{n} judgements are of something that is not there any more; they do not count.",
                n_gone,
            )
        )
    # What is listed is part of the key: a tick must never land on another judgement.
    key = f"_bench.{prototype.id}.judgements.{hash(tuple((j.query, j.stored) for j in judged))}"
    delete = _("Delete")
    table = pd.DataFrame(
        {
            delete: [False] * len(judged),
            _("Query"): [one.query for one in judged],
            _("Result"): [
                one.title if one.item is not None else _("{name} (gone)", name=one.title)
                for one in judged
            ],
            _("Grade"): [one.grade for one in judged],
            _("From"): [sources[one.source] for one in judged],
        }
    )
    edited = st.data_editor(
        table,
        disabled=[_("Query"), _("Result"), _("Grade"), _("From")],
        column_config={delete: st.column_config.CheckboxColumn(width="small")},
        hide_index=True,
        key=key,
    )
    ticked = [one for one, is_ticked in zip(judged, edited[delete], strict=True) if is_ticked]
    with st.container(horizontal=True):
        st.button(
            ngettext("Delete {n} judgement", "Delete {n} judgements", len(ticked))
            if ticked
            else delete,
            key=f"_bench.{prototype.id}.delete",
            icon=":material/delete:",
            disabled=not ticked,
            on_click=prototype.bench.remove_judgements,
            args=(ticked,),
        )
        st.download_button(
            _("Download as CSV"),
            as_csv(judged),
            file_name=f"judgements-{prototype.slug}.csv",
            mime="text/csv",
            icon=":material/download:",
            key=f"_bench.{prototype.id}.download",
            on_click="ignore",
        )


def _upload(prototype: AnyDocumented) -> None:
    with st.expander(_("Upload judgements"), key=f"_bench.{prototype.id}.upload"):
        st.caption(
            _(
                "A table (CSV, Excel, JSON) with the columns query and document, and grade if you"
                " have it: 0 is wrong, 1 and more is right. Name documents by file name, rows by"
                " title or article number."
            )
        )
        round_key = f"judgements.{prototype.id}"
        file = st.file_uploader(
            _("Judgements"),
            label_visibility="collapsed",
            key=f"_bench.upload.{prototype.id}.{session.upload_round(round_key)}",
        )
        if file is not None:
            _read(prototype, file.name, file.getvalue())
            session.end_upload_round(round_key)
            st.rerun()
        problem = session.judgement_problem(prototype.id)
        if problem:
            notice.show(problem, "error")
        _report(prototype)


def _read(prototype: AnyDocumented, name: str, content: bytes) -> None:
    session.set_read_judgements(prototype.id, None)
    session.set_judgement_problem(prototype.id, "")
    try:
        found = prototype.bench.read_judgements(name, content)
    except StudioError as error:
        session.set_judgement_problem(prototype.id, translate(error.notice))
    else:
        session.set_read_judgements(prototype.id, found)


def _report(prototype: AnyDocumented) -> None:
    """What the last file gave, and which rows were dropped and why."""
    found = session.read_judgements(prototype.id)
    if found is None:
        return
    notice.show(found.summary, "success" if found.judgements else "warning")
    for row in found.dropped[:N_DROPPED_SHOWN]:
        st.caption(notice.plain(_("Row {n}: {reason}", n=row.number, reason=translate(row.reason))))
    if len(found.dropped) > N_DROPPED_SHOWN:
        n_more = len(found.dropped) - N_DROPPED_SHOWN
        st.caption(ngettext("and {n} more", "and {n} more", n_more))
    if found.dropped:
        st.caption(_("Rows are counted without the header."))
