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
    session,
)
from components.demos.registry import FirstTexts
from components.i18n import _, ngettext
from components.safe_markdown import plain_lines
from studio.prototypes.content.content import Content
from studio.prototypes.content.text import Variants
from studio.prototypes.content.writing import Writing
from studio.sharing.visit import Visit

CARD_PX = 300
WRITTEN = "demo.written"
"""The form this visitor had written last, and how often in a row."""


def first_texts(prototype: Content) -> FirstTexts:
    """Nothing to begin with: the form has its own words."""
    return FirstTexts(limits=prototype.limits())


def show(visit: Visit) -> None:
    """Draw the form and the texts."""
    content: Content = visit.prototype
    settings, purpose = content.settings, _purpose(visit, visit.conversation())
    if visit.publication.greeting:
        st.markdown(plain_lines(visit.publication.greeting))
    submit = ngettext("Write {n} text", "Write {n} texts", settings.n_variants)
    values = content_form.show(content, settings, submit=submit, is_kept=False)
    if values is not None:
        # Under the visitor's talk, which begins now at the latest.
        purpose = _purpose(visit, visit.started_conversation())
        content_form.begin(content, purpose, lambda: _admitted(visit, content, values))
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


def _purpose(visit: Visit, talk: str | None) -> str:
    """What this visitor's texts are kept under: their talk, whose id nobody else has or can guess."""
    return f"demo-{visit.publication.id}-{talk or 'none'}"


def _admitted(visit: Visit, content: Content, values: Mapping[str, str]) -> Writing[Variants]:
    """The texts of one request, which counts against the visitor's limits."""
    content.prompt(values)  # an incomplete form costs no request
    # The same form again is asked for other texts: the same ones would not be worth a request.
    last, n_before = session.kept_value(WRITTEN) or (None, 0)
    n_before = n_before if last == values else 0
    writing: Writing[Variants] = demo_use.asked(
        visit,
        lambda admitted: admitted.start(values, surface="page", n_before=n_before),
        lambda begun: begun.is_done,
    )
    session.keep_value(WRITTEN, (dict(values), n_before + 1))
    visit.note("\n".join(filter(None, values.values())))
    return writing
