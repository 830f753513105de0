"""Where a published demo is: its address to copy, as a QR code, and a way to open it."""

from __future__ import annotations

import html
import io
from datetime import datetime
from urllib.parse import urlsplit

import streamlit as st

from components import api_address, notice, picture
from components import format as fmt
from components.i18n import _
from studio.sharing.front_door import SHORT_PATH
from studio.workspace.publication_record import PublicationRecord

QR_SCALE = 6
QR_PX = 260


def show(publication: PublicationRecord, now: datetime) -> None:
    """Draw the address with what can be done with it; `now` says whether it has expired."""
    address = full_address(st.context.url or "", publication.slug)
    st.code(address, language=None, wrap_lines=True)
    with st.container(horizontal=True, vertical_alignment="center", key="publish_address"):
        st.link_button(_("Open the demo"), address, icon=":material/open_in_new:")
        with st.popover(_("QR code"), icon=":material/qr_code_2:"):
            picture.show(qr_code(address), _("QR code of the address"), QR_PX)
            st.caption(notice.plain(address))
        with st.popover(_("Embed"), icon=":material/code:"):
            st.caption(_("For your own site: it shows the demo in a frame. Best over https."))
            st.code(frame_of(address), language="html", wrap_lines=True)
    is_over = publication.expires_at is not None and publication.expires_at <= now
    facts = [_("Version {n}", n=publication.version)]
    facts.append(_("with a password") if publication.password_hash else _("open to everybody"))
    if publication.expires_at is not None:
        when = fmt.exact_time(publication.expires_at)
        facts.append(_("expired {when}", when=when) if is_over else _("until {when}", when=when))
    if publication.is_kiosk:
        facts.append(_("kiosk"))
    st.caption(notice.plain(" · ".join(facts)))
    if is_over:
        notice.show(
            _(
                "Nobody can open this demo any more: its last day is over. Choose a later one under"
                " Look and access, or leave it empty."
            ),
            "warning",
        )
    if urlsplit(address).hostname in api_address.LOCAL_HOSTS:
        st.caption(
            ":material/info: "
            + _(
                "This address works on this computer only. For others, let the studio run where they"
                " can reach it, then open this page there: the address follows."
            )
        )


def full_address(page: str, slug: str) -> str:
    """The short address of a demo, beside the page that is looked at (`https://host/base/publish`)."""
    return api_address.beside(page, f"/{SHORT_PATH}/{slug}")


def frame_of(address: str) -> str:
    """The HTML that shows a demo within another page."""
    return (
        f'<iframe src="{html.escape(address, quote=True)}?embed=true" title="Demo"'
        ' style="width: 100%; height: 700px; border: 0"></iframe>'
    )


def qr_code(address: str) -> bytes:
    """The address as a QR code, as PNG."""
    import segno

    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="png", scale=QR_SCALE, border=2)
    return out.getvalue()
