"""The search as a web page: `streamlit run app.py`."""

from __future__ import annotations

import streamlit as st
from studio.errors import StudioError
from studio.prototypes.search.results import SearchOutcome, SearchResult
from studio.records import Filter

import product
from settings import DEMO, LANGUAGE, NAME, SUGGESTIONS, TITLE
from words import plain, say

TEXTS = {
    "en": {
        "start": "Getting ready; the first start may fetch models",
        "query": "What are you looking for?",
        "busy": "Searching; the first search also loads the model",
        "none": "Nothing was found.",
        "meant": "Did you mean {correction}?",
        "took": "{n} results · {ms:.0f} ms",
        "open": "Open",
        "any": "any",
        "demo": "Demo engine: no model reads the meaning. Set DEMO to False in settings.py.",
    },
    "zh": {
        "start": "正在准备；首次启动时可能要下载模型",
        "query": "你在找什么？",
        "busy": "正在搜索；第一次搜索前还要加载模型",
        "none": "没有找到。",
        "meant": "你是不是要找：{correction}？",
        "took": "{n} 条结果 · {ms:.0f} 毫秒",
        "open": "打开",
        "any": "不限",
        "demo": "演示引擎：没有模型理解语义。把 settings.py 里的 DEMO 改成 False 即可换用真实模型。",
    },
}[LANGUAGE]


def show(result: SearchResult) -> None:
    """Draw one result."""
    with st.container(border=True):
        st.text(result.title)
        excerpt = result.excerpt
        before, after = "" if excerpt.is_start else "… ", "" if excerpt.is_end else " …"
        st.text(f"{before}{excerpt.text}{after}")
        if result.facts:
            facts = (f"{column}: {value}" for column, value in result.facts)
            st.caption(plain(" · ".join(facts)))
        if result.link is not None:
            st.link_button(TEXTS["open"], result.link)


def narrowing(outcome: SearchOutcome) -> tuple[Filter, ...]:
    """Draw the facets in the sidebar; gives what was chosen."""
    chosen = []
    for facet in outcome.facets:
        values = st.sidebar.multiselect(
            plain(facet.column), [value for value, _ in facet.values], placeholder=TEXTS["any"]
        )
        if values:
            chosen.append(Filter(column=facet.column, one_of=tuple(values)))
    return tuple(chosen)


def respond(query: str) -> None:
    """Search and draw what was found."""
    try:
        with st.spinner(TEXTS["busy"]):
            outcome = product.search(query)
        filters = narrowing(outcome)
        if filters:
            outcome = product.search(query, filters)
    except StudioError as error:
        st.error(plain(say(error.notice)))
        return
    if not outcome.results:
        st.text(TEXTS["none"])
        if outcome.correction:
            st.text(TEXTS["meant"].format(correction=outcome.correction))
    for result in outcome.results:
        show(result)
    st.caption(TEXTS["took"].format(n=len(outcome.results), ms=outcome.figures.total_ms))


def suggest(query: str) -> None:
    """Put a suggested query into the box."""
    st.session_state.query = query


st.set_page_config(page_title=NAME, page_icon="🔎")
st.title(plain(TITLE or NAME))
with st.spinner(TEXTS["start"]):
    product.engine()
if DEMO:
    st.info(TEXTS["demo"])
query = st.text_input(TEXTS["query"], key="query")
if query.strip():
    respond(query)
else:
    for number, suggestion in enumerate(SUGGESTIONS):
        st.button(
            plain(suggestion), key=f"suggestion_{number}", on_click=suggest, args=(suggestion,)
        )
