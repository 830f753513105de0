"""The classifier as a web page: `streamlit run app.py`."""

from __future__ import annotations

import streamlit as st
from studio.errors import StudioError
from studio.prototypes.classifier.results import Classification

import product
from settings import LANGUAGE, NAME
from words import say

TEXTS = {
    "en": {
        "start": "Getting ready; the first start may fetch models",
        "text": "Text",
        "go": "Classify",
        "unsure": "Not sure: a person decides",
        "like": "Like these examples",
        "took": "confidence {share:.0%} · {ms:.0f} ms",
    },
    "zh": {
        "start": "正在准备；首次启动时可能要下载模型",
        "text": "文本",
        "go": "分类",
        "unsure": "没把握：请人来判断",
        "like": "类似的例子",
        "took": "把握 {share:.0%} · {ms:.0f} 毫秒",
    },
}[LANGUAGE]


def show(found: Classification) -> None:
    """Draw the label, how sure it is, and what the text is like."""
    st.subheader(found.label if found.is_sure else TEXTS["unsure"])
    if found.reason is not None:
        st.caption(say(found.reason))
    st.caption(TEXTS["took"].format(share=found.confidence, ms=found.figures.total_ms))
    for one in found.ranked:
        st.progress(one.confidence, text=one.label)
    if found.nearest:
        with st.expander(TEXTS["like"]):
            for like in found.nearest:
                st.text(f"{like.label}: {like.text}")


st.set_page_config(page_title=NAME, page_icon="🏷️")
st.title(NAME)
with st.spinner(TEXTS["start"]):
    product.classifier()
with st.form("text"):
    text = st.text_area(TEXTS["text"])
    is_sent = st.form_submit_button(TEXTS["go"], type="primary")
if is_sent and text.strip():
    try:
        show(product.classify(text))
    except StudioError as error:
        st.error(say(error.notice))
