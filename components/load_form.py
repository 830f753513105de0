"""How much a prototype would be asked: by users a month, by requests a second, or by a group at work.

With what is promised. The module draws; a load is an immutable value that it gives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import session
from components.i18n import _
from studio.economics.serving_choice import Slo

FORMAT = "%.6g"
SECONDS_PER_MONTH = 30 * 86_400
USERS, REQUESTS, PEAK = 1_000, 300, 4.0
"""What is shown at first; the peak factor is an assumption (3 to 5, unverified)."""
PEOPLE, THINK_S = 20, 30.0
"""Of a group, at first: an assumption, from no source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """So many people at the same time, each of whom asks again `think_s` seconds after an answer."""

    people: int
    think_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Requests a second at the peak, what is promised, and the users behind it.

    `rate_per_user` is None where the load was given otherwise. With a `group` the rate is the most that
    its people could ask if answers took no time; how much they do ask, the service decides.
    """

    rate_per_s: float
    slo: Slo
    rate_per_user: float | None = None
    group: Group | None = None


def show(slo: Slo, keep_slo: Callable[[Slo], None], *, key: str) -> Load:
    """Draw the form; it keeps its values while the session lasts, and what is promised for longer.

    Args:
        slo: what is promised.
        keep_slo: told of another promise.
        key: prefix of the widgets' keys.
    """
    units = {
        "users": _("By users"),
        "rate": _("By requests a second"),
        "group": _("By a group at work"),
    }
    by = st.segmented_control(
        _("How the load is given"),
        list(units),
        default="users",
        required=True,
        format_func=units.__getitem__,
        label_visibility="collapsed",
        key=f"_{key}.by",
        persist_state="session",
    )
    columns = st.columns(4, gap="small", vertical_alignment="bottom")
    with columns[{"users": 3, "group": 2}.get(str(by), 1)]:
        _promise(slo, keep_slo, f"_{key}.slo")
    if by == "group":
        group = _group(columns, key)
        return Load(rate_per_s=group.people / group.think_s, slo=slo, group=group)
    rate, each = _users(columns, key) if by == "users" else (_rate(columns[0], key), None)
    return Load(rate_per_s=rate, slo=slo, rate_per_user=each)


def _promise(slo: Slo, keep_slo: Callable[[Slo], None], widget: str) -> None:
    session.fill_widget(widget, slo.total_ms / 1000)
    st.number_input(
        _("Promised time (s)"),
        min_value=0.01,
        max_value=86_400.0,
        step=0.5,
        format=FORMAT,
        help=_("95 of 100 requests are to be answered within it (SLO)."),
        key=widget,
        on_change=_promise_changed,
        args=(slo, keep_slo, widget),
    )


def _promise_changed(slo: Slo, keep_slo: Callable[[Slo], None], widget: str) -> None:
    seconds = session.widget_value(widget)
    if seconds:
        keep_slo(replace(slo, total_ms=float(seconds) * 1000))


def _users(columns: Sequence[DeltaGenerator], key: str) -> tuple[float, float]:
    """Requests a second at the peak, and what one user adds to them."""
    with columns[0]:
        users = _number(_("Users a month"), USERS, key=f"_{key}.users", step=100.0)
    with columns[1]:
        requests = _number(
            _("Requests of each a month"), REQUESTS, key=f"_{key}.requests", step=10.0
        )
    with columns[2]:
        peak = _number(
            _("Peak factor"),
            PEAK,
            key=f"_{key}.peak",
            least=1.0,
            help_=_(
                "How much more is asked in the busiest hour than on average. 3 to 5 is usual; an"
                " assumption, unverified."
            ),
        )
    each = requests * peak / SECONDS_PER_MONTH
    return users * each, each


def _group(columns: Sequence[DeltaGenerator], key: str) -> Group:
    with columns[0]:
        people = st.number_input(
            _("People at the same time"),
            min_value=1,
            max_value=5_000,
            value=PEOPLE,
            key=f"_{key}.people",
            persist_state="session",
            help=_(
                "A known number, such as the agents of a help desk. Who waits for an answer asks nothing"
                " meanwhile, so the line cannot grow for ever."
            ),
        )
    with columns[1]:
        think_s = _number(
            _("Pause of each before the next question (s)"),
            THINK_S,
            key=f"_{key}.think",
            least=0.1,
            step=5.0,
            help_=_("In the mean, from an answer to the next question; an assumption, unverified."),
        )
    return Group(people=int(people), think_s=think_s)


def _rate(column: DeltaGenerator, key: str) -> float:
    with column:
        return _number(_("Requests a second, at the peak"), 1.0, key=f"_{key}.rate")


def _number(
    label: str, value: float, *, key: str, least: float = 0.0, step: float = 0.5, help_: str = ""
) -> float:
    return float(
        st.number_input(
            label,
            min_value=least,
            value=float(value),
            step=step,
            format=FORMAT,
            help=help_ or None,
            key=key,
            persist_state="session",
        )
    )
