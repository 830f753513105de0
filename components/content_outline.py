"""A long text: propose an outline, change it by hand, then have it written section by section.

The outline is kept for the session; what was written is the workspace's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from components import content_card, content_following, notice, session
from components.i18n import _, translate
from studio.errors import StudioError
from studio.prototypes.content.content import Content
from studio.prototypes.content.long_text import MAX_SECTIONS, Outline, OutlineSection
from studio.prototypes.content.text import Text
from studio.prototypes.content.writing import Glimpse

if TYPE_CHECKING:
    import pandas as pd

OUTLINE, LONG = "outline", "long"  # what both are kept under
WORDS = (60, 120, 200, 300)
MAX_TOPIC = 300
MAX_FACTS = 20_000


def show(content: Content) -> None:
    """Draw topic and facts, the outline, and the text as it is being written."""
    topic, facts = _topic(content)
    _propose(content, topic, facts)
    if content_following.watch(content, OUTLINE):
        return
    proposed: Outline | None = content_following.result(content, OUTLINE)
    if proposed is None:
        st.caption(_("First comes an outline, which you can change; then each section is written."))
        return
    outline = _edit(content, proposed)
    _write(content, outline, facts)
    if content_following.watch(content, LONG, _growing):
        return
    found: Text | None = content_following.result(content, LONG)
    if found is not None:
        _written(found)


def _topic(content: Content) -> tuple[str, str]:
    topic_key, facts_key = (f"_content.long.{name}.{content.id}" for name in ("topic", "facts"))
    for key in (topic_key, facts_key):
        session.default_widget_value(key, session.kept_value(key, ""))
    topic = st.text_input(
        _("What the text is about"),
        key=topic_key,
        max_chars=MAX_TOPIC,
        placeholder=_("How to look after a down jacket"),
    )
    facts = st.text_area(
        _("Facts it may use"),
        key=facts_key,
        height=110,
        max_chars=MAX_FACTS,
        placeholder=_("30 °C; special down detergent; three tennis balls; never dry-clean"),
    )
    session.keep_value(topic_key, topic)
    session.keep_value(facts_key, facts)
    return str(topic or ""), str(facts or "")


def _propose(content: Content, topic: str, facts: str) -> None:
    key = f"_content.long.sections.{content.id}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        session.default_widget_value(key, session.kept_value(key, 4))
        n_sections = int(
            st.number_input(_("Sections"), min_value=1, max_value=MAX_SECTIONS, key=key, width=140)
        )
        session.keep_value(key, n_sections)
        st.button(
            _("Propose an outline"),
            key=f"{key}.propose",
            type="primary",
            icon=":material/format_list_numbered:",
            disabled=not topic.strip(),
            on_click=_start_outline,
            args=(content, topic, facts, n_sections),
        )


def _start_outline(content: Content, topic: str, facts: str, n_sections: int) -> None:
    try:
        content_following.begin(
            content,
            OUTLINE,
            lambda: content.long_texts.outline(topic, facts=facts, n_sections=n_sections),
        )
    except StudioError as error:
        session.flash(translate(error.notice))
    else:
        content_following.forget(content, LONG)


def _edit(content: Content, proposed: Outline) -> Outline:
    """Draw the outline as a table that can be changed; gives it as it is now."""
    import pandas as pd

    if proposed.note is not None:
        st.caption(notice.plain(translate(proposed.note)))
    writing = content_following.find(content, OUTLINE)
    key = f"_content.long.outline.{content.id}.{writing.request_id if writing else ''}"
    title = st.text_input(_("Title"), value=proposed.title, key=f"{key}.title", max_chars=MAX_TOPIC)
    heading, points = _("Section"), _("What it says, separated by semicolons")
    frame = pd.DataFrame(
        [(one.heading, "; ".join(one.points)) for one in proposed.sections],
        columns=[heading, points],
    )
    edited = st.data_editor(frame, num_rows="dynamic", hide_index=True, key=key)
    return Outline(
        title=str(title or ""), sections=sections(edited), is_written=proposed.is_written
    )


def sections(edited: pd.DataFrame) -> tuple[OutlineSection, ...]:
    """The sections of the table as it was edited; rows without a heading are left out."""
    made = []
    for heading, points in edited.itertuples(index=False, name=None):
        if not _text(heading):
            continue
        parts = (part.strip() for part in _text(points).replace("；", ";").split(";"))
        made.append(
            OutlineSection(heading=_text(heading), points=tuple(part for part in parts if part))
        )
    return tuple(made)


def _text(cell: Any) -> str:  # Any: a table's cell, None or NaN where it is empty
    return cell.strip() if isinstance(cell, str) else ""


def _write(content: Content, outline: Outline, facts: str) -> None:
    key = f"_content.long.words.{content.id}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.select_slider(
            _("Length of a section, about (words; in Chinese, characters)"),
            WORDS,
            value=120,
            key=key,
        )
        st.button(
            _("Write the text"),
            key=f"{key}.go",
            type="primary",
            icon=":material/edit_note:",
            disabled=not outline.sections,
            on_click=_start_text,
            args=(content, outline, facts, int(words)),
        )


def _start_text(content: Content, outline: Outline, facts: str, words: int) -> None:
    try:
        content_following.begin(
            content,
            LONG,
            lambda: content.long_texts.write(outline, facts=facts, words=words),
        )
    except StudioError as error:
        session.flash(translate(error.notice))


def _growing(glimpse: Glimpse) -> None:
    with st.container(border=True):
        content_card.draft("".join(glimpse.texts[:1]) or "…", "markdown")


def _written(text: Text) -> None:
    content_card.show(text, "markdown", key=f"long_{text.id}")
    st.download_button(
        _("Download (Markdown)"),
        data=text.content.encode(),
        file_name="text.md",
        mime="text/markdown",
        key=f"_content.long.download.{text.id}",
        icon=":material/download:",
        on_click="ignore",
    )
