"""The people who may sign in: add somebody, change a role or a password, remove somebody.

Draws for everybody what they may know, and the forms for owners; who may change what is decided by the
library.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import streamlit as st

from components import cache, notice, people_words, session, who
from components import format as fmt
from components.i18n import _, translate
from studio.access.accounts import MIN_LENGTH
from studio.acting import Role
from studio.errors import StudioError
from studio.workspace.users import UserRecord

ROLES = (Role.VIEWER, Role.EDITOR, Role.OWNER)
_NAME, _ROLE, _PASSWORD = "_people.name", "_people.role", "_people.password"
_PROBLEM = "people.problem"


def show(now: datetime) -> None:
    """Draw the list and, for owners, the form; `now` says how long ago somebody was here."""
    _say_problem()
    people = cache.workbench().workspace.users.list()
    may_manage = who.may(Role.OWNER)
    if not people:
        notice.show(
            _(
                "Nobody has an account yet. On this machine nobody needs one; once others can reach"
                " the studio, it asks everybody to sign in."
            )
        )
    for person in people:
        _row(person, now, may_manage=may_manage)
    if may_manage:
        st.subheader(_("Add a person"), anchor=False)
        _add_form(is_first=not people)
    else:
        st.caption(_("Only an owner can add, change or remove people."))


def _row(person: UserRecord, now: datetime, *, may_manage: bool) -> None:
    with st.container(
        border=True,
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
    ):
        with st.container(gap=None, width="content"):
            st.markdown(f"**{notice.plain(person.name)}** · {people_words.role(person.role)}")
            seen = (
                _("last signed in {when}", when=fmt.ago(person.seen_at, now))
                if person.seen_at
                else _("never signed in")
            )
            way = _("password") if person.has_password else _("through a provider only")
            st.caption(f"{seen} · {way}")
        if may_manage:
            with st.popover(_("Change"), key=f"_people.change.{person.id}"):
                _change(person)


def _change(person: UserRecord) -> None:
    role_key, password_key = f"_people.role.{person.id}", f"_people.password.{person.id}"
    session.fill_widget(role_key, person.role)
    st.radio(
        _("Role"),
        ROLES,
        format_func=people_words.role,
        captions=[people_words.explained(role) for role in ROLES],
        key=role_key,
        on_change=_tried,
        args=(_set_role, person, role_key),
    )
    st.text_input(
        _("New password (at least {n} characters)", n=MIN_LENGTH),
        type="password",
        key=password_key,
        autocomplete="new-password",
    )
    st.button(
        _("Change the password"),
        key=f"_people.set.{person.id}",
        on_click=_tried,
        args=(_set_password, person, password_key),
        help=_("Every browser of this person has to sign in again."),
    )
    is_sure = st.checkbox(
        _("Remove this person"),
        key=f"_people.sure.{person.id}",
        help=_("They are out at once. What they made stays."),
    )
    if is_sure:
        st.button(
            _("Remove {name} now", name=notice.plain(person.name)),
            key=f"_people.remove.{person.id}",
            icon=":material/person_remove:",
            type="primary",
            on_click=_tried,
            args=(_remove, person),
        )


def _add_form(*, is_first: bool) -> None:
    default = Role.OWNER if is_first else Role.EDITOR
    session.default_widget_value(_ROLE, default)
    st.text_input(
        _("Name, or the e-mail address their provider vouches for"),
        key=_NAME,
        max_chars=200,
        autocomplete="off",
    )
    st.radio(
        _("Role"),
        ROLES,
        format_func=people_words.role,
        captions=[people_words.explained(role) for role in ROLES],
        key=_ROLE,
        horizontal=False,
    )
    st.text_input(
        _("Password (at least {n} characters)", n=MIN_LENGTH),
        type="password",
        key=_PASSWORD,
        autocomplete="new-password",
        help=_("Leave it empty for somebody who signs in through a provider only."),
    )
    st.button(
        _("Add this person"), key="_people.add", type="primary", on_click=_tried, args=(_add,)
    )


def _tried(action: Callable[..., None], *arguments: object) -> None:
    """Do what a click asks for; why it could not be done is said above the list."""
    try:
        action(*arguments)
    except StudioError as error:
        session.keep_value(_PROBLEM, translate(error.notice))


def _say_problem() -> None:
    problem = session.kept_value(_PROBLEM)
    if problem:
        notice.show(problem, "error")
        session.keep_value(_PROBLEM, None)


def _add() -> None:
    name, password = session.widget_value(_NAME, ""), session.widget_value(_PASSWORD, "")
    added = cache.workbench().accounts.add(name, session.widget_value(_ROLE), password or None)
    session.forget(_NAME, _PASSWORD)
    session.flash(_("{name} can sign in now.", name=added.name))


def _set_role(person: UserRecord, key: str) -> None:
    cache.workbench().workspace.users.set_role(person.id, session.widget_value(key))


def _set_password(person: UserRecord, key: str) -> None:
    password = session.widget_value(key, "")
    session.forget(key)
    cache.workbench().accounts.set_password(person.id, password)
    session.flash(_("{name} has a new password.", name=person.name))


def _remove(person: UserRecord) -> None:
    cache.workbench().workspace.users.remove(person.id)
    session.flash(_("{name} cannot sign in any more.", name=person.name))
