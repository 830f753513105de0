"""Latency under load of the chosen way of serving: the curve, the replicas, and where it breaks.

Times are predicted by the queue, so they are drawn dashed. The module draws; economics computes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from components import base_figures, chart_load, figure_card, notice
from components import chart_frame as frame
from components import format as fmt
from components.business_source import Source
from components.i18n import _, ngettext
from components.load_form import Group, Load
from components.shown_currency import ShownCurrency
from studio.economics.serving import LoadPoint, Serving
from studio.economics.serving_choice import Slo
from studio.errors import StudioError

N_POINTS = 24
REPLICA_POINTS = 16
REACH = 1.3
"""The curve goes at least so far beyond the load that is looked at."""


def reach(rate_per_s: float, breaks_at: float | None) -> float:
    """Where the curve ends: beyond the load, in steps of two, so that a slider finds it drawn before.

    Args:
        rate_per_s: the load that is looked at.
        breaks_at: the load that is too much; the curve does not go far beyond it. None: no such load.
    """
    wanted = max(rate_per_s * REACH, 1e-4)
    stepped = 2.0 ** math.ceil(math.log2(wanted))
    return stepped if breaks_at is None else max(min(stepped, breaks_at * 1.08), wanted)


def show(source: Source, serving: Serving, load: Load, shown: ShownCurrency, *, key: str) -> Load:
    """Draw what becomes of the service under the load; gives the load as the service lets it be.

    A group of people asks the slower the longer it waits: its rate is known only here.
    """
    try:
        here = _here(serving, load)
    except StudioError as error:  # a mix has no group
        notice.show(error.notice, "error")
        return load
    if here.problem is not None:
        notice.show(here.problem, "warning" if here.is_stable else "error")
    figure_card.row(base_figures.of_load(serving, load, here), shown, key="load")
    breaks_at = None
    if load.group is not None:
        st.caption(_group_words(load.group, here))
    elif serving.max_rate_per_s is not None:
        breaks_at = serving.saturation_per_s(here.replicas)
        assert breaks_at is not None  # there is a highest rate, so there is one for every number
        st.caption(_limit_words(load, here.replicas, breaks_at))
    view = _view(here, key)
    if load.group is not None:
        _group_curve(source, serving, load, here, is_first=view == "first", key=key)
        return replace(load, rate_per_s=here.rate_per_s)
    _curve(source, serving, load, here, is_first=view == "first", key=key)
    if breaks_at is not None:
        _replica_steps(source, serving, load, key)
    return load


def _here(serving: Serving, load: Load) -> LoadPoint:
    group = load.group
    if group is None:
        return serving.at_rate(load.rate_per_s, slo=load.slo)
    return serving.at_users(group.people, group.think_s, slo=load.slo)


def _group_words(group: Group, here: LoadPoint) -> str:
    """What a group comes to, in words."""
    return _(
        "{n} people ask {rate} requests a second together. Who waits asks nothing, so that the service"
        " is never overrun; with too few replicas they only wait longer.",
        n=fmt.count(group.people),
        rate=fmt.number(here.rate_per_s),
    )


def _limit_words(load: Load, replicas: int, breaks_at: float) -> str:
    """Where it becomes unstable, in words."""
    if load.rate_per_user:
        most = _("{n} users", n=fmt.number(breaks_at / load.rate_per_user))
    else:
        most = _("{rate} requests/s", rate=fmt.number(breaks_at))
    return ngettext(
        "With {n} replica it becomes unstable at {most}; from there on the line only grows.",
        "With {n} replicas it becomes unstable at {most}; from there on the line only grows.",
        replicas,
        most=most,
    )


def _view(here: LoadPoint, key: str) -> str:
    views = {"total": _("Whole answer"), "first": _("First word")}
    if here.first_p95_ms is None:
        return "total"
    return str(
        st.segmented_control(
            _("Which time"),
            list(views),
            default="total",
            required=True,
            format_func=views.__getitem__,
            label_visibility="collapsed",
            key=f"_{key}.view",
        )
    )


def _curve(
    source: Source,
    serving: Serving,
    load: Load,
    here: LoadPoint,
    *,
    is_first: bool,
    key: str,
) -> None:
    """The curve with as many replicas as are needed here."""
    limit = serving.saturation_per_s(here.replicas)
    right = reach(load.rate_per_s, limit)
    rates = [float(rate) for rate in np.linspace(0.0, right, N_POINTS)]
    points = source.curve(serving, rates, load.slo, replicas=here.replicas)
    x, scale = _axis(load)
    chart = chart_load.figure(
        [rate * scale for rate in rates],
        _lines(points, is_first=is_first),
        x,
        limit_s=_promised_s(load.slo, is_first=is_first),
        band=serving.band,
        here=chart_load.Mark(load=load.rate_per_s * scale, name=_("your load")),
        breaks=None if limit is None else chart_load.Mark(load=limit * scale, name=_("unstable")),
    )
    frame.show(chart, key=f"{key}_curve", alt=_alt(here))


def _group_curve(
    source: Source,
    serving: Serving,
    load: Load,
    here: LoadPoint,
    *,
    is_first: bool,
    key: str,
) -> None:
    """The same over the number of people."""
    group = load.group
    assert group is not None
    most = math.ceil(reach(group.people, None))
    people = sorted({max(1, round(n)) for n in np.linspace(1, most, N_POINTS).tolist()})
    points = source.group_curve(serving, people, group.think_s, load.slo, replicas=here.replicas)
    chart = chart_load.figure(
        people,
        _lines(points, is_first=is_first),
        frame.Axis(title=_("People at the same time")),
        limit_s=_promised_s(load.slo, is_first=is_first),
        band=serving.band,
        here=chart_load.Mark(load=group.people, name=_("your load")),
    )
    frame.show(chart, key=f"{key}_group_curve", alt=_alt(here))


def _axis(load: Load) -> tuple[frame.Axis, float]:
    """The axis of the load, and by how much a rate is multiplied for it."""
    if load.rate_per_user:
        return frame.Axis(title=_("Users a month")), 1 / load.rate_per_user
    return frame.Axis(title=_("Demand"), unit=_("requests/s")), 1.0


def _promised_s(slo: Slo, *, is_first: bool) -> float | None:
    """What is promised of the time that is drawn; None for nothing."""
    if is_first:
        return None if slo.first_token_ms is None else slo.first_token_ms / 1000
    return slo.total_ms / 1000


def _lines(points: Sequence[LoadPoint], *, is_first: bool) -> dict[str, list[float | None]]:
    """The percentiles in seconds; None where there is no such time."""
    chosen = {
        "p50": [p.first_p50_ms if is_first else p.p50_ms for p in points],
        "p95": [p.first_p95_ms if is_first else p.p95_ms for p in points],
        "p99": [p.first_p99_ms if is_first else p.p99_ms for p in points],
    }
    return {
        name: [None if ms is None else ms / 1000 for ms in values]
        for name, values in chosen.items()
    }


def _replica_steps(source: Source, serving: Serving, load: Load, key: str) -> None:
    """How many replicas more load needs, up to several times the load that is looked at."""
    right = 4 * reach(load.rate_per_s, None)
    rates = [float(rate) for rate in np.linspace(0.0, right, REPLICA_POINTS)]
    points = source.curve(serving, rates, load.slo)
    known = [
        (rate, point.replicas_needed)
        for rate, point in zip(rates, points, strict=True)
        if point.replicas_needed is not None
    ]
    if len(known) < 2:
        return
    x, scale = _axis(load)
    chart = chart_load.replicas([rate * scale for rate, _n in known], [n for _r, n in known], x)
    frame.show(
        chart,
        key=f"{key}_replicas",
        alt=_(
            "Replicas needed: {few} at little load, {many} at the right end.",
            few=known[0][1],
            many=known[-1][1],
        ),
    )


def _alt(here: LoadPoint) -> str:
    if here.p95_ms is None:
        return _("Time over load. At your load the service is unstable.")
    return _(
        "Time over load. At your load 95 of 100 requests are answered within {time}.",
        time=fmt.duration(here.p95_ms / 1000),
    )
