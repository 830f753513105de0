"""How a prototype's index stands: being built, ready, made by another model, or why it cannot be used.

The module draws the state that the prototype reports and starts a rebuild only on a click.
"""

from __future__ import annotations

import streamlit as st

from components import notice, progress
from components.i18n import _, ngettext, translate
from studio.jobs.runner import JobState
from studio.prototypes.knowledge import IndexState
from studio.workbench import AnyDocumented


def show(prototype: AnyDocumented) -> None:
    """Draw how the index stands to the documents; progress with cancel while it is being built."""
    state = prototype.index_state()
    if not _is_about_model(prototype, state):
        _draw(prototype, state)


def show_another_model(prototype: AnyDocumented) -> None:
    """Draw what a change of the search model means, until there is an index by the one that is set.

    Draws nothing where that is so. Stands beside the setting, as the documents may be folded away.
    """
    state = prototype.index_state()
    if _is_about_model(prototype, state):
        _draw(prototype, state)


def show_nothing(prototype: AnyDocumented, state: IndexState) -> None:
    """Draw why there is nothing to search in yet, and what to do about it."""
    if state.damage is not None:
        notice.show(translate(state.damage), "warning")
    elif state.state == "building":
        st.caption(_("The index is being built. Then there is something to search."))
    elif state.state != "empty":
        notice.show(translate(state.notice), _tone(state))
        if st.button(_("Build the index"), key=f"_index.{prototype.id}.build_here"):
            _build(prototype)
            st.rerun()  # the whole page, where this stands in a part of it: there is progress to see
    else:
        st.caption(_("Nothing to search yet. Add documents under Data, or use the sample."))


def _is_about_model(prototype: AnyDocumented, state: IndexState) -> bool:
    """Whether the documents are all indexed, but not by the model that is set."""
    if state.state == "mismatch":
        return True
    is_rebuilt = state.state in ("building", "failed") and state.is_usable
    return is_rebuilt and state.model != prototype.embedding_model


def _draw(prototype: AnyDocumented, state: IndexState) -> None:
    if state.state == "building":
        if state.damage is not None:
            notice.show(translate(state.damage), "warning")
        progress.watch(
            lambda: prototype.index_state().job,
            key=f"index.{prototype.id}",
            retry=prototype.update_index,
            seen_active=True,
        )
        if state.is_usable:
            st.caption(
                _("Until this is done, questions are answered with the index that is there.")
            )
    elif state.state == "ready":
        st.caption(
            ":material/check: "
            + ngettext(
                "Ready to search: {n} passage.", "Ready to search: {n} passages.", state.n_passages
            )
        )
    elif state.state != "empty":
        notice.show(translate(state.notice), _tone(state))
        if state.state == "mismatch":
            st.caption(_what_it_takes(state.n_passages))
        elif state.is_usable:
            _say_meanwhile()
        st.button(
            _("Build the index again") if state.is_usable else _("Build the index"),
            key=f"_index.{prototype.id}.build",
            type="primary",
            on_click=_build,
            args=(prototype,),
        )


def _tone(state: IndexState) -> notice.Tone:
    """How loud the state is said; what somebody stopped is no failure."""
    if state.state != "failed":
        return "warning"
    is_stopped = state.job is not None and state.job.state is JobState.CANCELLED
    return "info" if is_stopped else "error"


def _say_meanwhile() -> None:
    st.caption(_("Until this is done, questions are answered with the index that is there."))


def _what_it_takes(n_passages: int) -> str:
    """What building again means; how long it takes is not known before the new model has begun."""
    return ngettext(
        "The new model reads {n} passage once. You can go on working meanwhile, and stop it.",
        "The new model reads {n} passages once. You can go on working meanwhile, and stop it.",
        n_passages,
    )


def _build(prototype: AnyDocumented) -> None:
    prototype.update_index()
