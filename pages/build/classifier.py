"""Classifier: give it labelled texts, try it, label what is most useful, and see how good it is.

Address: `/classifier?prototype=<slug>`; without a prototype one is chosen or made.
"""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from components import (
    addressed,
    builder_switch,
    builder_view,
    classifier_data,
    classifier_labelling,
    classifier_quality,
    classifier_steps,
    classifier_try,
    prototype_chooser,
    prototype_header,
    shell,
)
from components.i18n import _
from studio.prototypes.classifier.classifier import Classifier


def build(classifier: Classifier) -> None:
    """The builder: settings on the left, the classifier itself on the right."""
    settings = classifier.settings
    prototype_header.show(classifier, datetime.now(UTC))
    builder_switch.show()
    left, right = st.columns([5, 9], gap="medium")
    with left, st.container(key="panel_settings"):
        classifier_steps.show(classifier, settings)
    with right, st.container(key="panel_try"):
        match builder_view.choose(
            {
                "try": _("Try it"),
                "label": _("Label more"),
                "test": _("How good it is"),
                "data": _("Your data"),
            }
        ):
            case "label":
                classifier_labelling.show(classifier)
            case "test":
                classifier_quality.show(classifier)
            case "data":
                classifier_data.show(classifier)
            case _:
                classifier_try.show(classifier)


with shell.page(""):
    opened = addressed.prototype(Classifier)
    if opened is None:
        prototype_chooser.show(Classifier.kind, datetime.now(UTC))
    else:
        build(opened)
