"""Summarise a text of any length: paste or upload it, follow the parts, read the whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from components import (
    content_card,
    content_drafts,
    content_file,
    content_following,
    content_typed,
    session,
)
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
    before = content_typed.values(content, SUMMARY) or _of_latest(content)
    key = _key(content)
    session.default_widget_value(key, before.get("text", ""))
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
    content_file.show(content, key, MAX_DOCUMENT, lambda text: _put(content, text))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = int(
            st.select_slider(
                _("Length, about (words; in Chinese, characters)"),
                WORDS,
                value=int(before.get("words", 100)),
                key=f"{key}.words",
            )
        )
        is_sent = st.button(
            _("Summarise"),
            key=f"{key}.go",
            type="primary",
            icon=":material/compress:",
            disabled=not typed.strip(),
        )
    content_typed.note(content, SUMMARY, {"text": typed, "words": words})
    if is_sent:
        _start(content, typed, words)
        st.rerun()
    if content_following.watch(content, SUMMARY, _growing):
        return
    content_following.result(content, SUMMARY)  # says why where it failed
    chosen = content_drafts.choose(content, SUMMARY, content.long_texts.summaries)
    if chosen is not None:
        _show(content.long_texts.summaries.get(chosen).value)


def _of_latest(content: Content) -> Mapping[str, Any]:
    """The document of the latest summary: what stands in a field in which nothing was typed."""
    found = content.long_texts.summaries.latest()
    return {} if found is None else {"text": found.value.document}


def _key(content: Content) -> str:
    return f"_content.summary.{content.id}"


def _put(content: Content, text: str) -> None:
    """Put a text into the field, from the next run on."""
    content_typed.note(content, SUMMARY, {**content_typed.values(content, SUMMARY), "text": text})
    session.forget(_key(content))


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
