"""A search as its visitors see it: the box, what narrows the results, the results, what it took.

The module draws; searching and judging are the prototype's business.
"""

from __future__ import annotations

import zlib

import streamlit as st

from components import (
    exchanges,
    feedback_form,
    index_panel,
    notice,
    progress,
    search_narrowing,
    search_result,
    session,
    shell,
)
from components import format as fmt
from components.i18n import _, ngettext, translate
from studio.errors import StudioError
from studio.prototypes.search.query_text import MAX_QUERY_CHARACTERS
from studio.prototypes.search.results import (
    SearchFigures,
    SearchOutcome,
    SearchRequest,
    SearchResult,
)
from studio.prototypes.search.search import Search

PAUSE = "400ms"
"""How long typing must rest before results follow."""
N_SUGGESTIONS = 6


def show(search: Search) -> None:
    """Draw the search; it reruns by itself while somebody types."""
    style()
    state = search.index_state()
    if state.state == "building" and not state.is_usable and not state.n_passages:
        # On a phone the settings, where this stands too, are out of sight.
        if state.damage is not None:
            notice.show(translate(state.damage), "warning")
        progress.watch(
            lambda: search.index_state().job, key=f"search_index.{search.id}", seen_active=True
        )
        return
    _panel(search)


def style() -> None:
    """Load how matching words are marked."""
    st.html(
        "<style>mark.match{padding:0 .1em;border-radius:3px;color:inherit;"
        "background:color-mix(in srgb, var(--st-primary-color,#0b7a75) 26%, transparent)}</style>"
    )


@st.fragment
@shell.guarded()
def _panel(search: Search) -> None:
    settings = search.settings
    if settings.title:
        st.subheader(notice.plain(settings.title), anchor=False)
    key = f"_search.query.{search.id}"
    query = st.text_input(
        _("What are you looking for"),
        key=key,
        type="search",
        live=PAUSE,
        max_chars=MAX_QUERY_CHARACTERS,
        placeholder=_("Type a few words or a question"),
        label_visibility="collapsed",
    )
    state = search.index_state()
    if state.n_passages == 0:
        index_panel.show_nothing(search, state)
        return
    if not (query or "").strip():
        _suggest(search, key)
        return
    _results(search, str(query))


def _results(search: Search, query: str) -> None:
    filters, sorting = search_narrowing.chosen(search)
    try:
        outcome = search.search(
            SearchRequest(query=query, filters=filters, sorting=sorting), surface="page"
        )
    except StudioError as error:
        notice.show(translate(error.notice), "warning")
        return
    search_narrowing.show(search, outcome.facets, filters)
    if not outcome.results:
        _nothing(search, outcome, bool(filters))
    grades = search.grades(query)
    # A thumb belongs to a query, too: one that stays on the page would show that of the query before.
    asked = zlib.crc32(query.encode())
    for result in outcome.results:
        search_result.show(
            result,
            key=f"{search.id}.{asked}.{result.hit.chunk.chunk_id}",
            grade=grades.get(result.item),
            judge=lambda judged, grade: search.judge(query, judged, grade),
            open_similar=lambda wanted: session.set_similar_to(
                search.id, wanted.hit.chunk.chunk_id
            ),
        )
        if session.similar_to(search.id) == result.hit.chunk.chunk_id:
            _similar(search, result)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(strip(outcome))
        if outcome.results:
            st.page_link(
                "../pages/measure/explain.py",
                label=_("Why these results"),
                icon=":material/manage_search:",
                query_params={"prototype": search.slug, "query": query},
                width="content",
            )
    exchange = exchanges.of_search(outcome, search.settings.language)
    feedback_form.show(
        search,
        feedback_form.list_id(search, exchange),
        exchange,
        label=_("Are these results right?"),
    )


def _suggest(search: Search, key: str) -> None:
    offered = search.settings.suggestions or search.titles(N_SUGGESTIONS)
    if offered:
        st.caption(_("For example:"))
        with st.container(horizontal=True):
            for i, text in enumerate(offered):
                st.button(
                    notice.plain(text),
                    key=f"_search.suggestion.{search.id}.{i}",
                    on_click=session.set_widget_value,
                    args=(key, text),
                )


def _nothing(search: Search, outcome: SearchOutcome, is_filtered: bool) -> None:
    st.info(
        _("Nothing was found with these filters. Take one away, or use other words.")
        if is_filtered
        else _("Nothing relevant was found. Try other words, or fewer of them.")
    )
    if outcome.correction:
        st.button(
            _("Did you mean: {query}", query=notice.plain(outcome.correction)),
            key=f"_search.correction.{search.id}",
            on_click=session.set_widget_value,
            args=(f"_search.query.{search.id}", outcome.correction),
        )


def _similar(search: Search, wanted: SearchResult) -> None:
    """Draw what is like a result, right below it."""
    with st.container(key=f"search_similar_{search.id}", border=True):
        st.markdown("**" + _("Similar to {title}", title=notice.plain(wanted.title)) + "**")
        for result in search.similar(wanted.hit.chunk.chunk_id):
            st.markdown(search_result.title(result))
            st.caption(notice.plain(result.excerpt.text))
        st.button(
            _("Close"),
            key=f"_search.similar_close.{search.id}",
            on_click=session.set_similar_to,
            args=(search.id, None),
        )


def strip(outcome: SearchOutcome) -> str:
    """The line under the results: how many, by what, how long, at which cost."""
    figures: SearchFigures = outcome.figures
    modes = {
        "hybrid": _("searched by words and meaning"),
        "semantic": _("searched by meaning"),
        "keyword": _("searched by words"),
    }
    parts = [
        ngettext("{n} result", "{n} results", len(outcome.results)),
        modes[outcome.mode],
        _("model {time}", time=fmt.duration(figures.embedding_ms / 1000)),
        _("index {time}", time=fmt.duration(figures.search_ms / 1000)),
        _("total {time}", time=fmt.duration(figures.total_ms / 1000)),
        fmt.money(figures.cost, figures.currency)
        if figures.cost is not None
        else _("cost unknown"),
    ]
    return notice.plain(" · ".join(parts))
