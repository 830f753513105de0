"""The three numbered steps of a search's builder: data, behaviour, quality.

A step that is done is folded when the page is opened; it never folds while one is at work in it.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import (
    cache,
    documents,
    index_panel,
    people_words,
    search_form,
    session,
    step,
)
from components.i18n import _
from studio.prototypes.search.search import Search
from studio.prototypes.search.settings import SearchSettings


def show(search: Search, settings: SearchSettings) -> None:
    """Draw the steps."""
    bench = cache.workbench()
    records = search.documents()
    is_empty = all(record.status == "refused" for record in records)
    opens_data = session.remembered(f"search.opens_data.{search.id}", is_empty)
    step.show(
        documents.step_label(records),
        partial(
            documents.show,
            search,
            records,
            max_upload_mb=bench.settings.max_upload_bytes >> 20,
            use_sample=partial(bench.add_sample_data, search),
        ),
        key=f"_step.data.{search.id}",
        is_open=opens_data,
        goes_on=search.index_state().state == "building",
    )
    step.show(
        _("**2** Behaviour"),
        partial(search_form.behaviour, search, settings),
        key=f"_step.behaviour.{search.id}",
    )
    step.show(
        _("**3** Quality"),
        partial(search_form.quality, search, settings),
        key=f"_step.quality.{search.id}",
    )
    index_panel.show_another_model(search)
    st.caption(people_words.kept())
