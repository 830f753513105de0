"""Step 2 of a classifier: its labels, what each means, new ones, and those that are one by mistake.

Every change is kept at once and learnt from in the background. The module draws.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import classifier_tables, notice, session
from components.i18n import _, ngettext, translate
from studio.errors import StudioError
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.label_names import LabelPair
from studio.prototypes.classifier.settings import (
    MAX_DESCRIPTION,
    MAX_LABEL,
    ClassifierSettings,
)

N_SHOWN = 12


def known(classifier: Classifier, settings: ClassifierSettings) -> tuple[str, ...]:
    """The labels that are described or learnt, each once."""
    described = (name for name, _meaning in settings.label_meanings)
    merged = dict(settings.merged)
    learnt = classifier.training_state().labels
    return tuple(one for one in dict.fromkeys((*described, *learnt)) if one not in merged)


def show(classifier: Classifier, settings: ClassifierSettings) -> None:
    """Draw the labels with what they mean, and what may be a typing mistake."""
    report = classifier.report()
    if report is not None:
        _alike(
            classifier, [pair for pair in report.alike if pair.rare not in dict(settings.merged)]
        )
    _merged(classifier, settings)
    labels = known(classifier, settings)
    if labels:
        st.caption(
            _("Say in a few words what belongs to a label. It helps most while examples are few."),
        )
    counts = {} if report is None else dict(report.balance)
    described = dict(settings.label_meanings)
    n_shown = len(labels)
    if len(labels) > N_SHOWN and not st.toggle(
        _("Show all"), key=f"_classifier.all_labels.{classifier.id}"
    ):
        n_shown = N_SHOWN
    for at, label in enumerate(labels[:n_shown]):
        _label(classifier, label, described, counts.get(label, 0), at)
    _new(classifier)


def _label(
    classifier: Classifier, label: str, described: dict[str, str], n_examples: int, at: int
) -> None:
    key = f"_classifier.meaning.{classifier.id}.{at}.{label}"
    session.fill_widget(key, described.get(label, ""), is_typed=True)
    n_shown = ngettext("{n} example", "{n} examples", n_examples)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            f"{notice.plain(label)} :gray[· {n_shown}]",
            key=key,
            max_chars=MAX_DESCRIPTION,
            placeholder=_("What belongs here"),
            on_change=_describe,
            args=(classifier, label, key),
        )
        if label in described and not n_examples:
            st.button(
                ":material/close:",
                key=f"_classifier.forget.{classifier.id}.{at}",
                type="tertiary",
                help=_("Remove {name}", name=notice.plain(label)),
                on_click=_forget,
                args=(classifier, label),
            )


def _new(classifier: Classifier) -> None:
    key = f"_classifier.new_label.{classifier.id}"
    form = st.form(f"classifier_new_label_{classifier.id}", border=False, clear_on_submit=True)
    with form, st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(_("New label"), key=key, max_chars=MAX_LABEL)
        st.form_submit_button(_("Add"), on_click=_add, args=(classifier, key))


def _alike(classifier: Classifier, pairs: Sequence[LabelPair]) -> None:
    for at, pair in enumerate(pairs[:N_SHOWN]):
        with st.container(border=True, key=f"classifier_alike_{at}"):
            st.markdown(
                notice.plain(
                    _(
                        "“{rare}” ({n_rare}) may be “{frequent}” ({n_frequent}) with a typing mistake.",
                        rare=pair.rare,
                        n_rare=pair.n_rare,
                        frequent=pair.frequent,
                        n_frequent=pair.n_frequent,
                    )
                )
            )
            st.button(
                notice.plain(_("Count it as “{label}”", label=pair.frequent)),
                key=f"_classifier.merge.{classifier.id}.{at}",
                on_click=_merge,
                args=(classifier, pair.rare, pair.frequent),
            )


def _merged(classifier: Classifier, settings: ClassifierSettings) -> None:
    for at, (label, into) in enumerate(settings.merged):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(
                notice.plain(_("“{label}” counts as “{into}”", label=label, into=into)),
                width="content",
            )
            st.button(
                _("Undo"),
                key=f"_classifier.split.{classifier.id}.{at}",
                type="tertiary",
                on_click=_split,
                args=(classifier, label),
            )


def _describe(classifier: Classifier, label: str, key: str) -> None:
    _keep(classifier, label, str(session.widget_value(key) or ""))


def _add(classifier: Classifier, key: str) -> None:
    name = str(session.widget_value(key) or "").strip()
    if name:
        _keep(classifier, name, dict(classifier.settings.label_meanings).get(name, ""))


def _keep(classifier: Classifier, label: str, meaning: str) -> None:
    try:
        classifier.desk.describe(label, meaning)
    except StudioError as error:
        session.flash(translate(error.notice))
        return
    _learn_if_two(classifier)


def _forget(classifier: Classifier, label: str) -> None:
    classifier.desk.forget(label)
    _learn_if_two(classifier)


def _merge(classifier: Classifier, label: str, into: str) -> None:
    classifier.desk.merge(label, into)
    classifier_tables.learn(classifier)


def _split(classifier: Classifier, label: str) -> None:
    classifier.desk.split(label)
    classifier_tables.learn(classifier)


def _learn_if_two(classifier: Classifier) -> None:
    """The first label alone is nothing to tell apart yet, and no failure worth showing."""
    if len(known(classifier, classifier.settings)) >= 2 or classifier.desk.tables():
        classifier_tables.learn(classifier)
