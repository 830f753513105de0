"""The comparison of all business models: table, pictures, scenarios, and what can be taken away."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import streamlit as st

from components import (
    business_downloads,
    business_draft,
    business_report_serving,
    business_source,
    model_comparison,
    model_outlook,
    notice,
    scenario_panel,
    shell,
)
from components.i18n import _
from components.shown_currency import ShownCurrency
from studio.economics.models.registry import MODELS
from studio.errors import StudioError
from studio.workbench import AnyPrototype

KEY = "compare"


@st.fragment
@shell.guarded()
def show(prototype: AnyPrototype, shown: ShownCurrency) -> None:
    """Draw the six models on the same base, as they are assumed now."""
    shell.say_flash()
    source, draft = business_source.of(prototype), business_draft.load(prototype.id)
    try:
        results = [source.result(model, draft) for model in MODELS]
    except StudioError as error:
        notice.show(error.notice, "error")
        return
    model_comparison.show(results, shown, key=KEY)
    st.subheader(_("What may become of them"), anchor=False)
    model_outlook.show(source, draft, results, shown, key=KEY)
    st.subheader(_("Scenarios"), anchor=False)
    scenario_panel.show(prototype, shown, datetime.now(UTC))
    st.subheader(_("Take it away"), anchor=False)
    business_downloads.show(
        prototype,
        results,
        partial(source.outlooks, draft, results),
        partial(business_report_serving.charts, source, draft, results[0], shown),
        shown,
        key=KEY,
    )
