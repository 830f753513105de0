"""What the prototypes were used for: calls, cost and failures of a time, from the ledger."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import streamlit as st

from components import cache, failure_words, notice, stage_words
from components import format as fmt
from components.i18n import _
from studio.economics.usage import usage_by_prototype

N_ERRORS = 50


def show(since: datetime) -> None:
    """Draw usage per prototype and the latest failures since an aware time."""
    calls = cache.workbench().calls(since=since)
    if calls.empty:
        notice.show(_("No model was called in this time."))
        return
    records = cache.workbench().workspace.prototypes.list(include_deleted=True)
    names = {record.id: record.name for record in records}
    usages = usage_by_prototype(calls)
    st.dataframe(
        {
            _("Prototype"): [_name(names, usage.prototype_id) for usage in usages],
            _("Requests"): [usage.n_requests for usage in usages],
            _("Model calls"): [usage.n_calls for usage in usages],
            _("Failed"): [usage.n_failed for usage in usages],
            _("Tokens"): [usage.n_tokens for usage in usages],
            _("Cost"): [fmt.money(usage.cost_usd) for usage in usages],
            _("Without a price"): [usage.n_unpriced for usage in usages],
        },
        hide_index=True,
        column_config={_("Tokens"): st.column_config.NumberColumn(format="localized")},
        key="activity_usage",
    )
    _failures(calls, names)


def _failures(calls: pd.DataFrame, names: dict[str, str]) -> None:
    failed = calls[calls["error"].notna()].iloc[::-1].head(N_ERRORS)
    st.subheader(_("Failed calls"), anchor=False)
    if failed.empty:
        st.markdown(f":gray[{_('None in this time.')}]")
        return
    st.dataframe(
        {
            _("When"): list(failed["started_at"]),
            _("Prototype"): [_name(names, owner) for owner in failed["prototype_id"].fillna("")],
            _("Stage"): [stage_words.name(stage) for stage in failed["stage"]],
            _("Model"): list(failed["model"]),
            _("What happened"): [failure_words.said(name) for name in failed["error"]],
        },
        hide_index=True,
        column_config={_("When"): st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm")},
        key="activity_failures",
    )


def _name(names: dict[str, str], prototype_id: str) -> str:
    if not prototype_id:
        return _("none (a model was tried)")
    return names.get(prototype_id, _("one that was deleted for good"))
