"""The brand voice: sample texts, what is read from them, and what a person makes of it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from components import content_words, session
from components.i18n import _, translate
from components.setting_field import bind
from studio.errors import StudioError
from studio.prototypes.content.content import Content
from studio.prototypes.content.settings import ContentSettings

MAX_SAMPLES = 20_000
BREAK = "\n\n"


def show(content: Content, settings: ContentSettings) -> None:
    """Draw the samples with a way to read them, and the parts of the voice."""
    names = content_words.voice_parts()
    st.markdown("**" + _("Brand voice") + "**")
    st.text_area(
        names["samples"],
        height=140,
        max_chars=MAX_SAMPLES,
        placeholder=_(
            "Paste two or three texts that sound as you want to sound, with a blank line between them."
        ),
        help=_("The voice is counted from them, not guessed by a model; you can change all of it."),
        **bind(
            content,
            settings,
            "voice",
            part="samples",
            shown=BREAK.join,
            kept=_samples,
            is_typed=True,
        ),
    )
    st.button(
        _("Read the voice"),
        key=f"_content.voice.read.{content.id}",
        icon=":material/record_voice_over:",
        disabled=not settings.voice.samples,
        on_click=_read,
        args=(content,),
    )
    for part in ("tone", "vocabulary", "do", "dont"):
        st.text_area(
            names[part],
            height=80,
            **bind(
                content, settings, "voice", part=part, shown="\n".join, kept=lines, is_typed=True
            ),
        )


def lines(text: str) -> tuple[str, ...]:
    """The lines of a text that say something."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _samples(text: str) -> tuple[str, ...]:
    """The paragraphs that stand apart."""
    parts = (part.strip() for part in text.replace("\r\n", "\n").split(BREAK))
    return tuple(part for part in parts if part)


def _read(content: Content) -> None:
    settings = content.settings
    try:
        found = content.read_voice(settings.voice.samples)
        content.configure(replace(settings, voice=replace(found, samples=settings.voice.samples)))
    except StudioError as error:
        session.flash(translate(error.notice))
    else:
        session.flash(_("The voice was read from your samples. Change what does not fit."))
