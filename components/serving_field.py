"""Binds one widget to one field of a choice of serving: the choice fills it, a change is kept at once.

A choice is immutable; a change makes another one, which whoever drew the form keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import session
from components.i18n import translate
from studio.economics.serving_choice import ServingChoice
from studio.errors import StudioError

Keep = Callable[[ServingChoice], None]
Convert = Callable[[Any], Any]  # a widget's value has the widget's type


def bind(
    choice: ServingChoice,
    keep: Keep,
    key: str,
    name: str,
    *,
    shown: Convert = lambda value: value,
    kept: Convert = lambda value: value,
    forgotten: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Arguments of the widget that edits a field of the choice; `forgotten` are fields set to None."""
    field = f"_{key}.{type(choice).__name__}.{name}"
    value = shown(getattr(choice, name))
    session.fill_widget(field, value)
    return {
        "key": field,
        "on_change": _changed,
        "args": (choice, keep, name, forgotten, field, kept),
    }


def _changed(
    choice: ServingChoice,
    keep: Keep,
    name: str,
    forgotten: tuple[str, ...],
    field: str,
    kept: Convert,
) -> None:
    changed = {name: kept(session.widget_value(field))} | dict.fromkeys(forgotten)
    try:
        keep(replace(choice, **changed))
    except StudioError as error:
        session.flash(translate(error.notice))


def beside(widths: Sequence[int], *, is_narrow: bool) -> Sequence[DeltaGenerator]:
    """Places beside each other; below each other where the form is a part of another one."""
    if is_narrow:
        return [st.container() for _width in widths]
    return st.columns(list(widths), gap="medium")


def decimal(value: float | None) -> Decimal:
    """What was typed, as it reads."""
    return Decimal(str(value or 0))


def float_or_none(value: Decimal | None) -> float | None:
    """A price as a field shows it; empty where there is none of one's own."""
    return None if value is None else float(value)


def decimal_or_none(value: float | None) -> Decimal | None:
    """What was typed, as it reads; None for an empty field."""
    return None if value is None else Decimal(str(value))


def percent(value: float) -> int:
    """A share as a slider shows it."""
    return round(value * 100)


def share(value: float) -> float:
    """What a slider of percents says."""
    return value / 100
