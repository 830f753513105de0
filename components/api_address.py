"""Where the HTTP interface is reached, and where its documentation is."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import streamlit as st

from components import notice
from components.i18n import _

PREFIX = "/v1"
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
FALLBACK = "http://localhost:8501"


def base_url() -> str:
    """The address that clients are given, as this browser sees the studio; ends with `/v1`."""
    return beside(st.context.url or FALLBACK, PREFIX)


def beside(page: str, path: str) -> str:
    """An address of the studio, beside the page that is looked at (`https://host/base/page`).

    Args:
        page: the address of the page; below whichever path a proxy lets the studio stand.
        path: in the studio, with a leading slash.
    """
    parts = urlsplit(page)
    base = parts.path.rstrip("/").rpartition("/")[0]
    return urlunsplit((parts.scheme, parts.netloc, f"{base}{path}", "", ""))


def show() -> None:
    """Draw the address to copy, and what it can be reached from."""
    url = base_url()
    st.markdown("**" + _("Address (base URL)") + "**")
    st.code(url, language=None, wrap_lines=True)
    if (urlsplit(url).hostname or "") in LOCAL_HOSTS:
        notice.show(
            _(
                "This address works on this computer only. To let customers in, run {command} behind"
                " HTTPS: it answers them and shows no pages. Keys and limits are the same there.",
                command="`studio serve`",
            )
        )
    st.markdown(
        _(
            "Chatbots answer to any client of OpenAI's API: the address of the publication is the name"
            " of the model. [Documentation of all requests]({docs})",
            docs=f"{url}/docs",
        )
    )
