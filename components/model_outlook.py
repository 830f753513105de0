"""What may become of the six models: cash, the chance of profit, how sure it is, and what matters most.

Intervals are those of thousands of random worlds, the same ones for all models. The module draws.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from components import chart_frame as frame
from components import chart_months, chart_sensitivity, figure_text, notice
from components import format as fmt
from components.business_draft import Draft
from components.business_source import Source
from components.i18n import _, translate
from components.shown_currency import ShownCurrency
from studio.economics.comparison import ModelResult
from studio.economics.sensitivity import sobol, tornado
from studio.errors import StudioError

N_SWINGS = 10
LATE, LAST = 18, 36
"""Months at which the chance of profit is told in words."""


def show(
    source: Source, draft: Draft, results: Sequence[ModelResult], shown: ShownCurrency, *, key: str
) -> None:
    """Draw the choice of the picture, and the picture."""
    views = {
        "cash": _("Cash"),
        "chance": _("Chance of profit"),
        "sure": _("How sure"),
        "matters": _("What matters most"),
    }
    view = st.segmented_control(
        _("Picture"),
        list(views),
        default="cash",
        required=True,
        format_func=views.__getitem__,
        label_visibility="collapsed",
        key=f"_{key}.picture",
        persist_state="session",
    )
    match view:
        case "chance":
            _chance(source, draft, results, key)
        case "sure":
            _sure(source, draft, results, shown, key)
        case "matters":
            _matters(results, shown, key)
        case _:
            _cash(results, shown, key)


def names(results: Sequence[ModelResult]) -> list[str]:
    """What the models are called."""
    return [translate(result.case.model.name) for result in results]


def cash_lines(results: Sequence[ModelResult], shown: ShownCurrency) -> dict[str, list[float]]:
    """The cash of each model from the start (month 0) on; models without a price are left out."""
    found = {}
    for name, result in zip(names(results), results, strict=True):
        balance = [result.case.value("cash_at_start"), *result.plan.values("cash")]
        known = [shown.of(amount) for amount in balance if amount is not None]
        if len(known) == len(balance):
            found[name] = known
    return found


def _cash(results: Sequence[ModelResult], shown: ShownCurrency, key: str) -> None:
    lines = cash_lines(results, shown)
    axis = frame.Axis(title=_("Cash"), unit=shown.code)
    frame.show(
        chart_months.lines(lines, axis, first_month=0),
        key=f"{key}_cash",
        alt=_("Cash over the months. At the end: {all}.", all=_list(lines, shown.code)),
    )


def _list(lines: dict[str, list[float]], code: str) -> str:
    return ", ".join(f"{name} {frame.money(line[-1], code)}" for name, line in lines.items())


def _chance(source: Source, draft: Draft, results: Sequence[ModelResult], key: str) -> None:
    found = source.outlooks(draft, results)
    lines = {
        name: outlook.profitable_by.tolist()
        for name, outlook in zip(names(results), found, strict=True)
    }
    axis = frame.Axis(title=_("Profitable by then"), is_share=True)
    frame.show(
        chart_months.lines(lines, axis),
        key=f"{key}_chance",
        alt=_(
            "Chance of having had a profitable month. By month {n}: {all}.",
            n=LATE,
            all=", ".join(f"{name} {fmt.share(line[LATE - 1])}" for name, line in lines.items()),
        ),
    )
    st.table(
        {
            _("Business model"): list(lines),
            _("by month {n}", n=LATE): [fmt.share(line[LATE - 1]) for line in lines.values()],
            _("by month {n}", n=LAST): [fmt.share(line[LAST - 1]) for line in lines.values()],
            _("runs out of cash"): [fmt.share(outlook.out_of_cash) for outlook in found],
        },
        hide_index=True,
    )
    _worlds(found[0].n_draws)


def _worlds(n_draws: int) -> None:
    st.caption(
        _(
            "Of {n} random worlds, in which every assumption takes a value of its range; winning"
            " customers is paid for.",
            n=fmt.count(n_draws),
        )
    )


def _sure(
    source: Source, draft: Draft, results: Sequence[ModelResult], shown: ShownCurrency, key: str
) -> None:
    found = source.outlooks(draft, results)
    spread = {}
    for name, outlook in zip(names(results), found, strict=True):
        ends = (outlook.profit.p10, outlook.profit.p50, outlook.profit.p90)
        if None not in ends:
            spread[name] = tuple(shown.of(end or 0.0) for end in ends)
    axis = frame.Axis(
        title=_("Profit before winning customers"),
        unit=_("{currency} a month", currency=shown.code),
    )
    frame.show(
        chart_sensitivity.spread(spread, axis),  # type: ignore[arg-type] # three ends each
        key=f"{key}_sure",
        alt=_("Profit of each model: the middle of all worlds, and the range of 8 in 10."),
    )
    st.caption(_("The dot is the middle of all worlds; 8 in 10 lie within the line."))
    _worlds(found[0].n_draws)


def targets() -> dict[str, str]:
    """What the tornado can be asked about."""
    return {
        "profit": _("Profit of the month"),
        "cash_at_end": _("Cash after 36 months"),
        "unit_margin": _("Left of each customer"),
        "ltv": _("Lifetime value (LTV)"),
        "break_even": _("Break-even, customers"),
    }


def _matters(results: Sequence[ModelResult], shown: ShownCurrency, key: str) -> None:
    by_name = dict(zip(names(results), results, strict=True))
    left, right = st.columns(2, gap="medium")
    name = left.selectbox(_("Business model"), list(by_name), key=f"_{key}.matters.model")
    known = targets()
    target = right.selectbox(
        _("What it moves"), list(known), format_func=known.__getitem__, key=f"_{key}.matters.target"
    )
    result = by_name[name]
    swings = tornado(result.case, target)[:N_SWINGS]
    unit = result.figure(target).unit
    scale = shown.per_usd if unit.is_money else 1.0
    middle = result.figure(target).value
    drawn = [
        chart_sensitivity.Swing(
            name=figure_text.name(one.figure),
            low_text=figure_text.amount(one.low, one.figure.unit, shown),
            high_text=figure_text.amount(one.high, one.figure.unit, shown),
            at_low=one.at_low * scale,
            at_high=one.at_high * scale,
        )
        for one in swings
        if one.at_low is not None and one.at_high is not None
    ]
    for one in swings:
        if math.isinf(one.width):
            st.caption(
                notice.plain(
                    _("{name}: at one end of its range there is no such result.",
                      name=figure_text.name(one.figure))
                )
            )  # fmt: skip
    if middle is None or not drawn:
        notice.show(_("There is no such result for this model, so nothing can move it."), "warning")
        return
    axis = frame.Axis(title=known[target], unit=figure_text.unit(unit, shown.code))
    frame.show(
        chart_sensitivity.tornado(drawn, float(middle) * scale, axis),
        key=f"{key}_tornado",
        alt=_("What moves the result most: {names}.", names=", ".join(o.name for o in drawn[:3])),
    )
    if st.toggle(_("All at once (Sobol)"), key=f"_{key}.matters.sobol"):
        _sobol(result, target, key)


def _sobol(result: ModelResult, target: str, key: str) -> None:
    try:
        found = sobol(result.case, target)[:N_SWINGS]
    except StudioError as error:
        notice.show(error.notice, "warning")
        return
    called = {figure_text.name(one.figure): one for one in found}
    frame.show(
        chart_sensitivity.shares(
            {name: one.alone for name, one in called.items()},
            {name: one.total for name, one in called.items()},
        ),
        key=f"{key}_sobol",
        alt=_(
            "Share of the spread that each assumption explains; first: {names}.",
            names=", ".join(list(called)[:3]),
        ),
    )
