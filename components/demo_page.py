"""A demo as its visitors meet it: the founder's head, the password where there is one, the prototype.

Everything is read anew at each run, so that a demo that ended or changed does so for those inside, too.
"""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from components import (
    cache,
    demo_head,
    demo_kiosk,
    demo_look,
    demo_password,
    demo_use,
    i18n,
    notice,
    session,
    streamlit_words,
    visitor,
)
from components.demos import registry
from components.i18n import _
from studio.errors import NotFound
from studio.sharing.visit import Visit
from studio.workspace.publication_record import PublicationRecord


def show(slug: str, now: datetime) -> None:
    """Draw the demo at an address, or that there is none.

    Args:
        slug: from the address.
        now: the aware time, by which a screen that was left is noticed.
    """
    try:
        opening = cache.workbench().sharing.open(slug, visitor.token())
    except NotFound as error:
        demo_look.show("")
        _words()
        st.title(_("No demo here"), anchor=False)
        notice.show(error.notice)
        return
    st.set_page_config(page_title=opening.publication.headline)
    with i18n.speaking(_language(opening.publication)), st.container(key="demo_page"):
        _words()
        demo_look.show(opening.publication.accent)
        _head(opening.publication, opening.visit)
        if opening.visit is None:
            demo_password.show(slug)
        else:
            _inside(opening.visit, now)


def _words() -> None:
    """Give Streamlit's own words their language; where there is a sidebar, that has done so."""
    if visitor.sees_only_demos():
        streamlit_words.show()


def _language(publication: PublicationRecord) -> str:
    """The publication's language, unless the address asks for another; fragments speak it, too."""
    asked = st.query_params.get("lang", "")
    spoken = asked if asked in i18n.LANGUAGES else publication.language
    session.set_language(spoken)
    return spoken


def _head(publication: PublicationRecord, visit: Visit | None) -> None:
    with st.container(
        horizontal=True, vertical_alignment="center", key="demo_head", horizontal_alignment="left"
    ):
        with st.container():
            demo_head.show(publication)
        if visit is not None:
            st.button(
                _("Start over"),
                key="_demo.over",
                type="tertiary",
                icon=":material/refresh:",
                on_click=demo_use.start_over,
                args=(visit,),
            )
    if cache.workbench().settings.is_demo:
        st.caption(
            ":material/science: " + _("Demo mode. Answers come from a stand-in, not from a model.")
        )


def _inside(visit: Visit, now: datetime) -> None:
    if visit.publication.is_kiosk:
        demo_kiosk.watch(visit, now)
    if registry.has_demo(visit.prototype.kind):
        registry.demo_of(visit.prototype).show(visit)
    else:
        st.info(_("This kind of prototype cannot be shown to visitors yet."))
