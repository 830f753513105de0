"""Texts that a model makes for labels with few examples: asked for, looked at, kept or not."""

from __future__ import annotations

import streamlit as st

from components import cache, classifier_tables, notice, progress, session, who
from components.i18n import _, ngettext, translate
from studio.acting import Role
from studio.errors import StudioError
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.making import N_EACH, MadeText, Proposals
from studio.records import Task

N_LABELS = 10


def show(classifier: Classifier) -> None:
    """Draw the way to new texts, or those that wait for a person; nothing for who may not build."""
    if not who.may(Role.EDITOR) or not classifier.training_state().is_usable:
        return
    rare = classifier.rare_labels()
    waiting = classifier.proposals()
    if not rare and waiting is None:
        return
    st.subheader(
        _("More examples of rare labels"),
        anchor=False,
        help=_(
            "A model writes them from examples that are learnt from. You look at each; what you keep is"
            " marked as made by a model, learnt from, and never tested with."
        ),
    )
    progress.watch(classifier.making, key=f"classifier.{classifier.id}.making")
    if progress.is_active(classifier.making()):
        return
    if waiting is None:
        _ask(classifier, rare)
    else:
        _look(classifier, waiting)


def _ask(classifier: Classifier, rare: tuple[str, ...]) -> None:
    models = {spec.id: spec.name for spec in cache.workbench().ready_models(Task.GENERATION)}
    if not models:
        notice.show(_("No text model is on this computer. Load one on the Models page first."))
        return
    key = f"_classifier.making.{classifier.id}"
    left, right = st.columns(2)
    labels = left.multiselect(_("Labels"), rare, default=rare[:N_LABELS], key=f"{key}.labels")
    model = right.selectbox(
        _("Model that writes"),
        list(models),
        format_func=models.__getitem__,
        help=_("The larger it is, the more of its texts can be used."),
        key=f"{key}.model",
    )
    n = N_EACH * len(labels)
    if st.button(
        ngettext("Write {n} text", "Write {n} texts", n),
        key=f"{key}.start",
        icon=":material/edit_note:",
        disabled=not labels,
    ):
        classifier.make_texts(labels, model)
        st.rerun()


def _look(classifier: Classifier, waiting: Proposals) -> None:
    import pandas as pd

    if waiting.n_dropped:
        st.caption(
            ngettext(
                "{n} text was of no use: a copy, too near to the test, or read as another label.",
                "{n} texts were of no use: copies, too near to the test, or read as another label.",
                waiting.n_dropped,
            )
        )
    keep = _("Keep")
    ticks = [False] * len(waiting.made)
    if waiting.made:
        table = pd.DataFrame(
            {
                keep: ticks,
                _("Label name"): [one.label for one in waiting.made],
                _("Made by the model"): [one.text for one in waiting.made],
                _("From"): [one.made_from for one in waiting.made],
            }
        )
        edited = st.data_editor(
            table,
            disabled=[column for column in table.columns if column != keep],
            column_config={keep: st.column_config.CheckboxColumn(width="small")},
            hide_index=True,
            key=f"_classifier.made.{classifier.id}.{hash(waiting)}",
        )
        ticks = list(edited[keep])
    chosen = [one for one, is_ticked in zip(waiting.made, ticks, strict=True) if is_ticked]
    with st.container(horizontal=True):
        if waiting.made and st.button(
            ngettext("Keep {n} text", "Keep {n} texts", len(chosen)) if chosen else _("Keep"),
            key=f"_classifier.made_keep.{classifier.id}",
            type="primary",
            disabled=not chosen,
        ):
            _decide(classifier, chosen)
            st.rerun()
        drop = _("Drop them") if waiting.made else _("Close")
        if st.button(drop, key=f"_classifier.made_drop.{classifier.id}"):
            classifier.keep_made(())
            st.rerun()


def _decide(classifier: Classifier, chosen: list[MadeText]) -> None:
    try:
        classifier.keep_made(chosen)
    except StudioError as error:
        session.flash(translate(error.notice))
        return
    session.flash(
        _("Kept in a table of its own, under Data. Remove that table to take them out again.")
    )
    classifier_tables.learn(classifier)
