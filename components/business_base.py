"""The measured base of a prototype: how many real requests, what each stage took, what they cost.

Everything here comes from the ledger; where there is too little of it, the page says how much is
missing. The module draws; measuring more is `business_measure`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components import (
    base_figures,
    chart_distribution,
    chart_frame,
    figure_card,
    notice,
    stage_words,
)
from components import format as fmt
from components.i18n import _, ngettext
from components.shown_currency import ShownCurrency
from studio.economics.measured_base import MIN_REQUESTS, Distribution, MeasuredBase
from studio.prototypes.replay.measuring import ReplayPlan

if TYPE_CHECKING:
    import pandas as pd

PLAN = ReplayPlan()  # how much "measure now" asks


def show(base: MeasuredBase, shown: ShownCurrency) -> None:
    """Draw the base: figures, stages, and how the cost of a request is spread."""
    _how_much(base)
    if base.total is None:
        return
    figure_card.row(base_figures.of_base(base), shown, key="base")
    st.table(_stages(base, shown))
    st.caption(
        _(
            "Milliseconds and tokens per request: the middle one (p50), and what 95 of 100 stay"
            " within (p95). First word: time until the text begins (TTFT). Per token: time for each"
            " further token (TPOT)."
        )
    )
    _spread(base, shown)


def warn_if_few(base: MeasuredBase) -> None:
    """Say that what is computed rests on few requests, and how more are made; nothing for enough."""
    if not base.n_missing:
        return
    notice.show(
        ngettext(
            "{n} more request is needed before these figures mean much (at least {least}). Use the"
            " prototype, or measure it now: it is then asked up to {asked} times, one after the other,"
            " for at most {limit}.",
            "{n} more requests are needed before these figures mean much (at least {least}). Use the"
            " prototype, or measure it now: it is then asked up to {asked} times, one after the other,"
            " for at most {limit}.",
            base.n_missing,
            least=MIN_REQUESTS,
            asked=PLAN.n_alone,
            limit=fmt.duration(PLAN.alone_limit_s),
        ),
        "warning",
    )


def _how_much(base: MeasuredBase) -> None:
    """How many requests there are, and how many are wanting."""
    _outdated(base)
    if base.n_requests == 0:
        notice.show(
            _(
                "No request was measured yet. Use the prototype, or press Measure now: it asks the"
                " prototype its own questions."
            )
        )
        return
    counted = ngettext("{n} real request", "{n} real requests", base.n_requests)
    parts = [counted]
    if base.first_at is not None and base.last_at is not None:
        parts.append(
            _(
                "from {first} to {last}",
                first=fmt.exact_time(base.first_at),
                last=fmt.exact_time(base.last_at),
            )
        )
    if base.n_replayed:
        parts.append(
            ngettext(
                "{n} of them asked by Measure now",
                "{n} of them asked by Measure now",
                base.n_replayed,
            )
        )
    if base.n_failed:
        parts.append(ngettext("{n} failed, left out", "{n} failed, left out", base.n_failed))
    st.caption(" · ".join(parts))
    warn_if_few(base)


def _outdated(base: MeasuredBase) -> None:
    """How many requests other models answered than the prototype has now; nothing for none."""
    if base.n_outdated:
        text = ngettext(
            "{n} older request is left out: {models} answered it, and this prototype has another"
            " model now.",
            "{n} older requests are left out: {models} answered them, and this prototype has other"
            " models now.",
            base.n_outdated,
            models=", ".join(base.outdated_models),
        )
        st.caption(notice.plain(text))


def _stages(base: MeasuredBase, shown: ShownCurrency) -> pd.DataFrame:
    import pandas as pd

    names = {
        "stage": _("Stage"),
        "model": _("Model"),
        "in": _("Tokens in, p50 (p95)"),
        "out": _("Tokens out"),
        "ms": _("Time in ms"),
        "first": _("First word"),
        "each": _("Per token"),
        "cost": _("Cost, mean"),
    }
    rows = [
        {
            names["stage"]: stage_words.name(stage.stage),
            names["model"]: notice.plain(stage.model) or "–",
            names["in"]: _pair(stage.tokens_in),
            names["out"]: _pair(stage.tokens_out),
            names["ms"]: _pair(stage.total_ms),
            names["first"]: _pair(stage.first_token_ms),
            names["each"]: _pair(stage.per_token_ms),
            names["cost"]: "–" if stage.cost_usd is None else shown.money(stage.cost_usd.mean),
        }
        for stage in base.stages
    ]
    return pd.DataFrame(rows).set_index(names["stage"])


def _pair(of: Distribution | None) -> str:
    if of is None or of.maximum == 0:
        return "–"
    return f"{fmt.number(of.p50)} ({fmt.number(of.p95)})"


def _spread(base: MeasuredBase, shown: ShownCurrency) -> None:
    if base.cost is None:
        return
    with st.expander(_("How costs are spread over the requests"), key="_cost.spread"):
        chart = chart_distribution.figure(
            [value * shown.per_usd for value in base.cost_usd],
            chart_frame.Axis(title=_("Cost of a request"), unit=shown.code),
        )
        chart_frame.show(
            chart,
            key="cost_spread",
            alt=_(
                "Histogram of the cost of a request: half of them cost at most {p50}, 99 of 100 at"
                " most {p99}.",
                p50=shown.money(base.cost.p50),
                p99=shown.money(base.cost.p99),
            ),
        )
