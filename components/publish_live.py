"""What visitors of a demo do right now, for whoever presents it; keeps itself fresh."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from statistics import median

import pandas as pd
import streamlit as st

from components import cache, notice, shell, stage_words
from components import format as fmt
from components.i18n import _
from studio.sharing.activity import LiveRequest
from studio.sharing.allowance import DayUse
from studio.workspace.publication_record import PublicationRecord

LOOK_S = 3.0  # between two looks at the ledger


def show(publication: PublicationRecord) -> None:
    """Draw today's figures and the latest requests."""

    @st.fragment(run_every=LOOK_S)
    @shell.guarded()
    def panel() -> None:
        sharing = cache.workbench().sharing
        latest = sharing.latest(publication.id)
        _figures(publication, sharing.used(publication.id), latest)
        _requests(latest)

    panel()


def _figures(publication: PublicationRecord, used: DayUse, latest: Sequence[LiveRequest]) -> None:
    with st.container(horizontal=True, key="publish_figures"):
        st.metric(_("Visitors today"), fmt.count(used.n_visitors))
        st.metric(_("Requests today"), fmt.count(used.n_requests))
        times = [one.total_ms / 1000 for one in latest if not one.has_failed]
        st.metric(
            _("Typical time"),
            fmt.duration(median(times)) if times else "–",
            help=_("The median of the latest {n} requests.", n=len(times)),
        )
        exact = _("unknown") if used.spent_usd is None else f"{used.spent_usd:f} USD"
        st.metric(_("Spent today"), fmt.money(used.spent_usd), help=exact)
    budget = publication.money_per_day_usd
    if budget is not None and used.spent_usd is not None:
        st.progress(min(1.0, float(used.spent_usd / budget)), _budget(used.spent_usd, budget))
    if budget is not None and used.spent_usd is None:
        notice.show(
            _(
                "The price of a model is unknown, so this demo is closed: its limit in money cannot be"
                " kept. Enter a price under Models, or take the limit away."
            ),
            "warning",
        )


def _budget(spent: Decimal, budget: Decimal) -> str:
    return notice.plain(
        _(
            "{spent} of today's {budget}",
            spent=fmt.money(spent),
            budget=fmt.money(budget),
        )
    )


def _requests(latest: Sequence[LiveRequest]) -> None:
    if not latest:
        st.caption(_("Nobody asked anything within a week. Each request appears here at once."))
        return
    now = datetime.now(UTC)
    rows = pd.DataFrame(
        {
            _("When"): [fmt.ago(one.started_at, now) for one in latest],
            _("Visitor"): [one.visitor for one in latest],
            _("Time"): [fmt.duration(one.total_ms / 1000) for one in latest],
            _("First word"): [_first(one) for one in latest],
            _("Cost"): [fmt.money(one.cost_usd) for one in latest],
            _("Tokens in"): [one.tokens_in for one in latest],
            _("Tokens out"): [one.tokens_out for one in latest],
            _("Version"): [one.version for one in latest],
            _("What was done"): [_stages(one) for one in latest],
        }
    )
    st.dataframe(rows, hide_index=True, width="stretch")


def _first(request: LiveRequest) -> str:
    ms = request.first_token_ms
    return "–" if ms is None else fmt.duration(ms / 1000)


def _stages(request: LiveRequest) -> str:
    names = [stage_words.name(stage) for stage in request.stages]
    return ", ".join([*names, _("failed")] if request.has_failed else names)
