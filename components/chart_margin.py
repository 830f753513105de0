"""Where the money of a sale goes, who loses money, and from how many customers it carries itself.

Knows no business model: names and amounts come as they are to be drawn, in one currency.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components import chart_frame as frame
from components import format as fmt
from components.i18n import _

if TYPE_CHECKING:
    import plotly.graph_objects as go


READABLE = {"minsize": 9, "mode": "hide"}
"""Numbers at bars that have no room in this size are left to the axis and to hovering."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of a waterfall: what it is called and by how much it moves the sum."""

    name: str
    amount: float


def waterfall(steps: Sequence[Step], total: str, currency: str) -> go.Figure:
    """From the price down to what is left of it: one bar for each step, the rest at the end.

    Args:
        steps: the price first, then what goes off (negative).
        total: name of what is left.
        currency: unit of the amounts.
    """
    y = frame.Axis(title=_("Amount"), unit=currency)
    chart = frame.figure(frame.Axis(title=""), y)
    left = sum(step.amount for step in steps)
    amounts = [step.amount for step in steps]
    chart.add_waterfall(
        x=[*(step.name for step in steps), total],
        y=[*amounts, left],
        measure=["absolute", *("relative" for _step in steps[1:]), "total"],
        text=[fmt.number(amount) for amount in [*amounts, left]],
        textposition="outside",
        cliponaxis=False,
        increasing={"marker": {"color": frame.GREEN}},
        decreasing={"marker": {"color": frame.ORANGE}},
        totals={"marker": {"color": frame.BLUE if left >= 0 else frame.RED}},
        connector={"line": {"color": frame.GRAY, "width": 1}},
        hovertemplate=frame.hover("%{x}", f"%{{y:{frame.EXACT}}} {currency}"),
    )
    chart.update_xaxes(type="category", tickformat="")
    chart.update_layout(showlegend=False, uniformtext=READABLE)
    return chart


def deciles(margins: Sequence[float], currency: str, *, title: str) -> go.Figure:
    """What is earned on each tenth of the users, the lightest first; losses are red and hatched."""
    chart = frame.figure(
        frame.Axis(title=_("Tenth of the users, by how much they ask")),
        frame.Axis(title=title, unit=currency),
    )
    chart.add_bar(
        x=[str(i + 1) for i in range(len(margins))],
        y=list(margins),
        marker={
            "color": [frame.GREEN if margin >= 0 else frame.RED for margin in margins],
            "pattern": {"shape": ["" if margin >= 0 else "/" for margin in margins], "size": 5},
        },
        text=[fmt.number(margin) for margin in margins],
        textposition="outside",
        cliponaxis=False,
        hovertemplate=frame.hover(_("tenth {n}", n="%{x}"), f"%{{y:{frame.EXACT}}} {currency}"),
    )
    chart.update_xaxes(type="category", tickformat="")
    chart.update_layout(showlegend=False, uniformtext=READABLE)
    return chart


def break_even(
    counts: Sequence[float],
    revenue: Sequence[float],
    cost: Sequence[float],
    x: frame.Axis,
    currency: str,
    *,
    at: float | None,
    now: float | None,
) -> go.Figure:
    """Revenue and all costs of a month over how many there are; where they cross is named.

    Args:
        counts: the horizontal axis.
        revenue: at each count.
        cost: at each count.
        x: what is counted.
        currency: unit of the amounts.
        at: the break-even; None when there is none.
        now: the number in the scenario; None leaves it out.
    """
    y = frame.Axis(title=_("A month"), unit=currency, starts_at_zero=True)
    chart = frame.figure(x, y)
    for name, values, color in (
        (_("Revenue"), revenue, frame.GREEN),
        (_("All costs"), cost, frame.ORANGE),
    ):
        chart.add_scatter(
            x=list(counts),
            y=list(values),
            **frame.line(name, color, "predicted"),
            hovertemplate=frame.hover(
                name, f"%{{x:{x.hover}}}{x.suffix}", f"%{{y:{y.hover}}}{y.suffix}"
            ),
        )
    if at is not None:
        name = _("break-even: {n}", n=fmt.number(at))
        frame.limit(chart, at, name, axis="x", is_named_left=now is not None and at < now)
    if now is not None:
        is_left = at is not None and now <= at
        frame.limit(chart, now, _("your plan"), axis="x", is_named_left=is_left)
    return chart
