"""History: what was written, the newest first; open a text to see where it came from."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from components import content_actions, content_card, notice, session
from components import content_words as words
from components import format as fmt
from components.i18n import _, translate
from studio.errors import StudioError
from studio.prototypes.content.content import Content
from studio.prototypes.content.settings import ContentSettings
from studio.prototypes.content.text import Text

N_PAGE = 20
N_CHARACTERS = 220


def show(content: Content, settings: ContentSettings) -> None:
    """Draw the list, or the text that was opened."""
    only_kept = st.toggle(_("Only what I keep"), key=f"_content.only_kept.{content.id}")
    shown = f"content.n_history.{content.id}"
    limit = int(session.kept_value(shown, N_PAGE))
    texts = content.history(only_kept=only_kept, limit=limit + 1)
    if not texts:
        st.caption(
            _("Nothing is kept yet. Mark a text with Keep, and it stands here.")
            if only_kept
            else _("Nothing was written yet. What you write under Try it stands here.")
        )
        return
    for text in texts[:limit]:
        _entry(content, settings, text)
    if len(texts) > limit:
        st.button(
            _("Show more"),
            key=f"_{shown}",
            on_click=session.keep_value,
            args=(shown, limit + N_PAGE),
        )


def _entry(content: Content, settings: ContentSettings, text: Text) -> None:
    opened = f"content.opened.{content.id}"
    is_open = session.kept_value(opened) == text.id
    with st.container(border=True, gap="xsmall", key=f"content_entry_{text.id}"):
        with st.container(horizontal=True, vertical_alignment="top"):
            with st.container(gap="xxsmall"):
                st.caption(_facts(text), help=fmt.exact_time(text.created_at))
                if not is_open:
                    st.markdown(notice.plain(_short(text.content)))
            st.button(
                _("Close") if is_open else _("Open"),
                key=f"_content.open.{text.id}",
                type="tertiary",
                on_click=session.keep_value,
                args=(opened, None if is_open else text.id),
            )
        if is_open:
            _opened(content, settings, text)


def _short(content: str) -> str:
    line = " ".join(content.split())
    return line if len(line) <= N_CHARACTERS else line[: N_CHARACTERS - 1] + "…"


def _facts(text: Text) -> str:
    parts = [
        fmt.ago(text.created_at, datetime.now(UTC)),
        words.origins()[text.origin],
        _("version {n}", n=text.version),
    ]
    if text.rating is not None:
        parts.append("★" * text.rating)
    icon = ":material/bookmark_added: " if text.is_kept else ""
    return icon + notice.plain(" · ".join(parts))


def _opened(content: Content, settings: ContentSettings, text: Text) -> None:
    """Draw all of a text, the form it was written from, and its other versions."""
    content_card.show(
        text,
        settings.shape,
        key=f"history_{text.id}",
        actions=lambda one: content_actions.show(content, one, settings.shape),
    )
    given = filled_in(text, settings)
    if given:
        st.caption("  \n".join(notice.plain(_short(line)) for line in given))
    others = [one for one in content.revisions(text.id) if one.id != text.id]
    if not others:
        return
    st.markdown("**" + _("Other versions of this text") + "**")
    for other in others:
        with st.container(horizontal=True, vertical_alignment="top"):
            with st.container(gap="xxsmall"):
                st.caption(_facts(other), help=fmt.exact_time(other.created_at))
                st.markdown(notice.plain(_short(other.content)))
            st.button(
                _("Restore"),
                key=f"_content.restore.{text.id}.{other.id}",
                on_click=_restore,
                args=(content, other.id),
            )


def filled_in(text: Text, settings: ContentSettings) -> list[str]:
    """What stood in the form, a line for each field by what it is called; lists on one line."""
    labels = {variable.name: variable.label for variable in settings.variables}
    lists = {variable.name for variable in settings.variables if variable.type == "list"}
    lines = []
    for name, value in text.values.items():
        if value.strip():
            shown = "; ".join(value.splitlines()) if name in lists else value
            lines.append(f"{labels.get(name) or name}: {shown}")
    return lines


def _restore(content: Content, text_id: str) -> None:
    try:
        restored = content.restore(text_id)
    except StudioError as error:
        session.flash(translate(error.notice))
        return
    session.keep_value(f"content.opened.{content.id}", restored.id)
    session.flash(_("The older text is in use again; nothing was lost."))
