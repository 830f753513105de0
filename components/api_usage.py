"""Meters: what each key used in the last 30 days, as a table and day by day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from components import api_usage_words, cache, chart_days, chart_frame, i18n, session
from components import format as fmt
from components.i18n import _
from studio.metering import DayUsage, Usage
from studio.workspace.api_key_record import ACCOUNT_PREFIX, ApiKeyRecord

if TYPE_CHECKING:
    import pandas as pd

N_DAYS = 30
MEASURE = "_api.measure"


def state(today: date) -> str:
    """All that meters of keys depend on: their calls, prices, and which day it is."""
    bench = cache.workbench()
    book = bench.prices()
    prices = sorted((model, repr(price)) for model, price in book.overrides.items())
    last_call = bench.meters.last_call(ACCOUNT_PREFIX)
    return repr((last_call, today, book.machine_hour_usd, prices))


def show(keys: Sequence[ApiKeyRecord], days: Sequence[DayUsage], today: date) -> None:
    """Draw the table and the chart; nothing was used yet is said in a sentence.

    Args:
        keys: all of them, for their names.
        days: what each used on each day.
        today: the last day of the chart.
    """
    if not days:
        st.caption(_("No key was used in the last {n} days.", n=N_DAYS))
        return
    names = _names(keys)
    sums = _sums(days)
    st.table(_table(names, sums))
    measures = {"requests": _("Requests"), "tokens": _("Tokens"), "cost": _("Cost")}
    session.default_widget_value(MEASURE, "requests")
    chosen = st.segmented_control(
        _("What the chart shows"),
        list(measures),
        format_func=measures.__getitem__,
        key=MEASURE,
        required=True,
        label_visibility="collapsed",
    )
    measure = str(chosen)
    axis = chart_frame.Axis(
        title=measures[measure], unit="USD" if measure == "cost" else "", starts_at_zero=True
    )
    first = today - timedelta(days=N_DAYS - 1)
    bars: dict[str, dict[date, float]] = {}
    for one in days:
        bars.setdefault(names[one.account], {})[one.day] = _value(one.usage, measure)
    told = repr((bars, axis, today, i18n.language()))
    chart_frame.show(
        cache.chart(told, partial(chart_days.figure, bars, axis, first=first, last=today)),
        key="api_usage",
        alt=_("Bars for each day: {what} of each key.", what=measures[measure]),
    )
    st.caption(
        _(
            "The last {n} days, from the ledger's own calls, priced as of now.",
            n=N_DAYS,
        )
    )


def _names(keys: Sequence[ApiKeyRecord]) -> Mapping[str, str]:
    """Account -> name; those of the same name are told apart by their beginning."""
    taken = [key.name for key in keys]
    return {
        key.account: key.name if taken.count(key.name) == 1 else f"{key.name} ({key.prefix}…)"
        for key in keys
    }


def _sums(days: Sequence[DayUsage]) -> Mapping[str, Usage]:
    sums: dict[str, Usage] = {}
    for one in days:
        sums[one.account] = sums.get(one.account, Usage()) + one.usage
    return dict(sorted(sums.items(), key=lambda item: -item[1].n_requests))


def _table(names: Mapping[str, str], sums: Mapping[str, Usage]) -> pd.DataFrame:
    import pandas as pd

    key = _("API key")
    rows = [
        {
            key: names[account],
            _("Requests"): fmt.count(used.n_requests),
            _("Failed"): fmt.count(used.n_failed),
            _("Tokens in"): fmt.count(used.tokens_in),
            _("Tokens out"): fmt.count(used.tokens_out),
            _("Cost"): api_usage_words.cost(used),
        }
        for account, used in sums.items()
    ]
    return pd.DataFrame(rows).set_index(key)


def _value(used: Usage, measure: str) -> float:
    match measure:
        case "tokens":
            return float(used.tokens)
        case "cost":
            return float(used.cost_usd)
    return float(used.n_requests)
