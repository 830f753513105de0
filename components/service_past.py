"""The load of a time, from the ledger: charts, and tables by stage, prototype and user."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import streamlit as st

from components import cache, chart_frame, chart_service, failure_words, notice, stage_words
from components import format as fmt
from components import model_labels as labels
from components.i18n import _
from studio.ledger.load import Load, LoadFigures, load_of
from studio.records import Task

N_SHOWN = 20


def show(length: timedelta, now: datetime) -> None:
    """Draw the load of the time before an aware moment."""
    bench = cache.workbench()
    since = now - length
    load = load_of(bench.ledger.frame(since=since), since, now)
    if not load.total.n_calls:
        notice.show(
            _(
                "No model was called in this time. Ask a prototype something, and its calls stand here"
                " a moment later."
            )
        )
        return
    _charts(load)
    st.subheader(_("By kind of work"), anchor=False)
    _table(load.stages, _("Work"), _work, key="stages")
    if load.errors:
        st.subheader(_("What failed"), anchor=False)
        st.table(
            {
                _("What happened"): [failure_words.said(name) for name, _n in load.errors],
                _("How often"): [fmt.count(n) for _name, n in load.errors],
            }
        )
    st.subheader(_("By prototype"), anchor=False)
    names = {one.id: one.name for one in bench.workspace.prototypes.list(include_deleted=True)}
    _table(load.prototypes, _("Prototype"), lambda key: _prototype(names, key), key="prototypes")
    st.subheader(_("By user"), anchor=False)
    _table(load.accounts, _("User"), _user_names(), key="accounts")


def _charts(load: Load) -> None:
    total = load.total
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"**{_('How much was asked')}**")
        chart_frame.show(
            chart_service.calls(load.moments),
            key="service_calls",
            alt=_("{n} model calls over the time", n=fmt.count(total.n_calls)),
        )
    with right:
        st.markdown(f"**{_('How long people waited')}**")
        chart_frame.show(
            chart_service.latency(load.moments),
            key="service_latency",
            alt=_("95 of 100 calls took {time} or less", time=_time(total.p95_ms)),
        )


def _table(rows: Sequence[LoadFigures], what: str, name: Callable[[str], str], *, key: str) -> None:
    shown = rows[:N_SHOWN]
    st.dataframe(
        {
            what: [name(one.name) for one in shown],
            _("Calls"): [one.n_calls for one in shown],
            _("Of jobs"): [one.n_background for one in shown],
            _("Failed"): [one.n_failed for one in shown],
            _("p50"): [_time(one.p50_ms) for one in shown],
            _("p95"): [_time(one.p95_ms) for one in shown],
            _("Waited, p95"): [_time(one.queue_p95_ms) for one in shown],
            _("First words, p95"): [_time(one.first_token_p95_ms) for one in shown],
            _("Together"): [_number(one.mean_batch) for one in shown],
            _("Tokens"): [one.tokens_in + one.tokens_out for one in shown],
            _("Prompt spared"): [_share(one.cached_share) for one in shown],
            _("Machine"): [_share(one.busy_share) for one in shown],
        },
        hide_index=True,
        key=f"service_{key}",
        column_config={
            _("Together"): st.column_config.TextColumn(
                help=_("How many requests worked together in a pass, on average (batch size).")
            ),
            _("Prompt spared"): st.column_config.TextColumn(
                help=_(
                    "Share of the tokens read that were in the model's memory already, as the"
                    " endpoint tells; models on this computer cannot tell."
                )
            ),
            _("Machine"): st.column_config.TextColumn(
                help=_("Share of the time that a model worked for this.")
            ),
        },
    )
    if len(rows) > N_SHOWN:
        st.caption(_("The {n} with most calls of {total}.", n=N_SHOWN, total=len(rows)))


def _work(stage: str) -> str:
    """A stage as what a model is for; not every stage is a model's."""
    return labels.task(Task(stage)) if stage in list(Task) else stage_words.name(stage)


def _prototype(names: dict[str, str], key: str) -> str:
    return (
        names.get(key, _("one that was deleted for good")) if key else _("none (a model was tried)")
    )


def _user_names() -> Callable[[str], str]:
    """Account -> what people call it."""
    workspace = cache.workbench().workspace
    keys = {key.account: key.name for key in workspace.api_keys.list()}
    demos = {one.id: one.headline for one in workspace.publications.list(include_ended=True)}

    def name(account: str) -> str:
        if not account:
            return _("you and your team")
        if account in keys:
            return _("API key {name}", name=keys[account])
        kind, _colon, rest = account.partition(":")
        publication, _colon, visitor = rest.partition(":")
        if kind == "demo" and publication in demos:
            return _("visitor {visitor} of {name}", visitor=visitor[:6], name=demos[publication])
        return account

    return name


def _time(milliseconds: float | None) -> str:
    return "–" if milliseconds is None else fmt.duration(milliseconds / 1000)


def _number(value: float | None) -> str:
    return "–" if value is None else fmt.number(value)


def _share(value: float | None) -> str:
    return "–" if value is None else fmt.share(value)
