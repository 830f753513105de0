"""Cost and latency: what was measured of a prototype, and what it costs and takes however it is served.

Address: `/cost?prototype=<slug>`.
"""

from __future__ import annotations

import streamlit as st

from components import (
    business_base,
    business_head,
    business_measure,
    business_source,
    business_whose,
    serving_panel,
    shell,
)
from components.i18n import _
from components.shown_currency import ShownCurrency
from studio.workbench import AnyPrototype


def draw(prototype: AnyPrototype, shown: ShownCurrency) -> None:
    """The measured base, then the ways of serving it."""
    base = business_source.of(prototype).base()
    st.header(_("Measured"), anchor=False)
    business_measure.show(prototype, is_needed=bool(base.n_missing))
    business_whose.show(prototype)
    if base.n_requests or not business_measure.runs(prototype):
        business_base.show(base, shown)
    if base.n_requests:
        serving_panel.show(prototype, shown)


with shell.page(
    _("Cost and latency"),
    _(
        "What a request costs and how long it takes: measured here, and for every other way to serve it."
    ),
):
    chosen, currency = business_head.show()
    if chosen is not None:
        draw(chosen, currency)
