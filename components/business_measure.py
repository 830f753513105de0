"""Measure now: replay a prototype's own requests with several callers, with progress and a way out."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from components import cache, notice, progress, session
from components import format as fmt
from components.i18n import _, ngettext, translate
from studio.errors import StudioError
from studio.workbench import AnyPrototype

BUSY = 0.15
"""Share of the machine that other programs may use before a measurement is doubted."""
FEW = 10
"""Different requests below which a measurement says little of others."""


def show(prototype: AnyPrototype, *, is_needed: bool) -> None:
    """Draw the button, or the measurement that runs, and when it was measured last."""
    measuring = cache.workbench().measuring(prototype.id)
    job = measuring.job()
    if not progress.is_active(job):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                _("Measure now"),
                key=f"_measure.start.{prototype.id}",
                type="primary" if is_needed else "secondary",
                icon=":material/speed:",
                disabled=not measuring.can_start,
                help=_(
                    "Asks the prototype what it was asked before, by 1, 2, 4, 8 and 16 callers at once."
                    " Takes a minute or more; you can go on working."
                ),
                on_click=_start,
                args=(prototype,),
            )
            _last(prototype)
        if not measuring.can_start:
            st.caption(
                _(
                    "There is nothing to ask yet: add documents or tables and get them ready, or use"
                    " the prototype a few times."
                )
            )
    progress.watch(measuring.job, key=f"measure.{prototype.id}")


def _start(prototype: AnyPrototype) -> None:
    try:
        cache.workbench().measuring(prototype.id).start()
    except StudioError as error:
        session.flash(translate(error.notice))


def _last(prototype: AnyPrototype) -> None:
    replay = cache.workbench().measuring(prototype.id).last()
    if replay is None:
        return
    now = datetime.now(UTC)
    text = _("Last measured {ago}.", ago=fmt.ago(replay.measured_at, now))
    if replay.version != prototype.version:
        text += " " + _(
            "That was version {old}; now it is version {new}.",
            old=replay.version,
            new=prototype.version,
        )
    if replay.load is not None and replay.load > BUSY:
        text += " " + _(
            "Other programs used {share} of the machine meanwhile, so it may be faster than measured.",
            share=fmt.share(replay.load),
        )
    if 0 < replay.n_inputs < FEW:
        text += " " + ngettext(
            "There was only {n} request to ask again and again, and models answer what they know"
            " sooner: the more the prototype is used, the truer this becomes.",
            "There were only {n} different requests to ask again and again, and models answer what they"
            " know sooner: the more the prototype is used, the truer this becomes.",
            replay.n_inputs,
        )
    st.caption(notice.plain(text), help=fmt.exact_time(replay.measured_at))
