"""One deleted prototype in the list: bring it back, or, long after, remove it for good."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from components import cache, kind_texts, notice, session, who
from components import format as fmt
from components.i18n import _
from studio.acting import Role
from studio.workspace.records import PrototypeRecord
from studio.workspace.removal import removable_from


def show(record: PrototypeRecord, now: datetime) -> None:
    """Draw a deleted prototype; `now` says since when, and whether it can be removed for good."""
    if record.deleted_at is None:
        return
    kind = kind_texts.texts().get(record.kind)
    earliest = removable_from(record.deleted_at)
    facts = [
        kind.name if kind else record.kind,
        _("deleted {when}", when=fmt.ago(record.deleted_at, now)),
        _("is kept until somebody removes it"),
    ]
    with st.container(
        border=True,
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
    ):
        with st.container(gap=None, width="content"):
            st.markdown(f"**{notice.plain(record.name)}**")
            st.caption(" · ".join(facts), help=fmt.exact_time(record.deleted_at))
        with st.container(horizontal=True, width="content"):
            if who.may(Role.EDITOR):
                st.button(
                    _("Restore"),
                    key=f"_gallery.restore.{record.id}",
                    on_click=_restore,
                    args=(record,),
                )
            if who.may(Role.OWNER):
                _remove(record, earliest, is_due=now >= earliest)


def _remove(record: PrototypeRecord, earliest: datetime, *, is_due: bool) -> None:
    with st.popover(
        _("Remove for good"),
        key=f"_gallery.forever.{record.id}",
        type="tertiary",
        disabled=not is_due,
        help=None if is_due else _("Possible from {date} on.", date=fmt.exact_time(earliest)),
    ):
        st.markdown(
            _(
                "Its settings, versions, documents, texts and conversations are gone then, and"
                " nothing brings them back."
            )
        )
        st.button(
            _("Remove {name} for good", name=notice.plain(record.name)),
            key=f"_gallery.remove.{record.id}",
            type="primary",
            on_click=_remove_for_good,
            args=(record,),
        )


def _restore(record: PrototypeRecord) -> None:
    cache.workbench().restore(record.id)
    session.set_deleted(None)
    session.flash(_("{name} is back.", name=record.name))


def _remove_for_good(record: PrototypeRecord) -> None:
    cache.workbench().delete_for_good(record.id)
    session.set_deleted(None)
    session.flash(_("{name} was removed for good.", name=record.name))
