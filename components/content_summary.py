"""Summarise a text of any length: paste or upload it, follow the parts, read the whole."""

from __future__ import annotations

import streamlit as st

from components import content_card, content_drafts, content_file, content_following, session
from components import format as fmt
from components.i18n import _, ngettext, translate
from components.safe_markdown import plain_lines
from studio.errors import StudioError
from studio.prototypes.content.content import Content
from studio.prototypes.content.long_text import MAX_DOCUMENT, LongSummary, SummaryStep
from studio.prototypes.content.writing import Glimpse

SUMMARY = "summary"  # what it is kept under
WORDS = (50, 100, 200, 300)


def show(content: Content) -> None:
    """Draw the text to be read, and the summary as it is being made, was made last or is chosen."""
    key = f"_content.summary.{content.id}"
    _take_up(content, key)
    session.default_widget_value(key, session.kept_value(key, ""))
    typed = str(
        st.text_area(
            _("The text"),
            key=key,
            height=180,
            max_chars=MAX_DOCUMENT,
            placeholder=_(
                "Paste it here, or upload a file. It may be longer than the model can read."
            ),
        )
        or ""
    )
    session.keep_value(key, typed)
    content_file.show(content, key, MAX_DOCUMENT)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.select_slider(
            _("Length, about (words; in Chinese, characters)"), WORDS, value=100, key=f"{key}.words"
        )
        st.button(
            _("Summarise"),
            key=f"{key}.go",
            type="primary",
            icon=":material/compress:",
            disabled=not typed.strip(),
            on_click=_start,
            args=(content, typed, int(words)),
        )
    if content_following.watch(content, SUMMARY, _growing):
        return
    content_following.result(content, SUMMARY)  # says why where it failed
    chosen = content_drafts.choose(content, SUMMARY, content.long_texts.summaries.list())
    if chosen is not None:
        _show(content.long_texts.summaries.get(chosen).value)


def _take_up(content: Content, key: str) -> None:
    """Put the document of the latest summary into the field of a session that has typed nothing."""
    if session.kept_value(key) is None and (found := content.long_texts.summaries.latest()):
        session.keep_value(key, found.value.document)


def _start(content: Content, text: str, words: int) -> None:
    try:
        content_following.begin(
            content, SUMMARY, lambda: content.long_texts.summarise(text, words=words)
        )
    except StudioError as error:
        session.flash(translate(error.notice))
    else:
        content_drafts.show_newest(content, SUMMARY)


def _growing(glimpse: Glimpse) -> None:
    written = "".join(glimpse.texts[:1])
    if written.strip():
        with st.container(border=True):
            content_card.draft(written, "plain")


def _show(found: LongSummary) -> None:
    content_card.show(found.text, "plain", key=f"summary_{found.text.id}")
    if not found.steps:
        return
    n = len(found.steps)
    with st.expander(
        ngettext("Summaries of {n} part", "Summaries of {n} parts", n),
        type="compact",
        key=f"content_steps_{found.text.id}",
    ):
        for step in found.steps:
            st.caption(_place(step))
            st.markdown(plain_lines(step.text))


def _place(step: SummaryStep) -> str:
    return _(
        "Characters {start} to {end}", start=fmt.count(step.start + 1), end=fmt.count(step.end)
    )
