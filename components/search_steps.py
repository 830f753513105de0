"""The three numbered steps of a search's builder: data, behaviour, quality.

A step that is done is folded when the page is opened; it never folds while one is at work in it.
"""

from __future__ import annotations

import streamlit as st

from components import (
    cache,
    documents,
    index_panel,
    people_words,
    search_form,
    session,
)
from components.i18n import _
from studio.prototypes.search.search import Search
from studio.prototypes.search.settings import SearchSettings
from studio.records import Task


def show(search: Search, settings: SearchSettings) -> None:
    """Draw the steps."""
    bench = cache.workbench()
    records = search.documents()
    is_empty = all(record.status == "refused" for record in records)
    opens_data = session.remembered(f"search.opens_data.{search.id}", is_empty)
    with st.expander(
        documents.step_label(records), expanded=opens_data, key=f"_step.data.{search.id}"
    ):
        documents.show(
            search,
            records,
            max_upload_mb=bench.settings.max_upload_bytes >> 20,
            use_sample=lambda: bench.add_sample_data(search),
        )
    with st.expander(_("**2** Behaviour"), key=f"_step.behaviour.{search.id}"):
        search_form.behaviour(search, settings)
    with st.expander(_("**3** Quality"), key=f"_step.quality.{search.id}"):
        search_form.quality(search, settings, bench.ready_models(Task.RERANKING))
    index_panel.show_another_model(search)
    st.caption(people_words.kept())
