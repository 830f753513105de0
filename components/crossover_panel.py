"""From how many requests a month on the chosen way of serving is cheaper than serving it here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from components import chart_frame as frame
from components import figure_card
from components.business_draft import Draft
from components.business_source import Source
from components.i18n import _
from components.shown_currency import ShownCurrency
from studio.economics.crossover import crossover
from studio.economics.serving_choice import ServingChoice

N_POINTS = 80


def show(
    source: Source,
    draft: Draft,
    here: ServingChoice,
    names: tuple[str, str],
    shown: ShownCurrency,
    *,
    key: str,
) -> None:
    """Draw what both ways cost a month over the load, and where the chosen one becomes cheaper.

    Args:
        source: the prototype.
        draft: with the way that is chosen.
        here: the way it is held against.
        names: of `here`, then of the chosen one.
        shown: the currency.
        key: of the widgets.
    """
    found = crossover(
        source.figures(replace(draft, choice=here)),
        source.figures(draft),
        peak_factor=draft.peak_factor,
    )
    figure_card.row([found.from_requests], shown, key=f"{key}_crossover")
    rows = np.linspace(0, len(found.requests) - 1, N_POINTS).round().astype(int)
    x = frame.Axis(title=_("Requests a month"), is_log=True)
    y = frame.Axis(title=_("Cost"), unit=_("{currency} a month", currency=shown.code), is_log=True)
    chart = frame.figure(x, y)
    for name, color, usd in (
        (names[0], frame.BLUE, found.first_usd),
        (names[1], frame.ORANGE, found.second_usd),
    ):
        chart.add_scatter(
            x=found.requests[rows],
            y=usd[rows] * shown.per_usd,
            **frame.line(name, color, "predicted"),
            hovertemplate=frame.hover(
                frame.escaped(name), f"%{{x:{x.hover}}}", f"%{{y:{y.hover}}}{y.suffix}"
            ),
        )
    at = found.from_requests.value
    if at is not None:
        frame.limit(chart, float(at), _("cheaper from here on"), axis="x")
    frame.show(
        chart,
        key=f"{key}_crossover_chart",
        alt=_(
            "Cost a month of {first} and of {second} over the load.",
            first=names[0],
            second=names[1],
        ),
    )
