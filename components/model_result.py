"""What a business model comes to: its figures, the month, the customers and the cash, who loses money.

Each figure tells where it comes from when it is clicked. One view is drawn at a time. The module draws;
economics computes.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from components import chart_frame as frame
from components import chart_margin, chart_months, figure_card, figure_text, notice
from components import format as fmt
from components.i18n import _, sentences, translate
from components.shown_currency import ShownCurrency
from studio.economics.break_even_curve import break_even_curve
from studio.economics.cohorts import cohorts
from studio.economics.comparison import ModelResult
from studio.economics.deciles import GroupSpread
from studio.economics.figure import Figure
from studio.economics.plan import Plan
from studio.economics.uncertainty import Outlook

FIRST = ("profit", "gross_margin", "break_even", "minimum_price", "ltv_to_cac", "payback", "runway")
MONTH = ("revenue", "cogs", "gross_profit", "fixed_cost", "profit", "request_cost", "model_share")
UNIT = (
    "unit_revenue",
    "unit_cost",
    "unit_margin",
    "lifetime",
    "ltv",
    "ltv_discounted",
    "break_even_replacing",
)
LOAD = ("requests", "peak_rate", "replicas", "serving_cost")
N_COUNTS = 60
BEYOND = 1.6
"""The break-even chart ends at this many times the larger of the plan and the break-even."""
MOST_SHOWN = 50
"""A break-even beyond so many times the plan would press the plan to the edge; it is told in words."""
CASH = ("profitable_month", "trough", "trough_month", "capital_needed", "burn_multiple", "npv")


def views() -> dict[str, str]:
    """The views with their names, in their order."""
    return {
        "month": _("Month"),
        "cash": _("Cash"),
        "usage": _("Who loses money"),
        "load": _("Under load"),
        "all": _("All figures"),
    }


def headline(result: ModelResult, shown: ShownCurrency) -> None:
    """Draw the figures that decide, those that only this model has included."""
    keys = dict.fromkeys((*FIRST, *result.case.model.special))
    figure_card.row(_figures(result, keys), shown, key=f"first_{result.case.model.key}")


def show(
    view: str, result: ModelResult, outlook: Callable[[], Outlook], shown: ShownCurrency
) -> None:
    """Draw one of the views; `outlook` draws random worlds where a view shows how sure it is."""
    match view:
        case "cash":
            _cash(result, outlook(), shown)
        case "usage":
            _usage(result, shown)
        case "load":
            _load(result, shown)
        case "all":
            _all(result, shown)
        case _:
            _month(result, shown)


def _figures(result: ModelResult, keys: dict[str, None] | tuple[str, ...]) -> list[Figure]:
    return [result.figure(key) for key in keys]


def _month(result: ModelResult, shown: ShownCurrency) -> None:
    key = result.case.model.key
    number = fmt.number(float(result.case.value("customers")))
    unit = translate(result.case.model.unit)
    st.caption(
        notice.plain(_("A month with {n} customers. One customer: {unit}.", n=number, unit=unit))
    )
    figure_card.row(_figures(result, MONTH), shown, key=f"month_{key}")
    st.markdown(f"**{notice.plain(_('Each one: {unit}', unit=unit))}**")
    figure_card.row(_figures(result, UNIT), shown, key=f"unit_{key}")
    steps = _steps(result, shown)
    if not steps:
        return
    currency = _("{currency} a month", currency=shown.code)
    frame.show(
        chart_margin.waterfall(steps, _("left"), currency),
        key=f"waterfall_{key}",
        alt=_(
            "From the revenue of one to what is left: {left} a month.",
            left=shown.money(result.statement.value("unit_margin")),
        ),
    )
    _break_even(result, shown)


def _break_even(result: ModelResult, shown: ShownCurrency) -> None:
    """Draw what a month brings in and costs with more or fewer customers."""
    key, now = result.case.model.key, float(result.case.value("customers"))
    at = result.statement.value("break_even")
    right = BEYOND * max(now, 1.0, float(at) if at is not None and at <= MOST_SHOWN * now else 0.0)
    curve = break_even_curve(result.case, [right * i / N_COUNTS for i in range(N_COUNTS + 1)])
    if not (curve.cost_usd == curve.cost_usd).all():  # NaN: the price of a request is unknown
        return
    units = translate(result.case.model.units)
    st.markdown(f"**{_('From how many on it carries itself')}**")
    frame.show(
        chart_margin.break_even(
            curve.customers.tolist(),
            (curve.revenue_usd * shown.per_usd).tolist(),
            (curve.cost_usd * shown.per_usd).tolist(),
            frame.Axis(title=units),
            shown.code,
            at=None if at is None or float(at) > right else float(at),
            now=now,
        ),
        key=f"break_even_{key}",
        alt=_("It never carries itself with these numbers.")
        if at is None
        else _("Revenue covers all costs from {n} on.", n=fmt.number(float(at))),
    )


def _band(
    start: float, outlook: Outlook, shown: ShownCurrency
) -> tuple[list[float], list[float]] | None:
    """Low and high ends of the cash from the start on; None where a world has no amount."""
    ends = (outlook.cash_p10 * shown.per_usd, outlook.cash_p90 * shown.per_usd)
    if not all(bool((end == end).all()) for end in ends):
        return None
    return [start, *ends[0].tolist()], [start, *ends[1].tolist()]


def _steps(result: ModelResult, shown: ShownCurrency) -> list[chart_margin.Step]:
    """From the revenue of one unit down to its margin; empty where one amount is not known."""
    parts = (
        ("unit_revenue", _("revenue"), 1),
        ("unit_inference", _("models"), -1),
        ("unit_servers", _("servers"), -1),
        ("unit_variable", _("share of revenue"), -1),
        ("unit_standing", _("fee and support"), -1),
    )
    amounts = [(name, result.statement.value(key), sign) for key, name, sign in parts]
    if any(amount is None for _name, amount, _sign in amounts):
        return []
    return [
        chart_margin.Step(name=name, amount=sign * shown.of(amount))
        for name, amount, sign in amounts
        if amount
    ]


def _cash(result: ModelResult, outlook: Outlook, shown: ShownCurrency) -> None:
    key, months = result.case.model.key, result.plan
    figure_card.row(_figures(result, CASH), shown, key=f"cash_{key}")
    balance = [result.case.value("cash_at_start"), *months.values("cash")]
    known = [shown.of(amount) for amount in balance if amount is not None]
    if len(known) < len(balance):
        return
    st.markdown(f"**{_('Cash at the end of each month')}**")
    frame.show(
        chart_months.cash(known, shown.code, band=_band(known[0], outlook, shown)),
        key=f"cash_{key}",
        alt=_(
            "Cash over {n} months; at the end {amount}.",
            n=fmt.count(len(known) - 1),
            amount=frame.money(known[-1], shown.code),
        ),
    )
    st.caption(
        _(
            "The band holds 80 of 100 of {n} random worlds, in which every assumption takes a value of"
            " its range.",
            n=fmt.count(outlook.n_draws),
        )
    )
    unit = translate(result.case.model.unit)
    st.markdown(f"**{notice.plain(_('Customers by when they came: {unit}', unit=unit))}**")
    frame.show(
        chart_months.cohorts(
            cohorts(result.case, months).tolist(),
            frame.Axis(title=_("Number"), starts_at_zero=True),
        ),
        key=f"cohorts_{key}",
        alt=_(
            "Customers over the months; at the end {n}.",
            n=fmt.number(float(months.values("customers")[-1] or 0)),
        ),
    )
    with st.expander(_("Month by month"), key=f"_models.table.{key}"):
        _table(months, shown)


def _table(months: Plan, shown: ShownCurrency) -> None:
    columns = {}
    for column in months.columns:
        unit = figure_text.unit(column.unit, shown.code)
        name = translate(column.label)
        scale = shown.per_usd if column.unit.is_money else 1.0
        columns[f"{name} ({unit})" if unit else name] = [
            None if value is None else float(value) * scale for value in column.values
        ]
    st.dataframe(
        {_("Month"): list(range(1, len(months.columns[0].values) + 1)), **columns},
        hide_index=True,
        column_config={name: st.column_config.NumberColumn(format="localized") for name in columns},
        alt=_("The plan month by month"),
    )


def _usage(result: ModelResult, shown: ShownCurrency) -> None:
    key, usage = result.case.model.key, result.usage
    figure_card.row([usage.losing_share, usage.break_even_requests], shown, key=f"usage_{key}")
    for number, group in enumerate(usage.groups):
        _tenths(group, shown, key=f"deciles_{key}_{number}")


def _tenths(group: GroupSpread, shown: ShownCurrency, *, key: str) -> None:
    """Draw what each tenth of the users of one kind leaves."""
    if group.label is not None:
        name = translate(group.label)
        heading = _("{users}: {share} of all", users=name, share=fmt.share(group.share))
        st.markdown(f"**{notice.plain(heading[:1].upper() + heading[1:])}**")
    margins = [shown.of(decile.margin_usd) for decile in group.deciles]
    frame.show(
        chart_margin.deciles(
            margins, _("{currency} a month", currency=shown.code), title=_("Left of each")
        ),
        key=key,
        alt=_(
            "What each tenth of the customers leaves, from {first} for the lightest to {last} for the"
            " heaviest.",
            first=frame.money(margins[0], shown.code),
            last=frame.money(margins[-1], shown.code),
        ),
    )
    heaviest = group.deciles[-1]
    text = _(
        "The heaviest tenth asks {requests} times a month, {factor} times as much as the mean."
        " Red and hatched: they cost more than they bring.",
        requests=fmt.number(heaviest.requests),
        factor=fmt.number(heaviest.use_factor),
    )
    if not heaviest.revenue_usd:
        text = sentences(text, _("They pay nothing: those who pay have to carry them."))
    st.caption(notice.plain(text))


def _load(result: ModelResult, shown: ShownCurrency) -> None:
    key = result.case.model.key
    st.caption(
        _(
            "The users of the model make the load; the load decides the servers; the servers are part"
            " of the cost."
        )
    )
    figure_card.row([*_figures(result, LOAD), *result.load], shown, key=f"load_{key}")
    if result.case.serving.steps.problem is not None:
        notice.show(result.case.serving.steps.problem, "warning")


def _all(result: ModelResult, shown: ShownCurrency) -> None:
    """Every figure as a table with what it rests on; choosing a row tells all about it."""
    usage = (result.usage.losing_share, result.usage.break_even_requests)
    figures = {
        figure.key: figure
        for figure in (*result.statement.figures, *result.finances.figures, *usage, *result.load)
    }
    listed = list(figures.values())
    event = st.dataframe(
        {
            _("Figure"): [translate(figure.label) for figure in listed],
            _("Value"): [figure_text.cell(figure, shown) for figure in listed],
            _("Rests on"): [figure_text.basis(figure.basis) for figure in listed],
            _("Formula or source"): [figure_text.origin(figure) for figure in listed],
        },
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"_models.all.{result.case.model.key}",
        alt=_("All figures of the model with what they rest on"),
    )
    rows = event.selection.rows
    if not rows or rows[0] >= len(listed):
        st.caption(_("Choose a row to see where its figure comes from."))
        return
    with st.container(border=True, key="provenance_all"):
        st.markdown(figure_text.provenance(listed[rows[0]], shown))
