"""What a request of an API customer takes and costs, for each prototype: measured, never assumed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import cache
from components import format as fmt
from components.i18n import _
from studio.economics.measured_base import Distribution, MeasuredBase
from studio.errors import NotFound
from studio.workspace.api_key_record import ACCOUNT_PREFIX
from studio.workspace.publication_record import PublicationRecord


def show(publications: Sequence[PublicationRecord], state: str) -> None:
    """Draw a row for each prototype that customers asked; nothing where none was.

    Args:
        publications: whose prototypes are looked at.
        state: all that meters depend on.
    """
    import pandas as pd

    names = {one.prototype_id: one.headline for one in reversed(publications)}
    bases = {name: _base(prototype_id, state) for prototype_id, name in names.items()}
    rows = [_row(name, base) for name, base in bases.items() if base and base.n_requests]
    if not rows:
        return
    st.subheader(_("What a request takes"), anchor=False)
    st.table(pd.DataFrame(rows).set_index(_("Prototype")))
    st.caption(
        _(
            "Requests of customers only, the middle one (p50) and what 95 of 100 stay within (p95). They"
            " are part of what *Cost and latency* and *Business models* compute with."
        )
    )


def _base(prototype_id: str, state: str) -> MeasuredBase | None:
    try:
        return cache.measured_base(prototype_id, ACCOUNT_PREFIX, state)
    except NotFound:
        return None  # the prototype was deleted


def _row(name: str, base: MeasuredBase) -> dict[str, str]:
    return {
        _("Prototype"): name,
        _("Requests"): fmt.count(base.n_requests),
        _("Time, p50 (p95)"): _pair(base.total),
        _("First word"): _pair(base.first_token),
        _("Cost, mean"): _cost(base),
    }


def _pair(of: Distribution | None) -> str:
    if of is None:
        return "–"
    return f"{fmt.duration(of.p50 / 1000)} ({fmt.duration(of.p95 / 1000)})"


def _cost(base: MeasuredBase) -> str:
    if base.is_demo:
        return "–"
    return _("unknown") if base.cost is None else f"{fmt.number(base.cost.mean)} USD"
