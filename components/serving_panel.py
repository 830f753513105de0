"""How a prototype would be served, and what that comes to: cost by stage, all ways compared, load.

Everything below the measured base is one fragment: a change of the choice or of the load redraws this
part alone.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import (
    business_draft,
    business_source,
    crossover_panel,
    load_form,
    load_panel,
    notice,
    serving_compare,
    serving_cost,
    serving_form,
    serving_offer,
    shell,
    traffic_panel,
)
from components.business_draft import Draft
from components.business_source import Source
from components.i18n import _
from components.shown_currency import ShownCurrency
from studio.economics.serving import Serving
from studio.economics.serving_choice import AsMeasured, ServingChoice
from studio.errors import StudioError
from studio.workbench import AnyPrototype

KEY = "cost"


def here() -> AsMeasured:
    """On this machine, at the price that Settings has."""
    return AsMeasured()


@st.fragment
@shell.guarded()
def show(prototype: AnyPrototype, shown: ShownCurrency) -> None:
    """Draw the choice and what it comes to."""
    shell.say_flash()
    source = business_source.of(prototype)
    st.header(_("How it would be served"), anchor=False)
    draft = business_draft.load(prototype.id)
    choice = draft.choice
    keep = partial(business_draft.keep_choice, prototype.id)
    offer = serving_offer.of(source.base())
    serving_form.show(choice, keep, offer, key=KEY)
    try:
        serving = source.serving(choice)
    except StudioError as error:
        notice.show(error.notice, "error")
        return
    st.subheader(_("Cost of a request"), anchor=False)
    servings = _beside(source, choice, serving)
    serving_cost.show(servings, shown, key=KEY)
    _crossover(source, draft, servings, shown)
    st.subheader(_("Under load"), anchor=False)
    kept = load_form.Kept(
        slo=draft.slo,
        keep_slo=partial(business_draft.keep_slo, prototype.id),
        peak_factor=draft.peak_factor,
        keep_peak=partial(business_draft.keep_peak_factor, prototype.id),
    )
    load = load_form.show(kept, writes=offer.writes, key=KEY)
    load = load_panel.show(source, serving, load, shown, key=KEY)
    traffic_panel.show(source, serving, load, draft.peak_factor, key=KEY)
    st.subheader(_("All ways to serve it, at this load"), anchor=False)
    serving_compare.show(source, choice, keep, load, shown, key=KEY)


def _crossover(
    source: Source, draft: Draft, servings: dict[str, Serving], shown: ShownCurrency
) -> None:
    """From which load on the chosen way is cheaper than the one here; computed when asked for."""
    if len(servings) < 2:
        return
    first, second = servings
    if st.toggle(_("From which load is it cheaper than here?"), key=f"_{KEY}.crossover"):
        crossover_panel.show(source, draft, here(), (first, second), shown, key=KEY)


def _beside(source: Source, choice: ServingChoice, serving: Serving) -> dict[str, Serving]:
    """The chosen way beside what was measured here."""
    name = serving_compare.name(serving)
    if isinstance(choice, AsMeasured):
        return {name: serving}
    measured = source.serving(here())
    return {serving_compare.name(measured): measured, name: serving}
