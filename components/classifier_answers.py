"""Step 3 of a classifier: from which confidence on it answers, how it decides, which model reads.

Every change is kept at once; what has to be learnt anew says so. The module draws.
"""

from __future__ import annotations

import streamlit as st

from components import cache, model_choice, notice, session, setting_words
from components import classifier_words as words
from components import format as fmt
from components.i18n import _, translate
from components.setting_field import bind, change
from studio.evaluation.classification import AnsweredShare, threshold_for
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.settings import ClassifierSettings
from studio.prototypes.model_choice import automatic_embedding_model
from studio.records import Task

WANTED = (0.9, 0.95, 0.99)
"""Shares of right answers that a threshold is offered for."""


def show(classifier: Classifier, settings: ClassifierSettings) -> None:
    """Draw the threshold with what it means, and behind "More" how it decides."""
    st.slider(
        setting_words.label("threshold", ClassifierSettings),
        0.0,
        1.0,
        step=0.01,
        format="percent",
        help=_("Below it, the answer is “not sure: a person decides”. At 0 it answers always."),
        **bind(classifier, settings, "threshold"),
    )
    _meaning(classifier, settings)
    offer_training(classifier, "answers")
    if st.toggle(_("More"), key=f"_classifier.more.{classifier.id}"):
        names = words.methods()
        st.selectbox(
            setting_words.label("method", ClassifierSettings),
            list(names),
            format_func=names.__getitem__,
            help=_("Automatic goes by the number of examples."),
            **bind(classifier, settings, "method"),
        )
        bench = cache.workbench()
        automatic = automatic_embedding_model(bench.catalogue, bench.settings, settings.language)
        model_choice.show(classifier, settings, Task.EMBEDDING, automatic=automatic)


def _meaning(classifier: Classifier, settings: ClassifierSettings) -> None:
    """What the threshold came to in the test, and thresholds for shares that somebody may want."""
    found = classifier.evaluation()
    state = classifier.training_state()
    if state.reason is not None and state.method is not None:
        method = words.methods()[state.method]
        st.caption(
            notice.plain(_("{method}. {reason}", method=method, reason=translate(state.reason)))
        )
    if found is None:
        return
    curve = found.scores.curve
    now = next((point for point in reversed(curve) if point.threshold <= settings.threshold), None)
    if now is not None:
        st.caption(
            _(
                "In the test it then answers {answered} of the texts, and {right} of these answers are"
                " right.",
                answered=fmt.share(now.answered),
                right=fmt.share(now.right.mean),
            )
        )
    offers = {wanted: threshold_for(curve, wanted) for wanted in WANTED}
    with st.container(horizontal=True, gap="small"):
        for wanted, point in offers.items():
            if point is not None and abs(point.threshold - settings.threshold) > 0.004:
                _offer(classifier, wanted, point)


def _offer(classifier: Classifier, wanted: float, point: AnsweredShare) -> None:
    st.button(
        _("{share} right", share=fmt.share(wanted)),
        key=f"_classifier.wanted.{classifier.id}.{wanted}",
        help=_(
            "Sets the threshold to {threshold}: in the test, {answered} of the texts are answered then.",
            threshold=fmt.share(point.threshold),
            answered=fmt.share(point.answered),
        ),
        on_click=_set_threshold,
        args=(classifier, point.threshold),
    )


def _set_threshold(classifier: Classifier, threshold: float) -> None:
    change(classifier, "threshold", threshold)
    session.flash(
        _("Kept: it answers from a confidence of {share} on.", share=fmt.share(threshold))
    )


def offer_training(classifier: Classifier, place: str) -> None:
    """Say when learning is due, and offer it; `place` tells the button from others."""
    state = classifier.training_state()
    if state.state not in ("stale", "failed", "untrained"):
        return
    st.caption(notice.plain(translate(state.notice)))
    st.button(
        _("Train again") if state.is_usable else _("Train now"),
        key=f"_classifier.train.{place}.{classifier.id}",
        type="secondary" if state.is_usable else "primary",
        on_click=_train,
        args=(classifier,),
    )


def _train(classifier: Classifier) -> None:
    classifier.train()
