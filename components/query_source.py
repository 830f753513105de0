"""Where the list of queries comes from: a file, pasted lines or the sample; and which column is which.

The module draws; reading and keeping the list are the prototype's business.
"""

from __future__ import annotations

import streamlit as st

from components import cache, notice, session
from components import format as fmt
from components.i18n import _, ngettext, translate
from studio.errors import StudioError
from studio.prototypes.search.query_list import QueryList
from studio.prototypes.search.search import Search
from studio.sample_company import sample_queries


def show_empty(search: Search) -> None:
    """Draw what will be here, and the ways to bring a list."""
    st.markdown(
        _(
            "Bring the list of what people typed into your search or a search engine. It is grouped"
            " into themes, and you see what they ask that your content does not answer."
        )
    )
    _ways(search)
    st.button(
        _("Use the sample list"),
        key=f"_queries.sample.{search.id}",
        icon=":material/auto_stories:",
        on_click=_use_sample,
        args=(search,),
    )


def show(search: Search, kept: QueryList) -> None:
    """Draw which list is kept, with its columns and the ways to bring another, folded."""
    with st.expander(_label(kept), type="compact", key=f"_queries.source.{search.id}"):
        for told in kept.notices:
            st.caption(notice.plain(translate(told)))
        if len(kept.columns) > 1:
            _columns(search, kept)
        st.markdown("**" + _("Another list") + "**")
        _ways(search)


def _label(kept: QueryList) -> str:
    parts = [
        notice.plain(kept.name) if kept.name else _("Pasted list"),
        ngettext(
            "{shown} query", "{shown} queries", len(kept.asked), shown=fmt.count(len(kept.asked))
        ),
    ]
    return " · ".join(parts)


def _ways(search: Search) -> None:
    st.caption(
        _("A table or a text with one query per line; how often each was asked, if you know it."),
        help=_(
            "CSV, Excel, JSON or text, also the exports of Google Search Console, Baidu and keyword"
            " tools. The columns are found by their names, and you can correct them."
        ),
    )
    round_key = f"queries.{search.id}"
    file = st.file_uploader(
        _("Upload queries"),
        max_upload_size=cache.workbench().settings.max_upload_bytes >> 20,
        label_visibility="collapsed",
        key=f"_queries.upload.{search.id}.{session.upload_round(round_key)}",
    )
    if file is not None:
        try:
            search.queries.keep_file(file.name, file.getvalue())
            search.queries.start()
        except StudioError as error:
            notice.show(error.notice, "error")
        else:
            session.end_upload_round(round_key)
            st.rerun()
    _paste(search)


def _paste(search: Search) -> None:
    with st.popover(_("Paste queries"), icon=":material/content_paste:"):
        key = f"_queries.paste.{search.id}"
        st.text_area(_("One query per line"), key=key, height=200)
        st.button(
            _("Use these queries"),
            key=f"{key}.use",
            type="primary",
            on_click=_use_pasted,
            args=(search, key),
        )


def _use_pasted(search: Search, key: str) -> None:
    try:
        search.queries.keep_lines(str(session.widget_value(key) or ""))
        search.queries.start()
    except StudioError as error:
        session.flash(translate(error.notice))
    else:
        session.forget(key)


def _use_sample(search: Search) -> None:
    search.queries.keep_file("queries.csv", sample_queries(search.settings.language))
    search.queries.start()


def _columns(search: Search, kept: QueryList) -> None:
    """Which column holds the queries and which the counts; as guessed until somebody corrects it."""
    query_key, count_key = f"_queries.column.{search.id}", f"_queries.count.{search.id}"
    session.set_widget_value(query_key, kept.query_column)
    session.set_widget_value(count_key, kept.count_column)
    left, right = st.columns(2)
    left.selectbox(
        _("Column of the queries"),
        kept.columns,
        key=query_key,
        on_change=_choose,
        args=(search, query_key, count_key),
    )
    right.selectbox(
        _("Column of how often each was asked"),
        ("", *(column for column in kept.columns if column != kept.query_column)),
        format_func=lambda column: column or _("None: each row counts once"),
        key=count_key,
        on_change=_choose,
        args=(search, query_key, count_key),
    )


def _choose(search: Search, query_key: str, count_key: str) -> None:
    try:
        search.queries.choose_columns(
            str(session.widget_value(query_key)), str(session.widget_value(count_key) or "")
        )
        search.queries.start()
    except StudioError as error:
        session.flash(translate(error.notice))
