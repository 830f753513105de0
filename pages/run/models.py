"""Models: the machine, the catalogue, adding a model, and a test box."""

from __future__ import annotations

import streamlit as st

from components import machine, model_cards, model_form, model_trial, session, shell, who
from components import model_labels as labels
from components.i18n import _
from studio.acting import Role
from studio.records import Task

with shell.page(_("Models"), _("What can search and write, and how fast it does so here.")):
    machine.show()
    session.default_widget_value(model_cards.PART, "catalogue")
    part = st.segmented_control(
        _("Part of the page"),
        ["catalogue", "add", "try"] if who.may(Role.EDITOR) else ["catalogue", "try"],
        required=True,
        label_visibility="collapsed",
        format_func={
            "catalogue": _("Catalogue"),
            "add": _("Add a model"),
            "try": _("Try a model"),
        }.__getitem__,
        key=model_cards.PART,
    )
    if part == "add":
        model_form.show()
    elif part == "try":
        model_trial.show()
    else:
        task = st.pills(
            _("What is it for"),
            list(Task),
            format_func=labels.task,
            label_visibility="collapsed",
            key="_models.task",
        )
        model_cards.show(task)
