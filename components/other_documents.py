"""Take over the documents of another prototype, so that nothing has to be uploaded twice."""

from __future__ import annotations

import streamlit as st

from components import cache, kind_texts, session
from components.i18n import _, ngettext
from studio.workbench import AnyDocumented


def show(prototype: AnyDocumented) -> None:
    """Draw the choice among prototypes that have documents; nothing where there are none."""
    bench = cache.workbench()
    sources = {
        record.id: record
        for record in bench.prototypes()
        if record.id != prototype.id and bench.workspace.documents.list(record.id)
    }
    if not sources:
        return
    kinds = kind_texts.texts()
    with st.popover(
        _("Use another prototype's"),
        icon=":material/file_copy:",
        # Another key is another button: closed, once its documents were taken.
        key=f"_documents.other.{prototype.id}.{session.upload_round(prototype.id)}",
    ):
        key = f"_documents.source.{prototype.id}"
        st.selectbox(
            _("Whose documents"),
            list(sources),
            format_func=lambda id_: f"{sources[id_].name} ({kinds[sources[id_].kind].name})",
            key=key,
        )
        st.button(
            _("Take its documents"),
            key=f"_documents.take.{prototype.id}",
            type="primary",
            on_click=_take,
            args=(prototype, key),
        )


def _take(prototype: AnyDocumented, key: str) -> None:
    n = prototype.take_documents_of(str(session.widget_value(key)))
    if n:
        prototype.update_index()
    session.end_upload_round(prototype.id)
    session.flash(ngettext("{n} document was taken over.", "{n} documents were taken over.", n))
