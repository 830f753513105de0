"""A content generator as a visitor meets it: the form, and the texts as they are written.

The texts are the visitor's: they are kept for them while the studio runs and enter nobody's history.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from components import (
    content_card,
    content_following,
    content_form,
    content_try,
    demo_feedback,
    demo_use,
    exchanges,
    notice,
)
from components.demos.registry import FirstTexts
from components.i18n import _, ngettext
from components.safe_markdown import plain_lines
from studio.errors import LimitReached, StudioError
from studio.prototypes.content.content import Content
from studio.prototypes.content.text import Variants
from studio.sharing.visit import Visit

CARD_PX = 300


def first_texts(prototype: Content) -> FirstTexts:
    """Nothing to begin with: the form has its own words."""
    del prototype
    return FirstTexts()


def show(visit: Visit) -> None:
    """Draw the form and the texts."""
    content: Content = visit.prototype
    settings, purpose = content.settings, _purpose(visit)
    if visit.publication.greeting:
        st.markdown(plain_lines(visit.publication.greeting))
    submit = ngettext("Write {n} text", "Write {n} texts", settings.n_variants)
    values = content_form.show(content, settings, submit=submit)
    if values is not None:
        _start(visit, content, values)
        purpose = _purpose(visit)
    if content_following.watch(content, purpose, partial(content_try.growing, settings=settings)):
        return
    found: Variants | None = content_following.result(content, purpose)
    if found is None:
        return
    if found.error is not None:
        notice.show(found.error, "warning")
    with st.grid(min_column_width=CARD_PX):
        for at, text in enumerate(found.texts):
            with st.container(border=True, key=f"demo_text_{at}"):
                content_card.body(text, settings.shape)
                st.download_button(
                    _("Save as a file"),
                    text.content,
                    file_name=f"text-{at + 1}.txt",
                    key=f"_demo.save.{at}",
                    type="tertiary",
                    icon=":material/download:",
                )
                exchange = exchanges.of_text(text, visit.publication.language, str(at))
                demo_feedback.show(visit, found.request_id, exchange)


def _purpose(visit: Visit) -> str:
    """What this visitor's texts are kept under: their talk, whose id nobody else has or can guess."""
    return f"demo-{visit.publication.id}-{visit.conversation() or 'none'}"


def _start(visit: Visit, content: Content, values: Mapping[str, str]) -> None:
    try:
        content.prompt(values)  # an incomplete form costs no request
        if content_following.is_running(content, _purpose(visit)):
            return
        writing = demo_use.admitted(visit).start(values, surface="page")
        visit.note("\n".join(filter(None, values.values())))
        content_following.begin(content, _purpose(visit), lambda: writing)
    except LimitReached as error:
        content_form.accept(content)
        notice.show(error.notice, "warning")
    except StudioError as error:
        content_form.refuse(content, error)
    else:
        content_form.accept(content)
