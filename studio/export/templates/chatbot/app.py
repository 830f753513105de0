"""The chatbot as a web page: `streamlit run app.py`."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from studio.errors import StudioError
from studio.prototypes.chatbot.answer import Answer
from studio.prototypes.chatbot.stream import AnswerStream

import product
from settings import DEMO, LANGUAGE, NAME, STARTER_QUESTIONS
from words import plain, say

TEXTS = {
    "en": {
        "start": "Getting ready; the first start may fetch models",
        "ask": "Your question",
        "busy": "Searching the documents; the first answer also loads the models",
        "team": "Answered by the team.",
        "quoted": "Quoted from the documents.",
        "free": "Not from the documents.",
        "sources": "Where this is from",
        "page": "page",
        "quotes": "From the documents",
        "took": "{seconds:.1f} s · {tokens} tokens",
        "new": "New conversation",
        "demo": "Demo engine: answers come from no language model. Set DEMO to False in settings.py.",
    },
    "zh": {
        "start": "正在准备；首次启动时可能要下载模型",
        "ask": "你的问题",
        "busy": "正在查找文档；第一次回答前还要加载模型",
        "team": "由团队回答。",
        "quoted": "摘自文档原文。",
        "free": "不是来自文档。",
        "sources": "出处",
        "page": "页码",
        "quotes": "文档原文",
        "took": "{seconds:.1f} 秒 · {tokens} 个词元",
        "new": "新对话",
        "demo": "演示引擎：回答不是语言模型写的。把 settings.py 里的 DEMO 改成 False 即可换用真实模型。",
    },
}[LANGUAGE]
# What a reader should know of an answer; `answer.note` says more, to whoever takes care of it.
NOTES = {"curated": TEXTS["team"], "quoted": TEXTS["quoted"], "free": TEXTS["free"]}


def conversation() -> str:
    """The id of this visitor's conversation."""
    if "conversation" not in st.session_state:
        st.session_state.conversation = product.start_conversation()
    found: str = st.session_state.conversation
    return found


def show(answer: Answer) -> None:
    """Draw a finished answer with its sources and what it took."""
    if answer.kind in NOTES:
        st.caption(NOTES[answer.kind])
    st.text(answer.marked_text())
    if answer.quotes:
        st.caption(TEXTS["quotes"])
        for quote in answer.quotes:
            st.text(f"“{quote.text}” {list(quote.citations)}")
    if answer.citations:
        with st.expander(TEXTS["sources"]):
            for citation in answer.citations:
                page = f", {TEXTS['page']} {citation.page}" if citation.page is not None else ""
                st.text(f"[{citation.number}] {citation.document_name}{page}\n{citation.text}")
    figures = answer.figures
    tokens = figures.tokens_in + figures.tokens_out
    st.caption(TEXTS["took"].format(seconds=figures.total_ms / 1000, tokens=tokens))


def follow(stream: AnswerStream, place: DeltaGenerator) -> None:
    """Draw what is written, as it comes; Markdown in it stays plain text."""
    text = ""
    for piece in stream:
        text += piece
        if text:
            place.text(text)


def respond(question: str) -> None:
    """Ask and draw the answer while it is written."""
    with st.chat_message("user"):
        st.text(question)
    with st.chat_message("assistant"):
        writing = st.empty()
        writing.caption(TEXTS["busy"])
        try:
            stream = product.stream(question, conversation())
            follow(stream, writing)
            answer = stream.answer()
        except StudioError as error:
            writing.error(plain(say(error.notice)))
            return
        with writing.container():
            show(answer)


def history() -> None:
    """Draw what was said before."""
    for turn in product.chatbot().turns(conversation()):
        with st.chat_message("user" if turn.role == "user" else "assistant"):
            if "answer" in turn.extra:
                show(Answer.from_json(turn.extra["answer"]))
            else:
                st.text(turn.content)


st.set_page_config(page_title=NAME, page_icon="💬")
st.title(plain(NAME))
with st.spinner(TEXTS["start"]):
    product.chatbot()
if DEMO:
    st.info(TEXTS["demo"])
st.text(product.chatbot().greeting)
question = st.chat_input(TEXTS["ask"]) or st.session_state.pop("waiting", None)
history()
if product.chatbot().turns(conversation()):
    if st.button(TEXTS["new"]):
        del st.session_state.conversation
        st.rerun()
elif not question:
    for number, starter in enumerate(STARTER_QUESTIONS):
        if st.button(plain(starter), key=f"starter_{number}"):
            st.session_state.waiting = starter
            st.rerun()
if question:
    respond(question)
