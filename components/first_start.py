"""The default models on their way to this machine: a panel for the first start.

Drawn only while they are not on disk. It starts nothing by itself unless asked to.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from components import cache, progress
from components.i18n import _
from studio.jobs.runner import Job

PREPARE_KIND = "prepare"  # what `Workbench.prepare_models` calls its job


def preparation() -> Job[Any] | None:
    """The newest job that fetches and loads the default models, or None."""
    jobs = cache.workbench().jobs.jobs()
    return next((job for job in jobs if job.kind == PREPARE_KIND), None)


def show() -> None:
    """Draw the progress of the first download; nothing once the models are on disk."""
    bench = cache.workbench()
    if bench.models_ready():
        return
    with st.container(border=True, key="first-start"):
        st.header(_("Getting the models ready"), anchor=False)
        st.write(
            _(
                "The models that search and write are fetched once and then stay on this computer."
                " You can look around meanwhile."
            )
        )
        if preparation() is None:
            _offer()
        else:
            progress.watch(preparation, key="first_start", retry=_fetch)


@st.fragment(run_every=1.0)
def _offer() -> None:
    """Offer to fetch; the server's own start may do so a moment after the page is drawn."""
    if preparation() is not None:
        st.rerun()
    st.button(_("Fetch the models"), key="_first_start.fetch", type="primary", on_click=_fetch)


def _fetch() -> None:
    cache.workbench().prepare_models()
