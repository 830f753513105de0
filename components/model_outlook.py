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
from studio.economics.uncertainty import Outlook
from studio.errors import StudioError

N_SWINGS = 10
LEAST_INFLUENCE = 0.005
"""Shares of the spread below this one would be bars that nobody sees."""
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


def chance_lines(
    results: Sequence[ModelResult], found: Sequence[Outlook]
) -> dict[str, list[float]]:
    """The chance of a profitable month by each month; models for which it is unknown are left out."""
    return {
        name: outlook.profitable_by.tolist()
        for name, outlook in zip(names(results), found, strict=True)
        if outlook.unknown is None
    }


def _cash(results: Sequence[ModelResult], shown: ShownCurrency, key: str) -> None:
    lines = cash_lines(results, shown)
    axis = frame.Axis(title=_("Cash"), unit=shown.code)
    frame.show(
        chart_months.lines(lines, axis, first_month=0),
        key=f"{key}_cash",
        alt=_("Cash over the months. At the end: {all}.", all=_list(lines, shown.code)),
    )
    for reason in dict.fromkeys(result.finances.cash_at_end.note for result in results):
        if reason is not None:
            notice.show(reason, "warning")


def _list(lines: dict[str, list[float]], code: str) -> str:
    return ", ".join(f"{name} {frame.money(line[-1], code)}" for name, line in lines.items())


def _chance(source: Source, draft: Draft, results: Sequence[ModelResult], key: str) -> None:
    found = source.outlooks(draft, results)
    lines = chance_lines(results, found)
    axis = frame.Axis(title=_("Profitable by then"), is_share=True)
    frame.show(
        chart_months.lines(lines, axis),
        key=f"{key}_chance",
        alt=_(
            "Chance of having had a profitable month. By month {n}: {all}.",
            n=LATE,
            all=", ".join(f"{name} {_share(line[LATE - 1])}" for name, line in lines.items()),
        ),
    )
    st.table(
        {
            _("Business model"): names(results),
            _("by month {n}", n=LATE): [_share(one.profitable_by[LATE - 1]) for one in found],
            _("by month {n}", n=LAST): [_share(one.profitable_by[LAST - 1]) for one in found],
            _("runs out of cash"): [_share(one.out_of_cash) for one in found],
        },
        hide_index=True,
    )
    _say_unknown(found)
    st.caption(
        _(
            "In how many of {n} random worlds a month has brought a profit by then, with what winning"
            " customers costs taken off. In each world every assumption takes a value of its range.",
            n=fmt.count(found[0].n_draws),
        )
    )


def _share(value: float) -> str:
    """A share of the worlds, or that it is unknown: never 0% for want of a price."""
    return _("unknown") if math.isnan(value) else fmt.share(value)


def _say_unknown(found: Sequence[Outlook]) -> None:
    """Draw why models have no chance and no cash, each reason once."""
    for reason in dict.fromkeys(one.unknown for one in found if one.unknown is not None):
        notice.show(_("Unknown, because {reason}.", reason=translate(reason)), "warning")


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
    st.caption(
        _(
            "The profit of a month with the customers looked at, in {n} random worlds, in each of which"
            " every assumption takes a value of its range. The dot is the middle of all worlds; 8 in 10"
            " lie within the line. Right of 0 is profit.",
            n=fmt.count(found[0].n_draws),
        )
    )
    _say_unknown(found)


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
    st.caption(
        _(
            "One assumption at a time is set to the low, then to the high end of its range, as written"
            " below its name, and all others stay: the bar shows what then becomes of the result. The"
            " longest bars are the numbers to make sure of first. A price of your own is decided, so it"
            " has none."
        )
    )
    if st.toggle(_("Let all of them vary at once (Sobol indices)"), key=f"_{key}.matters.sobol"):
        _sobol(result, target, key)


def _sobol(result: ModelResult, target: str, key: str) -> None:
    try:
        found = sobol(result.case, target)[:N_SWINGS]
    except StudioError as error:
        notice.show(error.notice, "warning")
        return
    called = {figure_text.name(one.figure): one for one in found if one.total >= LEAST_INFLUENCE}
    if not called:
        st.caption(_("Nothing moves this result."))
        return
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
    st.caption(
        _(
            "How much of the ups and downs of the result comes from each assumption, by itself and"
            " together with the others. What has no bar here explains less than {least} of them.",
            least=fmt.share(LEAST_INFLUENCE),
        )
    )
