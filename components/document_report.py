"""What became of a stored document: what was dropped, guessed and masked, its columns, its passages.

Draws the reader's own account as it was stored; an older account may say less.
"""

from __future__ import annotations

import streamlit as st

from components import document_words as doc_words
from components import notice, passages_preview
from components import setting_words as words
from components.i18n import _, ngettext, translate
from studio.records import Notice
from studio.workbench import AnyDocumented
from studio.workspace.records import DocumentRecord


def show(prototype: AnyDocumented, record: DocumentRecord) -> None:
    """Draw the account and the passages of one document."""
    with st.container(border=True, key=f"report_{record.document_id}"):
        for line in _lines(record):
            st.caption(line)
        _columns(prototype, record)
        if record.status != "refused":
            _passages(prototype, record)


def _lines(record: DocumentRecord) -> list[str]:
    report = record.report
    lines = []
    if record.status != "refused":
        lines.append(_("Kept: {what}", what=doc_words.extent_of(record)))
        left_out = doc_words.dropped(
            report.get("n_rows_dropped"), report.get("n_characters_dropped")
        )
        if left_out:
            lines.append(left_out)
        elif record.status == "partial":
            lines.append(_("How much was left out cannot be told."))
    if "form" in report:
        lines.append(doc_words.form(*report["form"]))
    for stored in report.get("notices", ()):
        lines.append(notice.plain(translate(Notice.from_json(stored))))
    if "masked" in report:
        what = doc_words.personal(report["masked"])
        lines.append(
            _("Masked before it was stored: {what}. The file as it came is not kept.", what=what)
            if what
            else _("Only its text is kept, without personal data; the file as it came is not.")
        )
    return lines


def _columns(prototype: AnyDocumented, record: DocumentRecord) -> None:
    names = [name for name, *_rest in record.report.get("columns", ())]
    if not names:
        return
    named = words.roles()
    uses = {use.name: use for use in prototype.columns()}
    shown = (f"{notice.plain(name)}: {named[uses[name].role]}" for name in names if name in uses)
    st.caption(_("Columns: {columns}", columns=" · ".join(shown)))


def _passages(prototype: AnyDocumented, record: DocumentRecord) -> None:
    chunks = prototype.passages(record.document_id)
    if not chunks:
        st.caption(_("Its passages are shown here once the index is built."))
        return
    st.caption(ngettext("{n} passage in the index", "{n} passages in the index", len(chunks)))
    if len(chunks) > passages_preview.N_STORED:
        st.caption(_("The first {n} are shown.", n=passages_preview.N_STORED))
    passages_preview.stored(
        chunks[: passages_preview.N_STORED],
        doc_words.came_as(record),
        f"passages_{record.document_id}",
    )
