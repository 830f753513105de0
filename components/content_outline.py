"""A long text: propose an outline, change it by hand, then have it written section by section.

Outlines, every change to them, and what was written are the workspace's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from components import (
    content_card,
    content_drafts,
    content_following,
    content_typed,
    notice,
    session,
)
from components.i18n import _, translate
from studio.errors import StudioError
from studio.prototypes.content.content import Content
from studio.prototypes.content.drafts import Draft
from studio.prototypes.content.long_text import MAX_SECTIONS, LongPlan, Outline, OutlineSection
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
    before = content_typed.values(content, OUTLINE) or _of_latest(content)
    _propose(content, before)
    if content_following.watch(content, OUTLINE):
        return
    content_following.result(content, OUTLINE)  # says why where it failed
    chosen = content_drafts.choose(content, OUTLINE, content.long_texts.plans)
    if chosen is None:
        st.caption(_("First comes an outline, which you can change; then each section is written."))
        return
    plan = content.long_texts.plans.get(chosen)
    outline = _edit(content, plan)
    _write(content, plan, outline)
    if content_following.watch(content, LONG, _growing):
        return
    content_following.result(content, LONG)  # says why where it failed
    if plan.value.text_id:
        _written(content.text(plan.value.text_id))


def _of_latest(content: Content) -> Mapping[str, Any]:
    """What the latest outline was made from: what stands in a form in which nothing was typed."""
    found = content.long_texts.plans.latest()
    return {} if found is None else {"topic": found.value.topic, "facts": found.value.facts}


def _propose(content: Content, before: Mapping[str, Any]) -> None:
    """Draw topic, facts and number of sections with the button."""
    topic_key, facts_key = f"_content.long.topic.{content.id}", f"_content.long.facts.{content.id}"
    session.default_widget_value(topic_key, before.get("topic", ""))
    session.default_widget_value(facts_key, before.get("facts", ""))
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
    topic, facts = str(topic or ""), str(facts or "")
    key = f"_content.long.sections.{content.id}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        session.default_widget_value(key, before.get("n_sections", 4))
        n_sections = int(
            st.number_input(_("Sections"), min_value=1, max_value=MAX_SECTIONS, key=key, width=140)
        )
        is_sent = st.button(
            _("Propose an outline"),
            key=f"{key}.propose",
            type="primary",
            icon=":material/format_list_numbered:",
            disabled=not topic.strip(),
        )
    now = {"topic": topic, "facts": facts, "n_sections": n_sections}
    content_typed.note(content, OUTLINE, now)
    if is_sent:
        _start_outline(content, topic, facts, n_sections)
        st.rerun()


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
        content_drafts.show_newest(content, OUTLINE)


def _edit(content: Content, plan: Draft[LongPlan]) -> Outline:
    """Draw the outline as a table that can be changed; keeps every change, gives it as it is now."""
    import pandas as pd

    key = f"_content.long.outline.{plan.id}"
    # The table keeps its changes beside what it began with, which must stay the same while it is drawn.
    is_drawn = session.widget_value(key) is not None
    proposed: Outline = (session.kept_value(key) if is_drawn else None) or plan.value.outline
    session.keep_value(key, proposed)
    seen: Outline = (session.kept_value(f"{key}.seen") if is_drawn else None) or proposed
    if proposed.note is not None:
        st.caption(notice.plain(translate(proposed.note)))
    title = st.text_input(_("Title"), value=proposed.title, key=f"{key}.title", max_chars=MAX_TOPIC)
    heading, points = _("Section"), _("What it says, separated by semicolons")
    frame = pd.DataFrame(
        [(one.heading, "; ".join(one.points)) for one in proposed.sections],
        columns=[heading, points],
    )
    edited = st.data_editor(frame, num_rows="dynamic", hide_index=True, key=key)
    outline = replace(proposed, title=str(title or ""), sections=sections(edited))
    if outline != seen:  # and not "other than what is stored": somebody else may have changed that
        content.long_texts.change(plan.id, outline)
    session.keep_value(f"{key}.seen", outline)
    return outline


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


def _write(content: Content, plan: Draft[LongPlan], outline: Outline) -> None:
    key = f"_content.long.words.{content.id}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.select_slider(
            _("Length of a section, about (words; in Chinese, characters)"),
            WORDS,
            value=120,
            key=key,
        )
        is_sent = st.button(
            _("Write the text"),
            key=f"{key}.go",
            type="primary",
            icon=":material/edit_note:",
            disabled=not outline.sections,
        )
    if is_sent:
        # What stands in the form above may belong to another outline, which is not proposed yet.
        _start_text(content, plan.id, outline, plan.value.facts, int(words))
        st.rerun()


def _start_text(content: Content, plan_id: str, outline: Outline, facts: str, words: int) -> None:
    try:
        content_following.begin(
            content,
            LONG,
            lambda: content.long_texts.write(outline, facts=facts, words=words, plan_id=plan_id),
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
