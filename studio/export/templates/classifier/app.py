"""The classifier as a web page: `streamlit run app.py`."""

from __future__ import annotations

import streamlit as st
from studio.errors import StudioError
from studio.prototypes.classifier.results import Classification

import product
from settings import DEMO, LANGUAGE, NAME
from words import plain, say

TEXTS = {
    "en": {
        "start": "Getting ready; the first start may fetch models",
        "text": "Text",
        "go": "Classify",
        "busy": "Reading; the first text also loads the model",
        "unsure": "Not sure: a person decides",
        "like": "Like these examples",
        "took": "confidence {share:.0%} · {ms:.0f} ms",
        "demo": "Demo engine: no model reads the meaning. Set DEMO to False in settings.py.",
    },
    "zh": {
        "start": "正在准备；首次启动时可能要下载模型",
        "text": "文本",
        "go": "分类",
        "busy": "正在阅读；第一次分类前还要加载模型",
        "unsure": "没把握：请人来判断",
        "like": "类似的例子",
        "took": "把握 {share:.0%} · {ms:.0f} 毫秒",
        "demo": "演示引擎：没有模型理解语义。把 settings.py 里的 DEMO 改成 False 即可换用真实模型。",
    },
}[LANGUAGE]


def show(found: Classification) -> None:
    """Draw the label, how sure it is, and what the text is like."""
    st.subheader(plain(found.label) if found.is_sure else TEXTS["unsure"])
    if found.reason is not None:
        st.caption(plain(say(found.reason)))
    st.caption(TEXTS["took"].format(share=found.confidence, ms=found.figures.total_ms))
    for one in found.ranked:
        st.progress(one.confidence, text=plain(one.label))
    if found.nearest:
        with st.expander(TEXTS["like"]):
            for like in found.nearest:
                st.text(f"{like.label}: {like.text}")


st.set_page_config(page_title=NAME, page_icon="🏷️")
st.title(plain(NAME))
with st.spinner(TEXTS["start"]):
    product.classifier()
if DEMO:
    st.info(TEXTS["demo"])
with st.form("text"):
    text = st.text_area(TEXTS["text"])
    is_sent = st.form_submit_button(TEXTS["go"], type="primary")
if is_sent and text.strip():
    try:
        with st.spinner(TEXTS["busy"]):
            found = product.classify(text)
        show(found)
    except StudioError as error:
        st.error(plain(say(error.notice)))
