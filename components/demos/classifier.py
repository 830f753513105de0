"""A classifier as a visitor meets it: a text, its label, or that a person decides.

What a visitor types teaches nobody.
"""

from __future__ import annotations

import streamlit as st

from components import (
    classifier_outcome,
    demo_feedback,
    demo_use,
    demo_waiting,
    exchanges,
    i18n,
    notice,
    session,
    shell,
)
from components import classifier_words as words
from components.demos.registry import FirstTexts
from components.i18n import _
from components.safe_markdown import plain_lines
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.data import MAX_TEXT
from studio.sharing.visit import Visit

BOX = "_demo.text"
ASKED = "demo.asked"
HEIGHT = 110


def first_texts(prototype: Classifier) -> FirstTexts:
    """What to do, and the texts that are offered to try."""
    with i18n.speaking(prototype.settings.language):
        return FirstTexts(
            greeting=_("Paste a text to see where it belongs."),
            starters=tuple(prototype.settings.suggestions),
        )


def show(visit: Visit) -> None:
    """Draw the classifier."""
    classifier: Classifier = visit.prototype
    if visit.publication.greeting:
        st.markdown(plain_lines(visit.publication.greeting))
    if not classifier.training_state().is_usable:
        demo_waiting.show(lambda: classifier.training_state().is_usable)
        return
    _panel(visit)


@st.fragment
@shell.guarded()
def _panel(visit: Visit) -> None:
    with st.form("demo_classify", border=False):
        st.text_area(
            _("Text"),
            key=BOX,
            height=HEIGHT,
            max_chars=MAX_TEXT,
            placeholder=_("Paste a mail, a question, a review"),
            label_visibility="collapsed",
        )
        st.form_submit_button(_("Classify"), type="primary", on_click=_take_box, args=(visit,))
    text = str(session.kept_value(_asked(visit)) or "")
    if not text:
        _starters(visit)
        return
    found = demo_use.once(visit, text, lambda admitted: admitted.classify(text, "page"))
    if found is None:
        return
    with st.container(border=True, key="demo_classified"):
        classifier_outcome.answer(found)
        classifier_outcome.shares(found.ranked)
    exchange = exchanges.of_classification(found, words.answer(found), visit.publication.language)
    label = _("Is this label right?")
    demo_feedback.show(visit, found.figures.request_id, exchange, label=label)


def _asked(visit: Visit) -> str:
    return f"{ASKED}.{visit.publication.id}"


def _take_box(visit: Visit) -> None:
    session.keep_value(_asked(visit), str(session.widget_value(BOX) or "").strip() or None)


def _starters(visit: Visit) -> None:
    with st.container(horizontal=True, key="demo_starters"):
        for at, text in enumerate(visit.publication.starter_questions):
            st.button(
                notice.plain(text), key=f"_demo.starter.{at}", on_click=_take, args=(visit, text)
            )


def _take(visit: Visit, text: str) -> None:
    session.set_widget_value(BOX, text)
    session.keep_value(_asked(visit), text)
