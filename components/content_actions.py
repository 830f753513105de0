"""What can be done with a written text: keep it, rate it, edit it, have a part of it written again.

An edit and a rewritten part are new texts; the old one stays in the history. The module draws no text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from components import content_following, session
from components.i18n import _, translate
from studio.errors import StudioError
from studio.prototypes.content.content import Content
from studio.prototypes.content.template import OutputShape
from studio.prototypes.content.text import Text
from studio.retrieval.structure import sentences_of

REWRITE = "rewrite"  # what a rewritten part is kept under while it is being written
MAX_CHARACTERS = 50_000
N_SHOWN = 70  # characters of a sentence in the list of parts


def show(content: Content, text: Text, shape: OutputShape) -> None:
    """Draw the actions of a stored text, or the one that is open."""
    mode = session.kept_value(_mode(text))
    if mode == "edit":
        _edit(content, text)
    elif mode == "rewrite":
        _rewrite(content, text)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.button(
            _("Kept") if text.is_kept else _("Keep"),
            key=f"_content.keep.{text.id}",
            icon=":material/bookmark_added:" if text.is_kept else ":material/bookmark:",
            type="tertiary",
            on_click=content.keep,
            args=(text.id, not text.is_kept),
        )
        _open_button(text, "edit", _("Edit"), ":material/edit:")
        if shape != "fields" or text.fields:
            _open_button(text, "rewrite", _("Rewrite a part"), ":material/refresh:")
        _copy(text)
        _stars(content, text)


def parts(content: str) -> list[tuple[int, int]]:
    """Where the sentences of a text begin and end, in order; a line of its own ends one."""
    return [
        span
        for line in re.finditer(r"[^\n]+", content)
        for span in sentences_of(content, line.start(), line.end())
    ]


def wishes() -> tuple[str, ...]:
    """What a part may be wanted like, to choose from."""
    return (_("shorter"), _("plainer"), _("livelier"), _("more formal"), _("more concrete"))


def _mode(text: Text) -> str:
    return f"content.mode.{text.id}"


def _open_button(text: Text, mode: str, label: str, icon: str) -> None:
    is_open = session.kept_value(_mode(text)) == mode
    st.button(
        ":material/close:" if is_open else icon,
        key=f"_content.{mode}.{text.id}",
        type="tertiary",
        help=_("Close") if is_open else label,
        on_click=session.keep_value,
        args=(_mode(text), None if is_open else mode),
    )


def _copy(text: Text) -> None:
    opened = st.popover(
        ":material/content_copy:",
        type="tertiary",
        help=_("Copy"),
        key=f"_content.copy.{text.id}",
        on_change="rerun",  # the text is sent once more only while it is open
    )
    if opened.open:
        with opened:
            st.caption(_("The button at the corner copies the text."))
            st.code(text.content, language=None, wrap_lines=True)


def _stars(content: Content, text: Text) -> None:
    key = f"_content.stars.{text.id}"
    shown = None if text.rating is None else text.rating - 1
    session.fill_widget(key, shown)
    st.feedback("stars", key=key, on_change=_rate, args=(content, text, key))


def _rate(content: Content, text: Text, key: str) -> None:
    stars = session.widget_value(key)
    content.rate(text.id, None if stars is None else int(stars) + 1)


def _edit(content: Content, text: Text) -> None:
    key = f"_content.edited.{text.id}"
    session.default_widget_value(key, text.content)
    st.text_area(
        _("Your version"),
        key=key,
        height=240,
        max_chars=MAX_CHARACTERS,
        label_visibility="collapsed",
    )
    st.button(
        _("Keep my version"),
        key=f"{key}.save",
        type="primary",
        on_click=_save,
        args=(content, text, key),
    )


def _save(content: Content, text: Text, key: str) -> None:
    typed = str(session.widget_value(key) or "")
    try:
        if typed != text.content:
            content.edit(text.id, typed)
    except StudioError as error:
        session.flash(translate(error.notice))
        return
    session.keep_value(_mode(text), None)
    session.forget(key)


def _rewrite(content: Content, text: Text) -> None:
    if session.kept_value(f"content.rewriting.{content.id}") == text.id:
        if content_following.watch(content, REWRITE):
            return
        content_following.result(content, REWRITE)  # says why where it failed
    found = _choices(text)
    part_key, wish_key = f"_content.part.{text.id}", f"_content.wish.{text.id}"
    st.selectbox(
        _("Which part"),
        range(len(found)),
        format_func=lambda at: _shown(found[at]),
        key=part_key,
    )
    st.pills(_("How it should be"), wishes(), key=wish_key)
    st.text_input(
        _("Or in your own words"), key=f"{wish_key}.own", max_chars=200, placeholder=_("optional")
    )
    st.button(
        _("Write this part again"),
        key=f"{part_key}.go",
        type="primary",
        disabled=not found,
        on_click=_start,
        args=(content, text, found, part_key, wish_key),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What can be written again: a field by its name, or else a stretch of the text."""

    words: str
    field: str = ""
    start: int = 0
    end: int = 0


def _choices(text: Text) -> Sequence[_Part]:
    if text.fields:
        return [_Part(words=value, field=name) for name, value in text.fields if value.strip()]
    found = parts(text.content)
    return [_Part(words=text.content[start:end], start=start, end=end) for start, end in found]


def _shown(part: _Part) -> str:
    words = " ".join(part.words.split())
    words = f"{part.field}: {words}" if part.field else words
    return words if len(words) <= N_SHOWN else words[: N_SHOWN - 1] + "…"


def _start(
    content: Content, text: Text, found: Sequence[_Part], part_key: str, wish_key: str
) -> None:
    part = found[int(session.widget_value(part_key) or 0)]
    own = str(session.widget_value(f"{wish_key}.own") or "").strip()
    wish = own or str(session.widget_value(wish_key) or "")
    try:
        content_following.begin(
            content,
            REWRITE,
            lambda: (
                content.rewrite_field(text.id, part.field, wish)
                if part.field
                else content.rewrite(text.id, part.start, part.end, wish)
            ),
        )
    except StudioError as error:
        session.flash(translate(error.notice))
    else:
        session.keep_value(f"content.rewriting.{content.id}", text.id)
