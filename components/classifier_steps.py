"""The three numbered steps of a classifier's builder: data, labels, answers.

A step that is done is folded when the page is opened; it never folds while one is at work in it.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import (
    cache,
    classifier_answers,
    classifier_labels,
    classifier_tables,
    people_words,
    progress,
    session,
    step,
)
from components.i18n import _, ngettext
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.settings import ClassifierSettings


def show(classifier: Classifier, settings: ClassifierSettings) -> None:
    """Draw the steps."""
    bench = cache.workbench()
    opens_data = session.remembered(
        f"classifier.opens_data.{classifier.id}", not classifier.desk.fingerprint()
    )
    step.show(
        _label(_("**1** Data"), classifier_tables.extent(classifier)),
        partial(
            classifier_tables.show,
            classifier,
            max_upload_mb=bench.settings.max_upload_bytes >> 20,
            use_sample=partial(bench.add_sample_data, classifier),
        ),
        key=f"_step.data.{classifier.id}",
        is_open=opens_data,
        goes_on=progress.is_active(classifier.training()),
    )
    labels = classifier_labels.known(classifier, settings)
    extent = ngettext("{n} label", "{n} labels", len(labels)) if labels else ""
    step.show(
        _label(_("**2** Labels"), extent),
        partial(classifier_labels.show, classifier, settings),
        key=f"_step.labels.{classifier.id}",
    )
    step.show(
        _("**3** Answers"),
        partial(classifier_answers.show, classifier, settings),
        key=f"_step.answers.{classifier.id}",
        is_open=not opens_data,
    )
    st.caption(people_words.kept())


def _label(name: str, extent: str) -> str:
    return f"{name} · {extent}" if extent else name
