"""How much a prototype would be asked: by users a month or by requests a second, and what is promised.

The module draws; a load is an immutable value that it gives.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Requests a second at the peak, what is promised, and the users behind it.

    `rate_per_user` is None where the load was given in requests a second.
    """

    rate_per_s: float
    slo: Slo
    rate_per_user: float | None = None


def show(slo: Slo, keep_slo: Callable[[Slo], None], *, key: str) -> Load:
    """Draw the form; it keeps its values while the session lasts, and what is promised for longer.

    Args:
        slo: what is promised.
        keep_slo: told of another promise.
        key: prefix of the widgets' keys.
    """
    units = {"users": _("By users"), "rate": _("By requests a second")}
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
    rate, each = _users(columns, key) if by == "users" else (_rate(columns[0], key), None)
    with columns[3 if by == "users" else 1]:
        _promise(slo, keep_slo, f"_{key}.slo")
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
