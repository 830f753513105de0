"""One's prototypes: find, open, duplicate, move, archive, delete, undo of the delete, and restore.

Draws records of the workbench; keeps nothing but the id of what was deleted last.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from components import (
    cache,
    gallery_deleted,
    gallery_row,
    gallery_tools,
    kind_texts,
    notice,
    project_switch,
    session,
)
from components.gallery_query import GalleryQuery
from components.i18n import _, ngettext
from studio.workspace.records import ProjectRecord, PrototypeRecord

N_SHOWN = 12


def show(now: datetime, kind: str | None = None) -> None:
    """Draw the prototypes (of a kind) with what finds them, or say that there are none yet."""
    _undo_bar()
    workspace = cache.workbench().workspace
    records = workspace.prototypes.list(kind, include_deleted=True)
    projects = workspace.projects.list()
    query = gallery_tools.show(records, projects, kind)
    found = _found(query, records, projects)
    if not found:
        _nothing(query)
        return
    is_long = len(found) > N_SHOWN
    show_all = is_long and st.toggle(_("Show all"), key="_gallery.all")
    for record in found if show_all else found[:N_SHOWN]:
        if query.shelf == "deleted":
            gallery_deleted.show(record, now)
        else:
            gallery_row.show(record, now, projects)
    if is_long and not show_all:
        hidden = len(found) - N_SHOWN
        st.caption(ngettext("{n} older prototype", "{n} older prototypes", hidden))


def _found(
    query: GalleryQuery, records: Sequence[PrototypeRecord], projects: Sequence[ProjectRecord]
) -> list[PrototypeRecord]:
    """What fits, without the prototypes of archived projects."""
    kinds = {name: texts.name for name, texts in kind_texts.texts().items()}
    names = {project.id: project_switch.name_of(project) for project in projects}
    aside = {project.id for project in projects if project.archived_at is not None}
    if query.shelf == "active":
        records = [record for record in records if record.project_id not in aside]
    return query.apply(records, kinds, names)


def _nothing(query: GalleryQuery) -> None:
    if query.words:
        text = _("Nothing fits. Take a word away, or look in another project.")
    else:
        text = _("Nothing here yet. What you build appears in this place.")
    st.markdown(f":gray[{text}]")


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
