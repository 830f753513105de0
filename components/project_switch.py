"""Which project is looked at, and what can be done with projects: make, rename, archive."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import cache, session, who
from components.i18n import _
from studio.acting import Role
from studio.workspace.projects import DEFAULT_ID, DEFAULT_NAME
from studio.workspace.records import ProjectRecord

MAX_NAME = 80
_CHOSEN, _NEW, _NAME = "_project.chosen", "_project.new", "_project.name"


def show(projects: Sequence[ProjectRecord]) -> str | None:
    """Draw the switch; gives the id of the chosen project, None for all of them."""
    active = {project.id: project for project in projects if project.archived_at is None}
    if session.project() not in active:
        session.set_project(None)
    session.fill_widget(_CHOSEN, session.project())
    st.selectbox(
        _("Project"),
        list(active),
        index=None,
        format_func=lambda id_: name_of(active[id_]),
        placeholder=_("All projects"),
        key=_CHOSEN,
        on_change=_choose,
        width=170,
    )
    manage(projects)
    return session.project()


def manage(projects: Sequence[ProjectRecord]) -> None:
    """Draw what can be done with projects, behind one button; nothing for viewers."""
    if not who.may(Role.EDITOR):
        return
    chosen = next((p for p in projects if p.id == session.project() and not p.archived_at), None)
    with st.popover(":material/create_new_folder:", help=_("Projects"), key="_project.manage"):
        _manage(chosen, [p for p in projects if p.archived_at is not None])


def name_of(project: ProjectRecord) -> str:
    """What a project is called; the default one in the user's language until somebody names it."""
    if project.id == DEFAULT_ID and project.name == DEFAULT_NAME:
        return _("My project")
    return project.name


def current() -> str | None:
    """The project that new prototypes go into: the one that is looked at; None for the default one."""
    chosen = session.project()
    active = cache.workbench().workspace.projects.list(include_archived=False)
    return chosen if any(project.id == chosen for project in active) else None


def _manage(chosen: ProjectRecord | None, archived: Sequence[ProjectRecord]) -> None:
    st.text_input(_("New project"), key=_NEW, max_chars=MAX_NAME)
    st.button(_("Make it"), key="_project.make", on_click=_make)
    if chosen is not None:
        session.fill_widget(_NAME, name_of(chosen), is_typed=True)
        st.text_input(
            _("Name of this project"),
            key=_NAME,
            max_chars=MAX_NAME,
            on_change=_rename,
            args=(chosen.id,),
        )
        if chosen.id != DEFAULT_ID:
            st.button(
                _("Archive {name}", name=chosen.name),
                key="_project.archive",
                icon=":material/archive:",
                on_click=_archive,
                args=(chosen,),
                help=_("It leaves the list with its prototypes, which stay as they are."),
            )
    for project in archived:
        st.button(
            _("Take {name} out of the archive", name=project.name),
            key=f"_project.back.{project.id}",
            icon=":material/unarchive:",
            on_click=_take_back,
            args=(project,),
        )


def _choose() -> None:
    session.set_project(session.widget_value(_CHOSEN))


def _make() -> None:
    project = cache.workbench().workspace.projects.create(str(session.widget_value(_NEW) or ""))
    session.forget(_NEW)
    session.set_project(project.id)
    session.flash(_("{name} was made. What you make now goes into it.", name=project.name))


def _rename(project_id: str) -> None:
    name = str(session.widget_value(_NAME) or "")
    cache.workbench().workspace.projects.rename(project_id, name)


def _archive(project: ProjectRecord) -> None:
    cache.workbench().workspace.projects.archive(project.id)
    session.set_project(None)
    session.flash(_("{name} is in the archive.", name=project.name))


def _take_back(project: ProjectRecord) -> None:
    cache.workbench().workspace.projects.archive(project.id, is_archived=False)
    session.set_project(project.id)
