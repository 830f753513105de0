"""The head of every business page: which prototype, in which currency, served how."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from components import (
    business_base,
    business_draft,
    business_measure,
    business_prototype,
    business_source,
    business_whose,
    currency_switch,
    notice,
    serving_compare,
)
from components import format as fmt
from components.i18n import _, translate
from components.shown_currency import ShownCurrency
from studio.economics.serving_choice import Slo
from studio.errors import StudioError
from studio.workbench import AnyPrototype

STYLE = Path(__file__).parent / "business.css"


def served(prototype: AnyPrototype) -> bool:
    """Draw how the prototype would be served, with the way to change it; whether there is a base."""
    source, draft = business_source.of(prototype), business_draft.load(prototype.id)
    base = source.base()
    if not base.n_requests:
        if not business_measure.runs(prototype):
            notice.show(
                _(
                    "Nothing was measured of this prototype yet, so there is nothing to compute from."
                    " Use it, or measure it now."
                )
            )
        business_measure.show(prototype, is_needed=True)
        return False
    try:
        name = serving_compare.name(source.serving(draft.choice))
    except StudioError as error:
        name = translate(error.notice)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            _(
                "Served: **{name}**, {promise}.",
                name=notice.plain(name),
                promise=_promise(draft.slo),
            ),
            width="content",
        )
        if draft.accounts:
            st.markdown(
                _(
                    "Requests: **{whose}**.",
                    whose=notice.plain(business_whose.name(draft.accounts)),
                ),
                width="content",
            )
        st.page_link("../pages/business/cost.py", label=_("Change"), icon=":material/tune:")
    business_base.warn_if_few(base)
    return True


def _promise(slo: Slo) -> str:
    """What is promised, in words."""
    text = _(
        "{percent} of 100 answers within {time}",
        percent=f"{slo.percentile * 100:g}",
        time=fmt.duration(slo.total_ms / 1000),
    )
    if slo.first_token_ms is None:
        return text
    first = fmt.duration(slo.first_token_ms / 1000)
    return _("{promise}, the first word within {time}", promise=text, time=first)


def show() -> tuple[AnyPrototype | None, ShownCurrency]:
    """Draw the head; gives the prototype (None without any) and the currency."""
    st.html(STYLE)
    left, right = st.columns([3, 2], gap="medium", vertical_alignment="bottom")
    with left:
        prototype = business_prototype.choose()
    with right:
        shown = currency_switch.show()
    return prototype, shown
