"""A search as a visitor meets it: the box, what narrows the results, the results.

The query stands in the address of the visitor's own browser, so that a reload shows it again.
"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from components import (
    demo_feedback,
    demo_use,
    demo_waiting,
    exchanges,
    notice,
    search_narrowing,
    search_panel,
    search_result,
    session,
    shell,
)
from components.demos.registry import FirstTexts
from components.i18n import _, ngettext
from components.safe_markdown import plain_lines
from studio.prototypes.search.query_text import MAX_QUERY_CHARACTERS
from studio.prototypes.search.results import SearchOutcome, SearchRequest
from studio.prototypes.search.search import Search
from studio.sharing.visit import Visit

BOX = "_demo.query"
ADDRESS = "q"


def first_texts(prototype: Search) -> FirstTexts:
    """Its title and suggestions."""
    settings = prototype.settings
    return FirstTexts(greeting=settings.title, starters=tuple(settings.suggestions))


def show(visit: Visit) -> None:
    """Draw the search."""
    search: Search = visit.prototype
    if visit.publication.greeting:
        st.markdown(plain_lines(visit.publication.greeting))
    if not search.index_state().n_passages:
        # With nothing to search in, no search says that there is nothing relevant.
        demo_waiting.show(lambda: search.index_state().n_passages > 0)
        return
    search_panel.style()
    _panel(visit)


@st.fragment
@shell.guarded()
def _panel(visit: Visit) -> None:
    search: Search = visit.prototype
    session.default_widget_value(BOX, st.query_params.get(ADDRESS, "")[:MAX_QUERY_CHARACTERS])
    # Without results while typing: every search counts against the limits.
    query = st.text_input(
        _("What are you looking for"),
        key=BOX,
        type="search",
        max_chars=MAX_QUERY_CHARACTERS,
        placeholder=_("Type a few words or a question"),
        label_visibility="collapsed",
        on_change=_keep_query,
        args=(visit,),
    )
    if not (query or "").strip():
        _starters(visit)
        return
    filters, sorting = search_narrowing.chosen(search)
    request = SearchRequest(query=str(query), filters=filters, sorting=sorting)
    outcome = demo_use.once(visit, request, lambda admitted: admitted.search(request, "page"))
    if outcome is not None:
        _results(visit, search, outcome, request)


def _keep_query(visit: Visit) -> None:
    """Let a reload show it again; not on a screen where the next person would."""
    if not visit.publication.is_kiosk:
        st.query_params[ADDRESS] = str(session.widget_value(BOX) or "")


def _starters(visit: Visit) -> None:
    with st.container(horizontal=True, key="demo_starters"):
        for i, text in enumerate(visit.publication.starter_questions):
            st.button(
                notice.plain(text), key=f"_demo.starter.{i}", on_click=_take, args=(visit, text)
            )


def _take(visit: Visit, text: str) -> None:
    session.set_widget_value(BOX, text)
    _keep_query(visit)


def _results(visit: Visit, search: Search, outcome: SearchOutcome, request: SearchRequest) -> None:
    search_narrowing.show(search, outcome.facets, request.filters)
    if not outcome.results:
        st.info(
            _("Nothing was found with these filters. Take one away, or use other words.")
            if request.filters
            else _("Nothing relevant was found. Try other words, or fewer of them.")
        )
        if outcome.correction:
            st.button(
                _("Did you mean: {query}", query=notice.plain(outcome.correction)),
                key="_demo.correction",
                on_click=_take,
                args=(visit, outcome.correction),
            )
        return
    st.caption(ngettext("{n} result", "{n} results", len(outcome.results)))
    for found in outcome.results:
        # A link would lead out of a kiosk, whose screen has no way back.
        result = replace(found, link=None) if visit.publication.is_kiosk else found
        search_result.show(result, key=f"demo.{result.hit.chunk.chunk_id}")
    exchange = exchanges.of_search(outcome, visit.publication.language)
    label = _("Are these results right?")
    demo_feedback.show(visit, outcome.figures.request_id, exchange, label=label)
