"""One prototype in the list: what it is, and what can be done with it whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from components import cache, kind_texts, notice, project_switch, route, session, who
from components import format as fmt
from components.i18n import _, ngettext
from studio.acting import Role
from studio.workspace.records import ProjectRecord, PrototypeRecord

MAX_NAME = 80


def show(record: PrototypeRecord, now: datetime, projects: Sequence[ProjectRecord]) -> None:
    """Draw a prototype that is in use or archived; `now` says how long ago it was changed."""
    with st.container(
        border=True,
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
    ):
        with st.container(gap=None, width="content"):
            st.markdown(f"**{notice.plain(record.name)}**")
            st.caption(_facts(record, now, projects), help=fmt.exact_time(record.updated_at))
        with st.container(horizontal=True, width="content"):
            if st.button(_("Open"), key=f"_gallery.open.{record.id}"):
                route.to_prototype(record.kind, record.slug)
            if who.may(Role.EDITOR):
                _actions(record, projects)


def _facts(record: PrototypeRecord, now: datetime, projects: Sequence[ProjectRecord]) -> str:
    kind = kind_texts.texts().get(record.kind)
    names = {project.id: project_switch.name_of(project) for project in projects}
    n_documents = len(cache.workbench().workspace.documents.list(record.id))
    facts = [
        kind.name if kind else record.kind,
        notice.plain(names.get(record.project_id, "")) if len(projects) > 1 else "",
        _("sample") if record.is_sample else "",
        _("version {n}", n=record.version),
        ngettext("{n} document", "{n} documents", n_documents) if n_documents else "",
        _("changed {when}", when=fmt.ago(record.updated_at, now)),
    ]
    return " · ".join(fact for fact in facts if fact)


def _actions(record: PrototypeRecord, projects: Sequence[ProjectRecord]) -> None:
    st.button(
        _("Duplicate"),
        key=f"_gallery.copy.{record.id}",
        type="tertiary",
        on_click=_duplicate,
        args=(record,),
    )
    is_archived = record.archived_at is not None
    st.button(
        _("Use again") if is_archived else _("Archive"),
        key=f"_gallery.archive.{record.id}",
        type="tertiary",
        on_click=_archive,
        args=(record, not is_archived),
        help=None if is_archived else _("It works as before and is listed apart."),
    )
    others = [p for p in projects if p.archived_at is None and p.id != record.project_id]
    if others:
        _move(record, others)
    st.button(
        _("Delete"),
        key=f"_gallery.delete.{record.id}",
        type="tertiary",
        on_click=_delete,
        args=(record,),
    )


def _move(record: PrototypeRecord, others: Sequence[ProjectRecord]) -> None:
    names = {project.id: project_switch.name_of(project) for project in others}
    chosen = st.menu_button(
        _("Move"),
        list(names),
        format_func=names.__getitem__,
        key=f"_gallery.move.{record.id}",
        type="tertiary",
        help=_("Into another project"),
    )
    if chosen:
        cache.workbench().workspace.prototypes.move(record.id, str(chosen))
        session.flash(
            _("{name} is in {project} now.", name=record.name, project=names[str(chosen)])
        )
        st.rerun()


def _duplicate(record: PrototypeRecord) -> None:
    name = _("{name} (copy)", name=record.name)[:MAX_NAME]
    copy = cache.workbench().duplicate(record.id, name)
    session.flash(_("{name} was made.", name=copy.name))


def _archive(record: PrototypeRecord, is_archived: bool) -> None:
    cache.workbench().workspace.prototypes.archive(record.id, is_archived=is_archived)
    text = _("{name} is in the archive.") if is_archived else _("{name} is in use again.")
    session.flash(text.format(name=record.name))


def _delete(record: PrototypeRecord) -> None:
    cache.workbench().delete(record.id)
    session.set_deleted(session.DeletedPrototype(prototype_id=record.id, name=record.name))
