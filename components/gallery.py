"""One's prototypes: open, duplicate, delete, and undo of the delete.

Draws records of the workbench; keeps nothing but the id of what was deleted last.
"""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from components import cache, kind_texts, notice, route, session
from components import format as fmt
from components.i18n import _, ngettext
from studio.workspace.records import PrototypeRecord

N_SHOWN = 12


def show(now: datetime, kind: str | None = None) -> None:
    """Draw the prototypes (of a kind), newest first, or say that there are none yet."""
    _undo_bar()
    records = cache.workbench().prototypes(kind)
    if not records:
        st.markdown(f":gray[{_('Nothing here yet. What you build appears in this place.')}]")
        return
    is_long = len(records) > N_SHOWN
    show_all = is_long and st.toggle(_("Show all"), key="_gallery.all")
    for record in records if show_all else records[:N_SHOWN]:
        _row(record, now)
    if is_long and not show_all:
        hidden = len(records) - N_SHOWN
        st.caption(ngettext("{n} older prototype", "{n} older prototypes", hidden))


def _row(record: PrototypeRecord, now: datetime) -> None:
    kind = kind_texts.texts().get(record.kind)
    n_documents = len(cache.workbench().workspace.documents.list(record.id))
    facts = [
        kind.name if kind else record.kind,
        _("sample") if record.is_sample else "",
        _("version {n}", n=record.version),
        ngettext("{n} document", "{n} documents", n_documents) if n_documents else "",
        _("changed {when}", when=fmt.ago(record.updated_at, now)),
    ]
    with st.container(
        border=True,
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
    ):
        with st.container(gap=None, width="content"):
            st.markdown(f"**{notice.plain(record.name)}**")
            st.caption(
                " · ".join(fact for fact in facts if fact), help=fmt.exact_time(record.updated_at)
            )
        with st.container(horizontal=True, width="content"):
            if st.button(_("Open"), key=f"_gallery.open.{record.id}"):
                route.to_prototype(record.kind, record.slug)
            st.button(
                _("Duplicate"),
                key=f"_gallery.copy.{record.id}",
                type="tertiary",
                on_click=_duplicate,
                args=(record,),
            )
            st.button(
                _("Delete"),
                key=f"_gallery.delete.{record.id}",
                type="tertiary",
                on_click=_delete,
                args=(record,),
            )


def _duplicate(record: PrototypeRecord) -> None:
    copy = cache.workbench().duplicate(record.id, _("{name} (copy)", name=record.name))
    session.flash(_("{name} was made.", name=copy.name))


def _delete(record: PrototypeRecord) -> None:
    cache.workbench().delete(record.id)
    session.set_deleted(session.DeletedPrototype(prototype_id=record.id, name=record.name))


def _undo_bar() -> None:
    deleted = session.deleted()
    if deleted is None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(_("{name} was deleted.", name=f"**{notice.plain(deleted.name)}**"))
        st.button(_("Undo"), key="_gallery.undo", on_click=_undo, args=(deleted.prototype_id,))
        st.button(
            _("Dismiss"),
            key="_gallery.dismiss",
            type="tertiary",
            on_click=session.set_deleted,
            args=(None,),
        )


def _undo(prototype_id: str) -> None:
    cache.workbench().restore(prototype_id)
    session.set_deleted(None)
