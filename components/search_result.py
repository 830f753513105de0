"""One result of a search: its title, the stretch that matches, why it was found, thumbs, similar items.

Texts of documents enter the browser escaped, never as markup. The module runs no search.
"""

from __future__ import annotations

import html
from collections.abc import Callable

import streamlit as st

from components import notice, session
from components.i18n import _
from studio.prototypes.search.highlight import Excerpt
from studio.prototypes.search.results import SearchResult

MAX_TITLE = 120

Judge = Callable[[SearchResult, int | None], None]


def show(
    result: SearchResult,
    *,
    key: str,
    grade: int | None = None,
    judge: Judge | None = None,
    open_similar: Callable[[SearchResult], None] | None = None,
) -> None:
    """Draw a result.

    Args:
        result: what was found.
        key: tells it from other results on the page.
        grade: how it was judged for this query; None when it was not.
        judge: told 1 or 0 when a thumb is clicked, None when it is taken back; without it there are
            no thumbs.
        open_similar: called when similar items are wanted; without it they are not offered.
    """
    with st.container(border=True, gap="small", key=f"search_result_{key}"):
        st.markdown(f"**{title(result, is_marked=True)}**")
        st.html(excerpt_html(result.excerpt))
        if result.facts:
            facts = [f"{column}: {value}" for column, value in result.facts]
            st.caption(notice.plain(" · ".join(facts)))
        with st.container(horizontal=True, vertical_alignment="center"):
            place = "" if result.hit.chunk.cells else _place(result)
            told = [notice.plain(place)] if place not in ("", result.title) else []
            st.caption(" · ".join([*told, reason(result)]))
            st.space("stretch")
            if open_similar is not None:
                st.button(
                    _("Similar"),
                    key=f"_search.similar.{key}",
                    type="tertiary",
                    icon=":material/join_inner:",
                    on_click=open_similar,
                    args=(result,),
                )
            if judge is not None:
                thumbs(result, key, grade, judge)


def excerpt_html(excerpt: Excerpt) -> str:
    """The stretch as HTML with its matches marked, everything else escaped."""
    parts, last = [], 0
    for start, end in excerpt.marks:
        parts.append(html.escape(excerpt.text[last:start]))
        parts.append(f"<mark class='match'>{html.escape(excerpt.text[start:end])}</mark>")
        last = end
    parts.append(html.escape(excerpt.text[last:]))
    before = "" if excerpt.is_start else "… "
    after = "" if excerpt.is_end else " …"
    return (
        "<div style='line-height:1.6;overflow-wrap:anywhere;white-space:pre-line'>"
        f"{before}{''.join(parts)}{after}</div>"
    )


def title(result: SearchResult, *, is_marked: bool = False) -> str:
    """Its title as a link where it has one; a long one is cut, the query's words marked if wished."""
    text = result.title if len(result.title) <= MAX_TITLE else result.title[: MAX_TITLE - 1] + "…"
    shown, last = "", 0
    for start, end in result.title_marks if is_marked else ():
        if end <= len(text):
            shown += notice.plain(text[last:start])
            shown += f":primary-background[{notice.plain(text[start:end])}]"
            last = end
    shown += notice.plain(text[last:])
    if result.link is None:
        return shown
    address = result.link.replace("(", "%28").replace(")", "%29")
    return f"[{shown}]({address})"


def _place(result: SearchResult) -> str:
    chunk = result.hit.chunk
    if chunk.page is not None:
        return _("{name}, page {page}", name=chunk.document_name, page=chunk.page)
    return chunk.document_name


def reason(result: SearchResult) -> str:
    """How relevant it is and which search found it."""
    relevance = _("relevance {value}", value=f"{result.hit.relevance:.2f}")
    reasons = {
        "words": _("found by its words"),
        "meaning": _("found by its meaning"),
        "both": _("found by words and meaning"),
    }
    return f"{relevance} · {reasons[result.reason]}"


def thumbs(result: SearchResult, key: str, grade: int | None, judge: Judge) -> None:
    """Draw the thumbs of a result as it was judged; a click is told at once."""
    widget = f"_search.thumbs.{key}"
    session.fill_widget(widget, grade)
    st.feedback("thumbs", key=widget, on_change=_keep_thumb, args=(result, widget, judge))


def _keep_thumb(result: SearchResult, widget: str, judge: Judge) -> None:
    value = session.widget_value(widget)
    judge(result, None if value is None else int(value))
