"""The recommender as a web page: `streamlit run app.py`."""

from __future__ import annotations

import streamlit as st
from studio.errors import StudioError
from studio.prototypes.recommendation.results import RecommendedItem

import product
from settings import DEMO, LANGUAGE, NAME
from words import plain, say

TEXTS = {
    "en": {
        "start": "Getting ready; the first start may fetch models",
        "user": "User",
        "new": "somebody new",
        "likes": "Likes",
        "choose": "Choose items",
        "list": "Recommended",
        "history": "What this user did last",
        "took": "{n} items passed the rules · {ms:.0f} ms",
        "demo": "Demo engine: no model reads the meaning. Set DEMO to False in settings.py.",
    },
    "zh": {
        "start": "正在准备；首次启动时可能要下载模型",
        "user": "用户",
        "new": "新访客",
        "likes": "喜欢",
        "choose": "选择物品",
        "list": "推荐",
        "history": "这位用户最近的行为",
        "took": "{n} 件物品符合规则 · {ms:.0f} 毫秒",
        "demo": "演示引擎：没有模型理解语义。把 settings.py 里的 DEMO 改成 False 即可换用真实模型。",
    },
}[LANGUAGE]
N_HISTORY = 8


def show(place: RecommendedItem) -> None:
    """Draw one place of the list."""
    with st.container(border=True):
        price = "" if place.item.price is None else f" · {place.item.price:g} {place.item.currency}"
        st.text(f"{place.rank}. {place.item.title}{price}")
        st.caption(plain(say(place.reason.notice)))


def respond(user_id: str, likes: list[str]) -> None:
    """Ask for a list and draw it, with what the user did before."""
    try:
        found = product.recommend(user_id, likes)
    except StudioError as error:
        st.error(plain(say(error.notice)))
        return
    st.subheader(TEXTS["list"])
    for notice in found.notices:
        st.caption(plain(say(notice)))
    for place in found.items:
        show(place)
    took = TEXTS["took"].format(n=found.n_candidates, ms=found.figures.total_ms)
    st.caption(took)
    if found.history:
        with st.expander(TEXTS["history"]):
            for entry in found.history[:N_HISTORY]:
                st.text(f"{entry.item.title} · {entry.kind}")


st.set_page_config(page_title=NAME, page_icon="🛍️")
st.title(plain(NAME))
with st.spinner(TEXTS["start"]):
    product.recommender()
if DEMO:
    st.info(TEXTS["demo"])
recommender = product.recommender()
users = [one.user_id for one in recommender.find_users("", 30)]
titles = {one.item_id: one.title for one in recommender.find_items("", 200)}
chosen = st.selectbox(TEXTS["user"], [*users, ""], format_func=lambda one: one or TEXTS["new"])
liked = st.multiselect(
    TEXTS["likes"], list(titles), format_func=lambda one: titles[one], placeholder=TEXTS["choose"]
)
respond(chosen or "", liked)
