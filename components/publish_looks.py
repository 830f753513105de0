"""How a demo looks: headline, founder, logo, colour, greeting, starter questions, language, address."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from components import i18n, notice, picture, publish_problems, session
from components.demos import registry
from components.i18n import _, translate
from studio.errors import InvalidInput
from studio.sharing.choices import (
    MAX_FOUNDER,
    MAX_GREETING,
    MAX_HEADLINE,
    MAX_STARTER,
    MAX_STARTERS,
)
from studio.sharing.logo import LOGO_TYPE, MAX_UPLOAD_BYTES, small_logo
from studio.workbench import AnyPrototype
from studio.workspace.naming import MAX_SLUG, slug_of
from studio.workspace.publication_record import PublicationChoices

LOGO_PX = 64
PAUSE = "400ms"
"""How long typing must rest before the preview follows."""


def show(prototype: AnyPrototype, base: PublicationChoices, key: str) -> PublicationChoices:
    """Draw the fields; gives the base with what was entered.

    Args:
        prototype: what is published.
        base: what the form begins with.
        key: tells its widgets from those of other publications.
    """
    with st.grid(min_column_width=230):
        with st.container(gap="xxsmall"):
            headline = st.text_input(
                _("Headline"),
                base.headline,
                max_chars=MAX_HEADLINE,
                key=_key(key, "headline"),
                live=PAUSE,
            )
            publish_problems.show(key, "headline")
        founder = st.text_input(
            _("Your name or company (optional)"),
            base.founder,
            max_chars=MAX_FOUNDER,
            live=PAUSE,
            key=_key(key, "founder"),
        )
    logo = _logo(base, key)
    with st.container(horizontal=True, gap="large", vertical_alignment="top"):
        accent = st.color_picker(
            _("Colour"), base.accent, key=_key(key, "accent"), help=_("Of buttons and lines.")
        )
        language = st.segmented_control(
            _("Language of the demo"),
            list(i18n.LANGUAGES),
            default=base.language,
            required=True,
            format_func=i18n.LANGUAGES.__getitem__,
            key=_key(key, "language"),
        )
    greeting = st.text_area(
        _("Greeting (optional)"),
        base.greeting,
        max_chars=MAX_GREETING,
        height=80,
        key=_key(key, "greeting"),
    )
    return replace(
        base,
        headline=str(headline),
        founder=str(founder),
        logo=logo,
        logo_type=LOGO_TYPE if logo else "",
        accent=str(accent),
        language=str(language or base.language),
        greeting=str(greeting),
        starter_questions=_starters(prototype, base, key),
    )


def wished_address(key: str) -> str:
    """Draw the field for the address of a new publication; "" for the headline's."""
    wish = st.text_input(
        _("Address (optional)"),
        key=_key(key, "slug"),
        max_chars=MAX_SLUG,
        placeholder=_("By default made of the headline"),
        help=_("Small letters, digits and hyphens. It cannot be changed later."),
    )
    slug = slug_of(str(wish or ""))
    if slug and slug != wish:
        st.caption(_("It becomes /d/{slug}.", slug=notice.plain(slug)))
    return slug


def forget(key: str) -> None:
    """Forget that the logo was taken away, and empty the uploader."""
    session.keep_value(_gone(key), None)
    session.keep_value(_round(key), (session.kept_value(_round(key)) or 0) + 1)


def _key(key: str, field: str) -> str:
    return f"_publish.{key}.{field}"


def _gone(key: str) -> str:
    return f"publish.no_logo.{key}"


def _round(key: str) -> str:
    return f"publish.round.{key}"


def _logo(base: PublicationChoices, key: str) -> bytes | None:
    """Draw the logo with what replaces it; gives the one to keep."""
    present = None if session.kept_value(_gone(key)) else base.logo
    upload = st.file_uploader(
        _("Logo (optional; PNG, JPEG or WebP)"),
        type=["png", "jpg", "jpeg", "webp"],
        max_upload_size=MAX_UPLOAD_BYTES // 2**20,
        # Another key empties it after its logo was kept.
        key=f"_publish.{key}.logo.{session.kept_value(_round(key)) or 0}",
    )
    if upload is not None:
        try:
            return small_logo(upload.getvalue())
        except InvalidInput as error:
            notice.show(translate(error.notice), "warning")
            return present
    if present:
        with st.container(horizontal=True, vertical_alignment="center"):
            picture.show(present, _("Logo"), LOGO_PX)
            st.button(
                _("Remove the logo"),
                key=_key(key, "no_logo"),
                type="tertiary",
                icon=":material/close:",
                on_click=session.keep_value,
                args=(_gone(key), True),
            )
    return present


def _starters(prototype: AnyPrototype, base: PublicationChoices, key: str) -> tuple[str, ...]:
    if registry.demo_of(prototype).first_texts(prototype).starters is None:
        return ()
    text = st.text_area(
        _("Questions to begin with, one per line (optional)"),
        "\n".join(base.starter_questions),
        height=120,
        max_chars=MAX_STARTERS * (MAX_STARTER + 1),
        key=_key(key, "starters"),
    )
    publish_problems.show(key, "starter_questions")
    return tuple(line.strip() for line in str(text).splitlines() if line.strip())
