"""The three numbered steps of a classifier's builder: data, labels, answers.

A step that is done is folded when the page is opened; it never folds while one is at work in it.
"""

from __future__ import annotations

import streamlit as st

from components import (
    cache,
    classifier_answers,
    classifier_labels,
    classifier_tables,
    people_words,
    session,
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
    with st.expander(
        _step(_("**1** Data"), classifier_tables.extent(classifier)),
        expanded=opens_data,
        key=f"_step.data.{classifier.id}",
    ):
        classifier_tables.show(
            classifier,
            max_upload_mb=bench.settings.max_upload_bytes >> 20,
            use_sample=lambda: bench.add_sample_data(classifier),
        )
    labels = classifier_labels.known(classifier, settings)
    extent = ngettext("{n} label", "{n} labels", len(labels)) if labels else ""
    with st.expander(_step(_("**2** Labels"), extent), key=f"_step.labels.{classifier.id}"):
        classifier_labels.show(classifier, settings)
    with st.expander(
        _("**3** Answers"), expanded=not opens_data, key=f"_step.answers.{classifier.id}"
    ):
        classifier_answers.show(classifier, settings)
    st.caption(people_words.kept())


def _step(name: str, extent: str) -> str:
    return f"{name} · {extent}" if extent else name
