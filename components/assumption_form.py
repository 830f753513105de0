"""The form of what a business model takes for granted: a field for each, with its unit and its source.

Every change counts at once; what is not possible is refused in words and the value before stays. Money
is typed in the currency that is shown, shares in percent. The module computes no business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from decimal import ROUND_HALF_UP, Decimal

import streamlit as st

from components import figure_text, session
from components.i18n import _, translate
from components.shown_currency import ShownCurrency
from studio.economics.assumptions import Assumption, told
from studio.economics.figure import Unit
from studio.errors import StudioError
from studio.records import Notice

Keep = Callable[[str, Decimal | None], None]
"""Told of a change: the assumption's key and its value, None for the default again."""

PERCENT = (Unit.SHARE, Unit.SHARE_PER_MONTH)
FORMAT = "%.6g"
WHOLE = "%.0f"


def show(
    assumptions: Sequence[Assumption],
    keep: Keep,
    shown: ShownCurrency,
    *,
    key: str,
    n_columns: int = 3,
) -> None:
    """Draw a field for each assumption; on a phone they stack.

    Args:
        assumptions: in the order in which they are to be drawn.
        keep: told of every change; may raise StudioError, which is shown.
        shown: the currency that amounts are typed in.
        key: prefix of the widgets' keys.
        n_columns: so many in a row.
    """
    for start in range(0, len(assumptions), n_columns):
        columns = st.columns(n_columns, gap="small", vertical_alignment="bottom")
        for column, one in zip(columns, assumptions[start : start + n_columns], strict=False):
            with column:
                _field(one, keep, shown, key)


def _field(one: Assumption, keep: Keep, shown: ShownCurrency, key: str) -> None:
    widget = f"_{key}.{one.key}"
    value = to_widget(one, shown)
    session.fill_widget(widget, value)
    st.number_input(
        label(one, shown),
        format=WHOLE if one.is_whole else FORMAT,
        step=1.0 if one.is_whole else step(value),
        help=figure_text.source_hint(one.figure, shown),
        key=widget,
        on_change=_changed,
        args=(one, keep, shown, widget),
    )


def label(one: Assumption, shown: ShownCurrency) -> str:
    """What is asked for, with its unit; one's own entry is marked, and what no source bears out."""
    name = translate(one.label)
    unit = "%" if one.unit in PERCENT else figure_text.unit(one.unit, shown.code)
    text = f"{name[:1].upper()}{name[1:]}"
    # Not escaped: the label is read out as it is, and no text of a user is in it.
    mark = " ●" if one.is_own else "" if one.source.is_verified else " ○"
    return (f"{text} ({unit})" if unit else text) + mark


def step(value: float) -> float:
    """A step that changes the second digit or so: 20 moves by 1, 8,000 by 500, 0.03 by 0.001."""
    if value == 0:
        return 1.0
    text = f"{abs(value):.0e}"  # one digit and the exponent
    power = 10.0 ** int(text.split("e")[1])
    return power / 20 if power >= 20 else power / 10


def to_widget(one: Assumption, shown: ShownCurrency) -> float:
    """The value as the field shows it."""
    value = one.value
    if one.unit.is_money:
        value = shown.rates.from_usd(value, shown.currency)
    elif one.unit in PERCENT:
        value = value * 100
    return float(round(value, 10))


def from_widget(one: Assumption, typed: float, shown: ShownCurrency) -> Decimal:
    """What was typed, in the assumption's own unit."""
    value = Decimal(str(typed))
    if one.is_whole and value.is_finite():
        return value.to_integral_value(ROUND_HALF_UP)
    if one.unit.is_money:
        return shown.rates.to_usd(value, shown.currency)
    return value / 100 if one.unit in PERCENT else value


def _changed(one: Assumption, keep: Keep, shown: ShownCurrency, widget: str) -> None:
    typed = session.widget_value(widget)
    try:
        keep(one.key, None if typed is None else from_widget(one, float(typed), shown))
    except StudioError as error:
        problem = _problem(error.notice, _typed(one, float(typed or 0), shown))
        session.flash(_("{problem} The value before was kept.", problem=problem))


def _typed(one: Assumption, typed: float, shown: ShownCurrency) -> str:
    """What was typed, in the unit of its field."""
    text = told(Decimal(str(typed)), Unit.COUNT)
    if one.unit in PERCENT:
        return f"{text}%"
    return f"{text} {shown.code}" if one.unit.is_money else text


def _problem(problem: Notice, typed: str) -> str:
    """Why a number is not possible, told of what was typed: amounts are kept in another currency."""
    said = copy(problem)
    if "value" in problem.values:
        said.values = {**problem.values, "value": typed}
    text = translate(said)
    return text[:1].upper() + text[1:]
