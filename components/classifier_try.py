"""A classifier as somebody meets it: a text, its label or that a person decides, and why.

The module draws; classifying is the prototype's business.
"""

from __future__ import annotations

import streamlit as st

from components import (
    classifier_answers,
    classifier_outcome,
    exchanges,
    feedback_form,
    notice,
    progress,
    session,
    shell,
)
from components import classifier_words as words
from components.i18n import _
from studio.errors import StudioError
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.data import MAX_TEXT
from studio.prototypes.classifier.results import Classification

HEIGHT = 110
N_SUGGESTIONS = 6


def show(classifier: Classifier) -> None:
    """Draw the classifier, or how far it is."""
    state = classifier.training_state()
    if state.state == "empty":
        st.caption(
            _(
                "Nothing to tell apart yet. Upload labelled texts under Data, name the labels, or start"
                " with the sample."
            )
        )
        return
    if not state.is_usable:
        # On a phone the settings, where this stands too, are out of sight.
        if state.state == "training":
            progress.watch(
                classifier.training, key=f"classifier.{classifier.id}.first", seen_active=True
            )
        else:
            classifier_answers.offer_training(classifier, "try")
        return
    if state.state == "training":  # what was learnt before answers meanwhile
        progress.watch(
            classifier.training, key=f"classifier.{classifier.id}.again", seen_active=True
        )
    classifier_answers.offer_training(classifier, "try")
    _panel(classifier)


@st.fragment
@shell.guarded()
def _panel(classifier: Classifier) -> None:
    box = f"_classifier.text.{classifier.id}"
    with st.form(f"classifier_try_{classifier.id}", border=False):
        st.text_area(
            _("Text"),
            key=box,
            height=HEIGHT,
            max_chars=MAX_TEXT,
            placeholder=_("Paste a mail, a question, a review"),
            label_visibility="collapsed",
        )
        st.form_submit_button(
            _("Classify"), type="primary", on_click=_take_box, args=(classifier, box)
        )
    text = str(session.kept_value(f"classifier.asked.{classifier.id}") or "")
    if not text:
        _suggest(classifier, box)
        return
    try:
        found = _found(classifier, text)
    except StudioError as error:
        notice.show(error.notice, "warning")
        return
    with st.container(border=True, key=f"classifier_answer_{classifier.id}"):
        st.markdown(f":gray[{notice.plain(' '.join(text.split())[:300])}]")
        classifier_outcome.answer(found)
        classifier_outcome.shares(found.ranked)
        classifier_outcome.like(found.nearest, key=classifier.id)
        _why(classifier, found)
        st.caption(classifier_outcome.strip(found))
    _correct(classifier, found)
    _feedback(classifier, found)


def _take_box(classifier: Classifier, box: str) -> None:
    _ask(classifier, str(session.widget_value(box) or "").strip())


def _ask(classifier: Classifier, text: str) -> None:
    session.keep_value(f"classifier.asked.{classifier.id}", text or None)
    session.keep_value(f"classifier.why.{classifier.id}", None)


def _suggest(classifier: Classifier, box: str) -> None:
    texts = classifier.settings.suggestions or tuple(
        one.text for one in classifier.suggest(N_SUGGESTIONS)
    )
    with st.container(horizontal=True, gap="small", key=f"classifier_suggest_{classifier.id}"):
        for at, text in enumerate(texts[:N_SUGGESTIONS]):
            st.button(
                notice.plain(text[:80]),
                key=f"_classifier.suggestion.{classifier.id}.{at}",
                on_click=_take,
                args=(classifier, box, text),
            )


def _take(classifier: Classifier, box: str, text: str) -> None:
    session.set_widget_value(box, text)
    _ask(classifier, text)


def _found(classifier: Classifier, text: str) -> Classification:
    """What came of a text; asked once for each version and training, however often the page runs."""
    trained_at = classifier.training_state().trained_at
    asked = (text, classifier.version, trained_at)
    kept = session.kept_value(f"classifier.found.{classifier.id}")
    if kept is not None and kept[0] == asked:
        found: Classification = kept[1]
        return found
    found = classifier.classify(text, surface="page")
    session.keep_value(f"classifier.found.{classifier.id}", (asked, found))
    return found


def _why(classifier: Classifier, found: Classification) -> None:
    key = f"classifier.why.{classifier.id}"
    if session.kept_value(key) != found.text:
        st.button(
            _("Which words matter?"),
            key=f"_classifier.why.{classifier.id}",
            type="tertiary",
            icon=":material/manage_search:",
            help=_("Reads the text once more without each of its words."),
            on_click=session.keep_value,
            args=(key, found.text),
        )
        return
    kept = session.kept_value(f"{key}.result")
    asked = (found.text, found.version, found.label)
    if kept is None or kept[0] != asked:
        kept = (asked, classifier.explain(found.text))
        session.keep_value(f"{key}.result", kept)
    classifier_outcome.why(kept[1])


def _correct(classifier: Classifier, found: Classification) -> None:
    """The right label, where a person knows it: kept at once, and learnt from at the next training."""
    labels = classifier.training_state().labels
    widget = f"_classifier.correct.{classifier.id}.{hash(found.text)}"
    given = {one.text: one.label for one in classifier.desk.given()}.get(found.text)
    st.selectbox(
        _("The right label, to learn from"),
        labels,
        index=labels.index(given) if given in labels else None,
        placeholder=_("Choose a label"),
        key=widget,
        on_change=_keep,
        args=(classifier, found.text, widget),
    )


def _keep(classifier: Classifier, text: str, widget: str) -> None:
    label = session.widget_value(widget)
    if label is None:
        classifier.desk.take_back(text)
    else:
        classifier.desk.give(text, str(label))
        session.flash(_("Kept. Train again under “Label more” to learn from it."))


def _feedback(classifier: Classifier, found: Classification) -> None:
    exchange = exchanges.of_classification(found, words.answer(found), classifier.settings.language)
    feedback_form.show(
        classifier,
        feedback_form.list_id(classifier, exchange),
        exchange,
        label=_("Is this label right?"),
    )
