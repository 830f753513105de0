"""Summarise a text of any length: paste or upload it, follow the parts, read the whole."""

from __future__ import annotations

import streamlit as st

from components import cache, content_card, content_following, session
from components import format as fmt
from components.i18n import _, ngettext, translate
from components.safe_markdown import plain_lines
from studio.errors import StudioError
from studio.prototypes.content.content import Content
from studio.prototypes.content.long_text import LongSummary, SummaryStep
from studio.prototypes.content.writing import Glimpse

SUMMARY = "summary"  # what it is kept under
WORDS = (50, 100, 200, 300)
MAX_CHARACTERS = 400_000


def show(content: Content) -> None:
    """Draw the text to be read, and the summary as it is being made."""
    key = f"_content.summary.{content.id}"
    session.default_widget_value(key, session.kept_value(key, ""))
    typed = str(
        st.text_area(
            _("The text"),
            key=key,
            height=180,
            max_chars=MAX_CHARACTERS,
            placeholder=_(
                "Paste it here, or upload a file. It may be longer than the model can read."
            ),
        )
        or ""
    )
    session.keep_value(key, typed)
    _upload(content, key)
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
    found: LongSummary | None = content_following.result(content, SUMMARY)
    if found is not None:
        _show(found)


def _upload(content: Content, key: str) -> None:
    rounds = f"summary.{content.id}"
    with st.popover(
        _("Upload a file"),
        icon=":material/upload_file:",
        key=f"{key}.upload.{session.upload_round(rounds)}",
    ):
        file = st.file_uploader(
            _("PDF, Word, web page, Markdown or text"),
            max_upload_size=cache.workbench().settings.max_upload_bytes >> 20,
            key=f"{key}.file.{session.upload_round(rounds)}",
        )
    if file is not None:
        _take(content, key, file.name, file.getvalue())
        session.end_upload_round(rounds)
        st.rerun()


def _take(content: Content, key: str, name: str, data: bytes) -> None:
    """Put the text of a file into the field, or say why there is none."""
    intake = content.inspect([(name, data)])
    texts = [page.text for file in intake.files for page in file.read.pages]
    if not any(text.strip() for text in texts):
        reasons = [translate(told) for file in intake.files for told in file.read.notices]
        session.flash(reasons[0] if reasons else _("There is no text in {name}.", name=name))
        return
    session.keep_value(key, "\n\n".join(texts)[:MAX_CHARACTERS])
    session.forget(key)


def _start(content: Content, text: str, words: int) -> None:
    try:
        content_following.begin(
            content, SUMMARY, lambda: content.long_texts.summarise(text, words=words)
        )
    except StudioError as error:
        session.flash(translate(error.notice))


def _growing(glimpse: Glimpse) -> None:
    with st.container(border=True):
        content_card.draft("".join(glimpse.texts[:1]) or "…", "plain")


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
