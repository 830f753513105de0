"""Labelling the most useful texts: one after the other by a click or a key, each kept at once.

The twenty that are offered stay the same until all have a label or are left out. The module draws.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import classifier_drafts, classifier_quality, notice, progress, session
from components import classifier_words as words
from components.i18n import _, ngettext, translate
from studio.errors import StudioError
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.results import Suggestion

N_ROUND = 20
N_BUTTONS = 5


def show(classifier: Classifier) -> None:
    """Draw the text to label now, what was labelled, and what that changed."""
    state = classifier.training_state()
    if not state.is_usable:
        st.caption(
            _("Texts to label appear here once the classifier has learnt for the first time.")
        )
        return
    progress.watch(
        classifier.training, key=f"classifier.{classifier.id}.labelling", retry=classifier.train
    )
    waiting = _round(classifier)
    if waiting:
        _card(classifier, waiting, state.labels)
    elif not state.n_pool:
        st.caption(
            _(
                "There is no text without a label. Upload a table of texts without labels, and the most"
                " useful ones are offered here."
            )
        )
    else:
        st.caption(_("This round is done. Learn from it, then the next texts follow."))
        st.button(
            _("Next texts"), key=f"_classifier.round.{classifier.id}", on_click=_new_round,
            args=(classifier,),
        )  # fmt: skip
    classifier_drafts.show(classifier)
    _learn(classifier)
    classifier_quality.progress_of(classifier)


def _round(classifier: Classifier) -> tuple[Suggestion, ...]:
    """The texts of this round that wait; a new round where none was begun."""
    key = f"classifier.round.{classifier.id}"
    waiting: tuple[Suggestion, ...] | None = session.kept_value(key)
    if waiting is None:
        waiting = classifier.suggest(N_ROUND)
        session.keep_value(key, waiting or None)
    return waiting


def _new_round(classifier: Classifier) -> None:
    session.keep_value(f"classifier.round.{classifier.id}", None)


def _card(classifier: Classifier, waiting: Sequence[Suggestion], labels: Sequence[str]) -> None:
    now = waiting[0]
    with st.container(border=True, key=f"classifier_label_card_{classifier.id}"):
        st.caption(
            ngettext(
                "Which label? {n} text left in this round, the most useful first.",
                "Which label? {n} texts left in this round, the most useful first.",
                len(waiting),
            )
        )
        st.markdown(f"**{notice.plain(' '.join(now.text.split())[:600])}**")
        with st.container(horizontal=True, gap="small", key="classifier_label_buttons"):
            for at, one in enumerate(now.ranked[:N_BUTTONS]):
                st.button(
                    f"{notice.plain(one.label)} :gray[{words.whole_percent(one.confidence)}]",
                    key=f"_classifier.label.{classifier.id}.{at}",
                    shortcut=str(at + 1),
                    on_click=_give,
                    args=(classifier, now.text, one.label),
                )
        widget = f"_classifier.other.{classifier.id}.{len(waiting)}"
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.selectbox(
                _("Another label"),
                labels,
                index=None,
                accept_new_options=True,
                placeholder=_("Choose, or type a new one"),
                key=widget,
                on_change=_give_other,
                args=(classifier, now.text, widget),
            )
            st.button(
                _("Leave out"),
                key=f"_classifier.skip.{classifier.id}",
                shortcut="0",
                help=_("It belongs to none of the labels, or cannot be told."),
                on_click=_next,
                args=(classifier,),
            )
            _undo(classifier)


def _give_other(classifier: Classifier, text: str, widget: str) -> None:
    label = str(session.widget_value(widget) or "").strip()
    if label:
        _give(classifier, text, label)


def _give(classifier: Classifier, text: str, label: str) -> None:
    try:
        classifier.desk.give(text, label)
    except StudioError as error:
        session.flash(translate(error.notice))
        return
    key = f"classifier.last.{classifier.id}"
    waiting = session.kept_value(f"classifier.round.{classifier.id}") or ()
    session.keep_value(key, (waiting[0], label) if waiting else None)
    _next(classifier)


def _next(classifier: Classifier) -> None:
    key = f"classifier.round.{classifier.id}"
    session.keep_value(key, (session.kept_value(key) or ())[1:])


def _undo(classifier: Classifier) -> None:
    last = session.kept_value(f"classifier.last.{classifier.id}")
    if last is None:
        return
    st.button(
        _("Undo"),
        key=f"_classifier.undo.{classifier.id}",
        type="tertiary",
        icon=":material/undo:",
        help=notice.plain(_("Take “{label}” back", label=last[1])),
        on_click=_take_back,
        args=(classifier, last[0]),
    )


def _take_back(classifier: Classifier, suggestion: Suggestion) -> None:
    classifier.desk.take_back(suggestion.text)
    key = f"classifier.round.{classifier.id}"
    session.keep_value(key, (suggestion, *(session.kept_value(key) or ())))
    session.keep_value(f"classifier.last.{classifier.id}", None)


def _learn(classifier: Classifier) -> None:
    """How many labels wait to be learnt from, and the way to do so."""
    state = classifier.training_state()
    if state.state == "training":
        return
    if state.state == "ready":
        n = state.n_by_hand
        if n:
            st.caption(ngettext("{n} label given here was learnt from.",
                                "{n} labels given here were learnt from.", n))  # fmt: skip
        return
    n = state.n_waiting
    st.button(
        ngettext("Learn from {n} label", "Learn from {n} labels", n) if n else _("Train again"),
        key=f"_classifier.learn.{classifier.id}",
        type="primary",
        icon=":material/school:",
        on_click=_train,
        args=(classifier,),
    )


def _train(classifier: Classifier) -> None:
    classifier.train()
    session.keep_value(f"classifier.last.{classifier.id}", None)
