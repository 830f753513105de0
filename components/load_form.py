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
from studio.economics.traffic import peak_rate_per_s

FORMAT = "%.6g"
USERS, REQUESTS = 1_000, 300
"""What is shown at first."""
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

    `rate_per_user` is None where the load was given otherwise; `requests_per_user` a month and
    `peak_factor` are what it was computed from. With a `group` the rate is the most that
    its people could ask if answers took no time; how much they do ask, the service decides.
    """

    rate_per_s: float
    slo: Slo
    rate_per_user: float | None = None
    requests_per_user: float | None = None
    peak_factor: float | None = None
    group: Group | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the form keeps for longer than the session: the promise and the peak factor.

    `keep_slo` and `keep_peak` are told of others.
    """

    slo: Slo
    keep_slo: Callable[[Slo], None]
    peak_factor: float
    keep_peak: Callable[[float], None]


def show(kept: Kept, *, writes: bool, key: str) -> Load:
    """Draw the form; it keeps its values while the session lasts, those of `kept` for longer.

    Args:
        kept: what is promised, and the peak factor.
        writes: whether the prototype writes, so that the first word can be promised, too.
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
    columns = st.columns(3, gap="small", vertical_alignment="bottom")
    load = _load(str(by), columns, kept, key)
    promises = st.columns(3, gap="small", vertical_alignment="bottom")
    with promises[0]:
        _promise(kept, f"_{key}.slo")
    with promises[1]:
        _percentile(kept, f"_{key}.percentile")
    if writes:
        with promises[2]:
            _first_word(kept, f"_{key}.first")
    return load


def _load(by: str, columns: Sequence[DeltaGenerator], kept: Kept, key: str) -> Load:
    if by == "group":
        group = _group(columns, key)
        return Load(rate_per_s=group.people / group.think_s, slo=kept.slo, group=group)
    if by == "users":
        return _users(columns, kept, key)
    return Load(rate_per_s=_rate(columns[0], key), slo=kept.slo)


def _promise(kept: Kept, widget: str) -> None:
    session.fill_widget(widget, kept.slo.total_ms / 1000)
    st.number_input(
        _("Promised time (s)"),
        min_value=0.01,
        max_value=86_400.0,
        step=0.5,
        format=FORMAT,
        help=_("So many requests are to be answered within it (SLO), to the last word."),
        key=widget,
        on_change=_promise_changed,
        args=(kept, widget),
    )


def _promise_changed(kept: Kept, widget: str) -> None:
    seconds = session.widget_value(widget)
    if seconds:
        kept.keep_slo(replace(kept.slo, total_ms=float(seconds) * 1000))


def _percentile(kept: Kept, widget: str) -> None:
    session.fill_widget(widget, round(kept.slo.percentile * 100, 1))
    st.number_input(
        _("Kept for so many of 100 requests"),
        min_value=50.0,
        max_value=99.9,
        step=1.0,
        format=FORMAT,
        help=_("95 is usual (p95). The closer to 100, the more servers it takes."),
        key=widget,
        on_change=_percentile_changed,
        args=(kept, widget),
    )


def _percentile_changed(kept: Kept, widget: str) -> None:
    percent = session.widget_value(widget)
    if percent:
        kept.keep_slo(replace(kept.slo, percentile=round(float(percent) / 100, 6)))


def _first_word(kept: Kept, widget: str) -> None:
    first_ms = kept.slo.first_token_ms
    session.fill_widget(widget, None if first_ms is None else first_ms / 1000)
    st.number_input(
        _("First word within (s)"),
        min_value=0.01,
        max_value=86_400.0,
        value=None,
        step=0.1,
        format=FORMAT,
        placeholder=_("not promised"),
        help=_("A second promise, for when the text begins. Leave it empty to promise nothing."),
        key=widget,
        on_change=_first_word_changed,
        args=(kept, widget),
    )


def _first_word_changed(kept: Kept, widget: str) -> None:
    seconds = session.widget_value(widget)
    kept.keep_slo(replace(kept.slo, first_token_ms=float(seconds) * 1000 if seconds else None))


def _users(columns: Sequence[DeltaGenerator], kept: Kept, key: str) -> Load:
    """Users a month, and what each of them asks."""
    with columns[0]:
        users = _number(_("Users a month"), USERS, key=f"_{key}.users", least=1.0, step=100.0)
    with columns[1]:
        requests = _number(
            _("Requests of each a month"),
            REQUESTS,
            key=f"_{key}.requests",
            least=0.1,
            step=10.0,
        )
    with columns[2]:
        peak = _peak(kept, f"_{key}.peak")
    each = peak_rate_per_s(1, requests, peak)
    return Load(
        rate_per_s=users * each,
        slo=kept.slo,
        rate_per_user=each,
        requests_per_user=requests,
        peak_factor=peak,
    )


def _peak(kept: Kept, widget: str) -> float:
    """How much more is asked in the busiest hour; the same number as in the business models."""
    session.fill_widget(widget, kept.peak_factor)
    st.number_input(
        _("Peak factor"),
        min_value=1.0,
        step=0.5,
        format=FORMAT,
        help=_(
            "How much more is asked in the busiest hour than on average, here and in the business"
            " models. 3 to 5 is usual; an assumption, unverified."
        ),
        key=widget,
        on_change=_peak_changed,
        args=(kept, widget),
    )
    return kept.peak_factor


def _peak_changed(kept: Kept, widget: str) -> None:
    factor = session.widget_value(widget)
    if factor:
        kept.keep_peak(float(factor))


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
        return _number(_("Requests a second, at the peak"), 1.0, key=f"_{key}.rate", least=0.0001)


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
