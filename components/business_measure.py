"""Measure now: replay a prototype's own requests with several callers, with progress and a way out."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from components import cache, notice, progress, session, who
from components import format as fmt
from components.i18n import _, ngettext, sentences, translate
from studio.acting import Role
from studio.economics.replayed import Replay
from studio.errors import StudioError
from studio.prototypes.replay.measuring import MOST_RUNS
from studio.workbench import AnyPrototype

BUSY = 0.15
"""Share of the machine that other programs may use before a measurement is doubted."""
FEW = 10
"""Different requests below which a measurement says little of others."""


def show(prototype: AnyPrototype, *, is_needed: bool) -> None:
    """Draw the button, or the measurement that runs, and when it was measured last."""
    measuring = cache.workbench().measuring(prototype.id)
    job = measuring.job()
    if not progress.is_active(job) and not who.may(Role.EDITOR):
        _last(prototype, measuring.last())
        st.caption(_("An editor or an owner of this studio measures."))
    elif not progress.is_active(job):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                _("Measure now"),
                key=f"_measure.start.{prototype.id}",
                type="primary" if is_needed else "secondary",
                icon=":material/speed:",
                disabled=not measuring.can_start,
                help=_(
                    "Asks the prototype what it was asked before, by 1, 2, 4, 8 and 16 callers at once."
                    " Takes a minute or more, a quarter of an hour where answers are slow; you can go"
                    " on working. It adds to what was measured of this version before."
                ),
                on_click=_start,
                args=(prototype,),
            )
            last = measuring.last()
            if measuring.adds_up(last):
                st.button(
                    _("Measure anew"),
                    key=f"_measure.anew.{prototype.id}",
                    type="tertiary",
                    disabled=not measuring.can_start,
                    help=_(
                        "Leaves out the measurements so far once it is done: for when something"
                        " disturbed them, or the machine is another one now."
                    ),
                    on_click=_start,
                    args=(prototype,),
                    kwargs={"anew": True},
                )
            _last(prototype, last)
        if not measuring.can_start:
            st.caption(
                _(
                    "There is nothing to ask yet: add documents or tables and get them ready, or use"
                    " the prototype a few times."
                )
            )
    progress.watch(measuring.job, key=f"measure.{prototype.id}")


def runs(prototype: AnyPrototype) -> bool:
    """Whether it is being measured now."""
    return progress.is_active(cache.workbench().measuring(prototype.id).job())


def _start(prototype: AnyPrototype, *, anew: bool = False) -> None:
    try:
        cache.workbench().measuring(prototype.id).start(anew=anew)
    except StudioError as error:
        session.flash(translate(error.notice))


def _last(prototype: AnyPrototype, replay: Replay | None) -> None:
    if replay is None:
        return
    now = datetime.now(UTC)
    said = [_("Last measured {ago}.", ago=fmt.ago(replay.measured_at, now))]
    if replay.n_runs > 1:
        said.append(
            _(
                "{n} measurements of version {version} count together, {requests} requests of one "
                "caller.",
                n=replay.n_runs,
                version=replay.version,
                requests=len(replay.alone),
            )
        )
    if replay.n_runs >= MOST_RUNS:
        said.append(_("The next one begins anew."))
    if replay.version != prototype.version:
        said.append(
            _(
                "That was version {old}; now it is version {new}.",
                old=replay.version,
                new=prototype.version,
            )
        )
    if replay.n_failed:
        said.append(
            ngettext(
                "{n} request failed and is left out.",
                "{n} requests failed and are left out.",
                replay.n_failed,
            )
        )
    if replay.load is not None and replay.load > BUSY:
        said.append(
            _(
                "Other programs used {share} of the machine meanwhile, so it may be faster than "
                "measured.",
                share=fmt.share(replay.load),
            )
        )
    if 0 < replay.n_inputs < FEW:
        said.append(
            ngettext(
                "There was only {n} request to ask again and again, and models answer what they know"
                " sooner: the more the prototype is used, the truer this becomes.",
                "There were only {n} different requests to ask again and again, and models answer what"
                " they know sooner: the more the prototype is used, the truer this becomes.",
                replay.n_inputs,
            )
        )
    st.caption(notice.plain(sentences(*said)), help=fmt.exact_time(replay.measured_at))
