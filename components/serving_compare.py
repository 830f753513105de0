"""All ways of serving at one load: cost against time, the best joined by a line, one taken by a click.

The module draws; economics computes. A way that does not fit (too little memory) is left out and named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from components import chart_frame as frame
from components import chart_pareto, notice, serving_offer, serving_words, session
from components.business_source import Source
from components.i18n import _, translate
from components.load_form import Load
from components.shown_currency import ShownCurrency
from studio.economics.serving import Dot, Serving, pareto
from studio.economics.serving_choice import AsMeasured, ServingChoice

if TYPE_CHECKING:
    import plotly.graph_objects as go

THOUSAND = 1_000


def show(
    source: Source,
    chosen: ServingChoice,
    keep: Callable[[ServingChoice], None],
    load: Load,
    shown: ShownCurrency,
    *,
    key: str,
) -> None:
    """Draw all ways at the load.

    Args:
        source: the prototype.
        chosen: the way that is chosen now.
        keep: told of the way that was clicked.
        load: at which they are compared.
        shown: the currency.
        key: of the widgets.
    """
    every, dots, left_out = dots_of(source, chosen, load, shown)
    widget = f"{key}_pareto"
    st.plotly_chart(
        figure(dots, shown),
        key=widget,
        on_select=partial(_clicked, widget, every, keep),
        selection_mode="points",
        config={"displayModeBar": False, "scrollZoom": False},
        alt=_alt(dots),
    )
    st.caption(
        _(
            "Every dot is a way of serving at your load, replicas included; bars show how uncertain its"
            " time is. Click one to choose it. Quality is not in this picture: a larger model answers"
            " better."
        )
    )
    if left_out:
        with st.expander(_("Left out: {n}", n=len(left_out)), key=f"_{key}.left_out"):
            for reason in left_out:
                st.caption(notice.plain(reason))


def dots_of(
    source: Source, chosen: ServingChoice, load: Load, shown: ShownCurrency
) -> tuple[list[ServingChoice], list[chart_pareto.Choice], list[str]]:
    """All ways, those with a time and a price as dots (the key is the place), and what is left out."""
    every = serving_offer.of(source.base()).compared()
    if chosen not in every:
        every.append(chosen)
    found, left_out = _at_load(source, every, load)
    points = [(_cost(one), one[2].p95_ms or 0.0) for one in found]
    best = {found[i][0] for i in pareto(points)}
    dots = [
        chart_pareto.Choice(
            key=str(every.index(choice)),
            name=name(serving),
            group=serving_words.kind(type(choice)),
            cost=shown.of(_cost((choice, serving, point))) * THOUSAND,
            seconds=(point.p95_ms or 0.0) / 1000,
            seconds_range=_range((point.p95_ms or 0.0) / 1000, serving.band),
            is_best=choice in best,
            is_chosen=choice == chosen,
        )
        for choice, serving, point in found
    ]
    return every, dots, left_out


def figure(dots: Sequence[chart_pareto.Choice], shown: ShownCurrency) -> go.Figure:
    """The dots as a chart."""
    return chart_pareto.figure(dots, *_axes(shown))


def _clicked(
    widget: str, every: Sequence[ServingChoice], keep: Callable[[ServingChoice], None]
) -> None:
    """Keep the way whose dot was clicked."""
    event = session.widget_value(widget)
    points = event.selection.points if event else []
    data = points[0].get("customdata") if points else None
    if data:
        keep(every[int(data[0])])


Found = tuple[ServingChoice, Serving, Dot]


def _at_load(
    source: Source, every: Sequence[ServingChoice], load: Load
) -> tuple[list[Found], list[str]]:
    """The ways with a cost and a time at the load, and why others have none."""
    found: list[Found] = []
    left_out: list[str] = []
    servings: list[Serving] = []
    for one in source.servings(every):
        if isinstance(one, Serving):
            servings.append(one)
        else:
            left_out.append(translate(one))
    points = source.dots(servings, load.rate_per_s, load.slo)
    for serving, point in zip(servings, points, strict=True):
        if point.p95_ms is None or not point.usd_per_request:
            left_out.append(_("{name}: no time or no price is known.", name=name(serving)))
        else:
            found.append((serving.choice, serving, point))
    return found, left_out


def name(serving: Serving) -> str:
    """What a way of serving is called; of the measured machine, how it shares itself too."""
    text = translate(serving.name)
    if isinstance(serving.choice, AsMeasured):
        return f"{text}, {serving_words.batching(serving.choice.batching)}"
    return text


def _cost(found: Found) -> float:
    return float(found[2].usd_per_request or 0)


def _range(value: float, band: float) -> tuple[float, float]:
    return value * (1 - band), value * (1 + band)


def _axes(shown: ShownCurrency) -> tuple[frame.Axis, frame.Axis]:
    unit = _("{currency} per 1,000 requests", currency=shown.code)
    return (
        frame.Axis(title=_("Cost"), unit=unit, is_log=True),
        frame.Axis(title=_("95 of 100 within (p95)"), unit="s", is_log=True),
    )


def _alt(dots: Sequence[chart_pareto.Choice]) -> str:
    best = sorted((dot for dot in dots if dot.is_best), key=lambda dot: dot.cost)
    return _(
        "Cost against time of {n} ways of serving. From cheap to fast, the best are: {names}.",
        n=len(dots),
        names=", ".join(dot.name for dot in best),
    )
