"""What a request costs with the chosen way of serving, stage by stage, beside what was measured.

The module draws; economics computes. A stage without a known price is named, never drawn as 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from components import chart_frame as frame
from components import chart_stack, figure_text, notice, stage_words
from components.i18n import _, translate
from components.shown_currency import ShownCurrency
from studio.economics.figure import FigureBasis
from studio.economics.serving import Serving

if TYPE_CHECKING:
    import plotly.graph_objects as go

THOUSAND = 1_000
ORIGINS: Mapping[str, frame.Origin] = {"measured": "measured", "assumed": "assumed"}
"""What a stage's cost rests on, as a style; prices of a list and of a data sheet are predictions."""


def show(servings: dict[str, Serving], shown: ShownCurrency, *, key: str) -> None:
    """Draw a bar for each way of serving.

    Args:
        servings: name -> way, the first on top.
        shown: the currency.
        key: of the widgets.
    """
    bars, unit = bars_of(servings, shown), unit_of(shown)
    sums = "; ".join(f"{bar.name}: {sum(bar.parts.values()):.2g} {unit}" for bar in bars)
    alt = _("Cost by stage. {sums}", sums=sums)
    frame.show(figure(bars, shown), key=f"{key}_stages", alt=alt)
    st.caption(_("Plain: measured here. Hatched: predicted from a price list or a data sheet."))
    for name, serving in servings.items():
        _sources(name, serving, shown)


def bars_of(servings: Mapping[str, Serving], shown: ShownCurrency) -> list[chart_stack.Bar]:
    """A bar for each way of serving, for a thousand requests; stages without a price are left out."""
    return [
        chart_stack.Bar(
            name=name,
            parts={
                stage_words.name(cost.stage): shown.of(cost.usd) * THOUSAND
                for cost in serving.stage_costs
                if cost.usd is not None
            },
            origins={
                stage_words.name(cost.stage): ORIGINS.get(cost.basis, "predicted")
                for cost in serving.stage_costs
            },
        )
        for name, serving in servings.items()
    ]


def unit_of(shown: ShownCurrency) -> str:
    """The unit of the bars."""
    return _("{currency} per 1,000 requests", currency=shown.code)


def figure(bars: Sequence[chart_stack.Bar], shown: ShownCurrency) -> go.Figure:
    """The bars as a chart."""
    return chart_stack.figure(bars, frame.Axis(title=_("Cost"), unit=unit_of(shown)))


def _sources(name: str, serving: Serving, shown: ShownCurrency) -> None:
    """Each stage with its amount and where it comes from."""
    with st.expander(_("{name}: where the figures come from", name=notice.plain(name))):
        for cost in serving.stage_costs:
            basis = cost.basis if cost.basis in set(FigureBasis) else FigureBasis.ASSUMED
            st.markdown(
                f"{figure_text.badge(FigureBasis(basis))} "
                + notice.plain(
                    f"{stage_words.name(cost.stage)}: "
                    f"{_('unknown') if cost.usd is None else shown.exact(cost.usd)} · "
                    f"{translate(cost.source)}"
                )
            )
        for note in serving.notes:
            st.caption(notice.plain(translate(note)))
