"""Fine-tuning for one prototype: which of its models, a new tuning, and those there were."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from components import (
    builder_view,
    cache,
    notice,
    session,
    tune_compress,
    tune_examples,
    tune_form,
    tune_run,
    tune_words,
)
from components.i18n import _
from studio.inference.training.plan import Method
from studio.workbench import AnyPrototype

METHOD = "_tune.method"


def show(prototype: AnyPrototype) -> None:
    """Draw the page below the choice of the prototype."""
    methods = tune_words.methods_of(prototype)
    if not methods:
        notice.show(
            _(
                "This prototype asks no model that could be tuned. Choose a chatbot, a search, a"
                " classifier or a content prototype."
            )
        )
        return
    view = builder_view.choose({"tune": _("Tune"), "compress": _("Compress")}, key="_tune.view")
    method = _method(methods, tune_words.model if view == "compress" else tune_words.method)
    if view == "compress":
        _compress(prototype, method)
    else:
        _tune(prototype, method)


def _tune(prototype: AnyPrototype, method: Method) -> None:
    left, right = st.columns([5, 9], gap="medium")
    with left, st.container(key="panel_settings"):
        with st.expander(_("**1** Examples"), expanded=True, key=f"_tune.step1.{prototype.id}"):
            examples = tune_examples.show(prototype, method)
            cares = tune_examples.cares(prototype, method, examples)
        with st.expander(_("**2** Training"), expanded=True, key=f"_tune.step2.{prototype.id}"):
            tune_form.show(prototype, method, examples, cares)
    with right, st.container(key="panel_try"):
        _runs(prototype)


def _compress(prototype: AnyPrototype, method: Method) -> None:
    left, right = st.columns([5, 9], gap="medium")
    with left, st.container(key="panel_settings"):
        with st.expander(_("**1** Examples"), expanded=True, key=f"_tune.step1.{prototype.id}"):
            examples = tune_examples.show(prototype, method, is_learnt=False)
        with st.expander(_("**2** Compression"), expanded=True, key=f"_tune.step3.{prototype.id}"):
            tune_compress.form(prototype, method, examples)
    with right, st.container(key="panel_try"):
        tune_compress.runs(prototype)


def _method(methods: tuple[Method, ...], name: Callable[[Method], str]) -> Method:
    if session.widget_value(METHOD) not in methods:
        session.set_widget_value(METHOD, methods[0])
    chosen = st.segmented_control(
        _("Which model"),
        list(methods),
        format_func=name,
        required=True,
        key=METHOD,
    )
    return chosen or methods[0]


def _runs(prototype: AnyPrototype) -> None:
    """The tunings for this prototype, the newest open, the others folded."""
    runs = cache.workbench().tuning.runs(prototype.id)
    if not runs:
        notice.show(
            _(
                "What a tuning does and gains will be here: its progress, its losses, and how good the"
                " model is before and after. Choose examples and start."
            )
        )
        return
    tune_run.show(runs[0], prototype)
    for run in runs[1:]:
        with st.expander(notice.plain(tune_words.headline(run)), key=f"_tune.earlier.{run.id}"):
            if st.toggle(_("Show it"), key=f"_tune.show.{run.id}"):
                tune_run.show(run, prototype)
