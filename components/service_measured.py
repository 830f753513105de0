"""How many threads the models compute with here, what that was measured from, and measuring again."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from components import cache, progress, who
from components import format as fmt
from components.i18n import _, ngettext
from studio.acting import Role
from studio.workspace.store import utc_now


def show() -> None:
    """Draw the measurement of this computer, or the way to one."""
    bench = cache.workbench()
    st.header(_("This computer"), anchor=False)
    choice = bench.thread_choice()
    n_set = bench.settings.n_threads
    if bench.settings.threads_are_set:
        st.markdown(
            ngettext(
                "Models compute with {n} thread, as STUDIO_THREADS says.",
                "Models compute with {n} threads, as STUDIO_THREADS says.",
                n_set,
            )
        )
    elif choice is None:
        st.markdown(
            _(
                "How many threads are best here was not measured yet; the models use {n}. Measuring"
                " takes about ten seconds.",
                n=n_set,
            )
        )
    else:
        st.markdown(
            ngettext(
                "Models compute with {n} thread: measured {when} with {engine}.",
                "Models compute with {n} threads: measured {when} with {engine}.",
                choice.n_threads,
                when=fmt.ago(datetime.fromisoformat(choice.measured_at), utc_now()),
                engine=choice.engine,
            ),
            help=_(
                "The fewest that reach 95% of the most texts a second; the rest stays with the pages."
            ),
        )
        st.table(
            {
                _("Threads"): [fmt.count(one.n_threads) for one in choice.figures],
                _("One text"): [fmt.duration(one.one_ms / 1000) for one in choice.figures],
                _("16 texts at once"): [
                    fmt.per_second(one.texts_per_s, _("texts")) for one in choice.figures
                ],
            }
        )
    progress.watch(lambda: bench.jobs.latest("measure-machine", "machine"), key="service.measure")
    label = _("Measure this computer") if choice is None else _("Measure again")
    if who.may(Role.EDITOR) and st.button(label, icon=":material/speed:", key="_service.measure"):
        bench.measure_machine()
        st.rerun()
