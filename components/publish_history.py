"""Which versions a publication showed when, the way to another one, and what has ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from components import cache, notice, session, who
from components import format as fmt
from components.i18n import _, translate
from studio.acting import Role
from studio.errors import StudioError
from studio.workbench import AnyPrototype
from studio.workspace.publication_record import PublicationRecord, PublishedVersion


def offer_newer(prototype: AnyPrototype, publication: PublicationRecord) -> None:
    """Offer to publish the version of now, where visitors meet another one."""
    latest = prototype.version
    if latest == publication.version:
        return
    with st.container(border=True, key="publish_newer"):
        st.markdown(
            _(
                "Visitors meet version {published}; the prototype is at version {latest}.",
                published=publication.version,
                latest=latest,
            )
        )
        if not who.may(Role.OWNER):
            return
        with st.container(horizontal=True, vertical_alignment="bottom"):
            key = f"_publish.note.{publication.id}"
            st.text_input(_("What is new (optional)"), key=key, max_chars=200)
            st.button(
                _("Publish version {n}", n=latest),
                type="primary",
                key="_publish.newer",
                on_click=_move,
                args=(publication, latest, key),
            )


def _move(publication: PublicationRecord, version: int, note_key: str) -> None:
    note = str(session.widget_value(note_key) or "")
    _publish(publication, version, note)
    session.set_widget_value(note_key, "")


def _publish(publication: PublicationRecord, version: int, note: str) -> None:
    try:
        cache.workbench().sharing.publish_again(publication.id, version, note)
    except StudioError as error:
        session.flash(translate(error.notice))
        return
    session.flash(_("Visitors meet version {n} from their next click on.", n=version))


def warn_of_index(prototype: AnyPrototype, publication: PublicationRecord) -> None:
    """Say where visitors do not meet the published version as it was made."""
    setting = prototype.derived_otherwise(publication.version)
    if setting is not None:
        notice.show(
            _(
                "Version {n} was made with another index or training ({setting}). There is only one at"
                " a time: visitors meet this version over what is built or trained now.",
                n=publication.version,
                setting=translate(setting),
            ),
            "warning",
        )


def show(prototype: AnyPrototype, publication: PublicationRecord, now: datetime) -> None:
    """Draw what was published when, the newest first, each with the way back to it."""
    history = cache.workbench().workspace.publications.history(publication.id)
    st.caption(
        _(
            "Going back changes what visitors meet, not the prototype. Documents and tables are always"
            " those of now, and so is what was built or trained from them."
        )
    )
    for at, entry in enumerate(history):
        with st.container(horizontal=True, vertical_alignment="center", key=f"published_{at}"):
            _entry(prototype, history, at, fmt.ago(entry.published_at, now))
            if entry.version != publication.version and who.may(Role.OWNER):
                _way_back(publication, entry.version, at)


def _entry(
    prototype: AnyPrototype, history: Sequence[PublishedVersion], at: int, when: str
) -> None:
    entry = history[at]
    with st.container(gap=None):
        is_now = _("shown now") if at == 0 else when
        st.markdown(
            f"**{_('Version {n}', n=entry.version)}** · {notice.plain(is_now)}",
            help=fmt.exact_time(entry.published_at),
        )
        if entry.note:
            st.caption(notice.plain(entry.note))
        setting = prototype.derived_otherwise(entry.version)
        if setting is not None:
            st.caption(
                _("Made with another index or training: {setting}.", setting=translate(setting))
            )


def _way_back(publication: PublicationRecord, version: int, at: int) -> None:
    st.button(
        _("Show this version again"),
        key=f"_publish.back.{publication.id}.{at}",
        on_click=_publish,
        args=(publication, version, _("Back to version {n}", n=version)),
    )


def ended(prototype_id: str) -> None:
    """Draw the demos that have ended, each to be opened again."""
    store = cache.workbench().workspace.publications
    gone = [one for one in store.list(prototype_id, include_ended=True) if one.ended_at]
    if not gone:
        return
    with st.expander(_("Ended demos"), type="compact", key="publish_ended"):
        for one in gone:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(notice.plain(f"/d/{one.slug} · {one.headline}"))
                st.button(
                    _("Open it again"),
                    key=f"_publish.resume.{one.id}",
                    on_click=_resume,
                    args=(one,),
                )


def _resume(publication: PublicationRecord) -> None:
    cache.workbench().workspace.publications.resume(publication.id)
    session.keep_value(f"publish.ended.{publication.prototype_id}", None)
