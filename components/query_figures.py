"""The report on what people ask: figures, what is not answered, themes and map.

Everything moves with the relevance that counts as answered, without another model call. The module
draws; it computes nothing but what passes the filters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from components import format as fmt
from components import notice, query_map, query_words, session, shell
from components.i18n import _, ngettext
from studio.csv_file import csv_text
from studio.prototypes.search.analytics import AskedQuery, QueryReport
from studio.prototypes.search.intents import Intent
from studio.prototypes.search.search import Search

if TYPE_CHECKING:
    import pandas as pd

N_ROWS_SEEN = 9
N_SHORT = 1000  # below, a count is as short as its rounding
ROW_HEIGHT = 35


def show(search: Search, report: QueryReport) -> None:
    """Draw the report; it reruns by itself when a filter is moved."""
    _panel(search, report)


@st.fragment
@shell.guarded()
def _panel(search: Search, counted: QueryReport) -> None:
    threshold = st.slider(
        _("Counts as answered from relevance"),
        0.0,
        1.0,
        counted.min_relevance,
        0.05,
        key=f"_queries.threshold.{search.id}",
        help=_(
            "How surely a passage is about the query, from 0 to 1. At 0.5 doubt begins; look at the"
            " rows near your limit and move it to where the right ones begin."
        ),
    )
    report = counted.at(threshold)
    _headline(report)
    shown = _filtered(search, report)
    _queries(search, report, shown)
    _themes(report)
    st.subheader(_("Map"), anchor=False)
    st.caption(
        _("Similar queries lie together; the larger, the more often asked. The axes mean nothing.")
    )
    clicked = query_map.show(report, shown, key=f"_queries.map.{search.id}")
    if clicked is not None:
        _search_button(search, clicked, place="map")


def _headline(report: QueryReport) -> None:
    n_asked = report.n_asked
    is_short = n_asked < N_SHORT
    shown = fmt.count(n_asked) if is_short else fmt.number(n_asked)
    with st.container(horizontal=True, gap="medium"):
        st.metric(
            _("Answered"),
            f"{report.coverage:.0%}",
            help=_("{share} of all that is asked", share=f"{report.coverage:.2%}"),
            width="content",
        )
        st.metric(_("Different queries"), fmt.count(len(report.queries)), width="content")
        st.metric(
            _("Asked in all"),
            ngettext("{shown} time", "{shown} times", n_asked, shown=shown),
            help=None if is_short else _("{n} exactly", n=fmt.count(n_asked)),
            width="content",
        )
        st.metric(_("Themes"), fmt.count(len(report.themes)), width="content")
    if report.n_left_out:
        st.caption(
            ngettext(
                "{n} query that was asked least is left out.",
                "{n} queries that were asked least are left out.",
                report.n_left_out,
            )
        )


def _filtered(search: Search, report: QueryReport) -> tuple[AskedQuery, ...]:
    """The queries that pass the filters, drawn here; all of them at first."""
    asked: dict[Intent, int] = dict.fromkeys(Intent, 0)
    for query in report.queries:
        asked[query.intent] += query.n_asked
    present = sorted((i for i in Intent if asked[i]), key=lambda i: -asked[i])
    intents = st.pills(
        _("What they want"),
        present,
        selection_mode="multi",
        format_func=lambda i: (
            f"{query_words.intent_name(i)} {query_words.share(asked[i] / report.n_asked)}"
        ),
        help=query_words.intents_help(),
        key=f"_queries.intents.{search.id}",
    )
    theme = st.selectbox(
        _("Theme"),
        [None, *range(len(report.themes))],
        format_func=lambda number: _theme_label(report, number),
        key=f"_queries.theme.{search.id}",
    )
    return tuple(
        query
        for query in report.queries
        if (not intents or query.intent in intents) and theme in (None, query.theme)
    )


def _theme_label(report: QueryReport, number: int | None) -> str:
    if number is None:
        return _("All themes")
    theme = report.themes[number]
    return f"{theme.name} ({fmt.count(theme.n_queries)})"


def _queries(search: Search, report: QueryReport, shown: Sequence[AskedQuery]) -> None:
    """The table of gaps, or of all queries, and the way to try one."""
    gaps = [query for query in shown if not query.is_covered]
    st.subheader(
        _("What people ask that your content does not answer"),
        anchor=False,
        help=_("Most asked first. The nearest passage is what your content has closest to it."),
    )
    views = {
        "gaps": _("Not answered ({n})", n=fmt.count(len(gaps))),
        "all": _("All ({n})", n=fmt.count(len(shown))),
    }
    view = st.segmented_control(
        _("Queries"),
        list(views),
        default="gaps",
        required=True,
        format_func=views.__getitem__,
        label_visibility="collapsed",
        key=f"_queries.view.{search.id}",
    )
    listed = gaps if view == "gaps" else list(shown)
    if not listed:
        notice.show(_("Everything here is answered."), "success")
    else:
        chosen = _table(search, report, listed, f"{view}")
        if chosen is None:
            st.caption(_("Choose a row to search for it."))
        else:
            _search_button(search, chosen, place="table")
    st.download_button(
        _("Download as CSV"),
        data=as_csv(report, listed),
        file_name="queries.csv",
        mime="text/csv",
        icon=":material/download:",
        key=f"_queries.download.{search.id}",
        on_click="ignore",
    )


def _table(
    search: Search, report: QueryReport, listed: Sequence[AskedQuery], view: str
) -> AskedQuery | None:
    names = _column_names()
    event = st.dataframe(
        _frame(report, listed).drop(columns=names["is_covered"]),
        hide_index=True,
        height=ROW_HEIGHT * (min(len(listed), N_ROWS_SEEN) + 1) + 3,
        column_config={
            names["query"]: st.column_config.TextColumn(width="medium", pinned=True),
            names["n_asked"]: st.column_config.NumberColumn(
                format="localized", help=_("Times it was asked")
            ),
            names["relevance"]: st.column_config.ProgressColumn(
                min_value=0.0,
                max_value=1.0,
                format="%.2f",
                help=_("Of the nearest passage, from 0 to 1"),
            ),
            names["intent"]: st.column_config.TextColumn(help=query_words.intents_help()),
        },
        on_select="rerun",
        selection_mode="single-row",
        key=f"_queries.table.{search.id}.{view}",
        alt=_("Queries with how often each was asked and the nearest passage"),
    )
    rows = event.selection.rows
    return listed[rows[0]] if rows and rows[0] < len(listed) else None


def _search_button(search: Search, query: AskedQuery, *, place: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        label = _("Search for this")
        if st.button(
            label,
            key=f"_queries.try.{search.id}.{place}",
            icon=":material/search:",
            type="primary",
            on_click=_try,
            args=(search, query.query),
        ):
            st.rerun()  # the whole page: the view is chosen outside this fragment
        st.markdown(notice.plain(query.query), width="content")


def _try(search: Search, query: str) -> None:
    session.set_widget_value(f"_search.query.{search.id}", query)
    session.set_widget_value("_builder.view", "try")


def _themes(report: QueryReport) -> None:
    import pandas as pd

    st.subheader(_("Themes"), anchor=False)
    share, answered = _("Share of all"), _("Answered")
    names = {
        "name": _("Theme"),
        "n": _("Queries"),
        "mix": _("What they want"),
        "example": _("Example"),
    }
    rows = [
        {
            names["name"]: theme.name,
            share: 100 * theme.n_asked / report.n_asked,
            answered: 100 * theme.coverage,
            names["mix"]: query_words.intent_mix(theme),
            names["n"]: theme.n_queries,
            names["example"]: theme.example,
        }
        for theme in report.themes
    ]
    largest = 100 * max(theme.n_asked for theme in report.themes) / report.n_asked
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        height=ROW_HEIGHT * (min(len(rows), N_ROWS_SEEN) + 1) + 3,
        column_config={
            names["name"]: st.column_config.TextColumn(width="medium", pinned=True),
            share: st.column_config.ProgressColumn(
                min_value=0.0,
                max_value=largest,
                format="%.1f%%",
                help=_("Of all that is asked"),
            ),
            answered: st.column_config.ProgressColumn(
                min_value=0.0,
                max_value=100.0,
                format="%.0f%%",
                help=_("Of what is asked about the theme"),
            ),
            names["mix"]: st.column_config.TextColumn(help=query_words.intents_help()),
        },
        alt=_("Themes with their share of what is asked and how much of it is answered"),
    )


def _column_names() -> dict[str, str]:
    return {
        "query": _("Query"),
        "n_asked": _("Asked"),
        "relevance": _("Relevance"),
        "nearest": _("Nearest passage"),
        "theme": _("Theme"),
        "intent": _("What they want"),
        "is_covered": _("Answered"),
    }


def _frame(report: QueryReport, listed: Sequence[AskedQuery]) -> pd.DataFrame:
    names = _column_names()
    frame = replace(report, queries=tuple(listed)).frame()[list(names)]
    frame["intent"] = [query_words.intent_name(Intent(intent)) for intent in frame["intent"]]
    return frame.rename(columns=names)


def as_csv(report: QueryReport, listed: Sequence[AskedQuery]) -> bytes:
    """The queries as a CSV that Excel opens right: with a byte order mark, and without formulas."""
    frame = _frame(report, listed)
    names = _column_names()
    frame[names["relevance"]] = frame[names["relevance"]].round(3)
    frame[names["is_covered"]] = [
        _("yes") if one else _("no") for one in frame[names["is_covered"]]
    ]
    return csv_text((frame.columns, *frame.itertuples(index=False))).encode()
