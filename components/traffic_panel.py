"""Traffic played through the chosen way of serving: a steady stream, a day with a peak, or a real trace.

Each request is simulated, so that bursts and nights are as they are; the curve above holds for steady
traffic only. The module draws; economics computes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import cache, notice
from components import chart_frame as frame
from components import format as fmt
from components.business_source import Source
from components.i18n import _
from components.load_form import Load
from studio.economics.serving import Serving
from studio.economics.serving_simulation import MOST_REQUESTS, PlayedTraffic
from studio.economics.traffic import (
    busiest_hour,
    daily_arrivals,
    daily_rates,
    poisson,
    read_trace_file,
)
from studio.errors import StudioError

N_STEADY = 5_000
N_BINS = 24
MOST_REPLICAS = 1_000
MANY = 10  # requests of each span from which on hardly any is empty
LEAST_PEAK, MOST_PEAK = 1.0, 12.0
HOUR_S = 3600.0
FULL_DAY = 0.95
"""A day is played whole up to this part of what can be: by chance it has more than expected."""
SEED = 0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Arrivals, and what says which they are."""

    key: str
    arrivals_s: Floats


def show(source: Source, serving: Serving, load: Load, peak_factor: float, *, key: str) -> None:
    """Draw the switch; below it, while it is on, the shape of the traffic and what becomes of it.

    Args:
        source: the prototype.
        serving: how it is served.
        load: at its busiest hour.
        peak_factor: of the load; a day with a peak begins with it.
        key: prefix of the widgets' keys.
    """
    if serving.only_path is None or not serving.only_path.has_times or load.rate_per_s <= 0:
        return
    if not st.toggle(
        _("Simulate traffic, request by request"),
        key=f"_{key}.traffic",
        help=_("A day with a peak, or a trace of your own, shows what a steady load hides."),
    ):
        return
    try:
        traffic = _traffic(load, peak_factor, key)
        if traffic is None:
            return
        needed = serving.at_rate(load.rate_per_s, slo=load.slo).replicas
        replicas = int(
            st.number_input(
                _("Replicas"),
                min_value=1,
                max_value=MOST_REPLICAS,
                value=min(needed, MOST_REPLICAS),
                key=f"_{key}.played_on.{needed}",  # anew where the load needs another number
            )
        )
        if not _carries(serving, traffic, load, replicas):
            return
        name = f"{source.state} {source.hour} {serving.choice!r} {traffic.key} {replicas}"
        played = cache.played_traffic(name, serving, traffic.arrivals_s, replicas)
    except StudioError as error:
        notice.show(error.notice, "error")
        return
    _figures(played, load)
    _over_time(played, load, key)


def _carries(serving: Serving, traffic: Traffic, load: Load, replicas: int) -> bool:
    """Whether so many replicas can answer the traffic in the mean; else says how many it takes.

    Where they cannot, what would be simulated depends on nothing but how long the traffic goes on.
    """
    span_s = float(traffic.arrivals_s[-1] - traffic.arrivals_s[0])
    mean = (len(traffic.arrivals_s) - 1) / span_s if span_s > 0 else 0.0
    point = serving.at_rate(mean, slo=load.slo, replicas=replicas)
    if not point.is_stable and point.problem is not None:
        notice.show(point.problem, "error")
    return point.is_stable


def _traffic(load: Load, peak_factor: float, key: str) -> Traffic | None:
    shapes = {
        "steady": _("Steady, by chance"),
        "day": _("A day with a peak"),
        "trace": _("A trace of your own"),
    }
    shape = st.segmented_control(
        _("Shape of the traffic"),
        list(shapes),
        default="steady",
        required=True,
        format_func=shapes.__getitem__,
        key=f"_{key}.shape",
    )
    rng = np.random.default_rng(SEED)
    if shape == "day":
        return _day(load, peak_factor, rng, key)
    if shape == "trace":
        return _trace(load, key)
    arrivals = poisson(load.rate_per_s, N_STEADY, rng)
    return Traffic(key=f"steady {load.rate_per_s}", arrivals_s=arrivals)


def _day(load: Load, peak_factor: float, rng: np.random.Generator, key: str) -> Traffic:
    begin = min(max(peak_factor, LEAST_PEAK), MOST_PEAK)
    factor = st.slider(
        _("Peak factor"),
        LEAST_PEAK,
        MOST_PEAK,
        begin,
        0.5,
        key=f"_{key}.day_peak.{begin:g}",  # anew where the load is given another one
        help=_("Busiest hour over mean hour. An assumption: 3 to 5 is usual."),
    )
    rates = daily_rates(load.rate_per_s / factor, factor)
    st.caption(_("Its busiest hour has the load chosen above."))
    expected = round(float(rates.sum()) * HOUR_S)
    if expected <= FULL_DAY * MOST_REQUESTS:
        arrivals = daily_arrivals(rates, rng)
    else:
        arrivals = busiest_hour(rates, MOST_REQUESTS, rng)
        said = _(
            "The day has about {all} requests; at most {limit} can be simulated. So {n} requests of"
            " its busiest hour are played.",
            all=fmt.number(expected),
            limit=fmt.count(MOST_REQUESTS),
            n=fmt.count(len(arrivals)),
        )
        notice.show(said)
    return Traffic(key=f"day {load.rate_per_s} {factor}", arrivals_s=arrivals)


def _trace(load: Load, key: str) -> Traffic | None:
    file = st.file_uploader(
        _("A CSV file with a column of times (offset_s or timestamp)"),
        type="csv",
        key=f"_{key}.trace",
    )
    if file is None:
        return None
    trace = read_trace_file(file.getvalue())
    for said in trace.notices:
        notice.show(said, "warning")
    if len(trace.arrivals_s) > MOST_REQUESTS:
        trace = trace.first(MOST_REQUESTS)
        notice.show(_("Its first {n} requests are played.", n=fmt.count(MOST_REQUESTS)))
    st.caption(
        _(
            "Its times are used, and nothing else of it: each request is as large as one that was"
            " measured, drawn by chance."
        )
    )
    is_scaled = st.toggle(
        _("As fast as the load chosen above, in the mean"), key=f"_{key}.scaled", value=True
    )
    if is_scaled:
        trace = trace.at_rate(load.rate_per_s)
    return Traffic(
        key=f"trace {file.file_id} {load.rate_per_s if is_scaled else ''}",
        arrivals_s=trace.arrivals_s,
    )


def _figures(played: PlayedTraffic, load: Load) -> None:
    """The percentiles, and how many were answered as promised."""
    kept = float((played.total_ms <= load.slo.total_ms).mean())
    figures = [
        (_("Requests"), fmt.count(len(played.total_ms))),
        ("p50", fmt.duration(played.percentile_ms(0.5) / 1000)),
        ("p95", fmt.duration(played.percentile_ms(0.95) / 1000)),
        ("p99", fmt.duration(played.percentile_ms(0.99) / 1000)),
        (_("In time"), fmt.share(kept)),
        (_("At work"), fmt.share(played.utilisation)),
    ]
    first = played.first_percentile_ms(0.95)
    if first is not None:
        figures.insert(4, (_("First word, p95"), fmt.duration(first / 1000)))
    with st.container(horizontal=True, gap="medium"):
        for label, value in figures:
            st.metric(
                label,
                value,
                width="content",
                help=_("Predicted: simulated request by request, seed {seed}.", seed=SEED),
            )


def _over_time(played: PlayedTraffic, load: Load, key: str) -> None:
    """The median and the 95th percentile in each of 24 equal spans."""
    span_s = float(played.arrivals_s[-1]) or 1.0
    unit, unit_s = ("h", 3600.0) if span_s > 7200 else ("min", 60.0) if span_s > 120 else ("s", 1.0)
    edges = np.linspace(0, span_s, N_BINS + 1)
    bins = np.clip(np.searchsorted(edges, played.arrivals_s, side="right") - 1, 0, N_BINS - 1)
    chart = frame.figure(
        frame.Axis(title=_("Time of arrival"), unit=unit),
        frame.Axis(title=_("Time"), unit="s", starts_at_zero=True),
    )
    x = [float(edge) / unit_s for edge in edges[:-1]]
    # Of a few requests most spans have none, and a line with gaps on both sides is not seen.
    mode = "lines" if len(played.total_ms) >= N_BINS * MANY else "lines+markers"
    for name, share, color in (("p50", 0.5, frame.BLUE), ("p95", 0.95, frame.ORANGE)):
        values = [
            float(np.quantile(within, share)) / 1000 if len(within) else None
            for within in (played.total_ms[bins == i] for i in range(N_BINS))
        ]
        chart.add_scatter(
            x=x,
            y=values,
            **(frame.line(name, color, "predicted") | {"mode": mode}),
            line_shape="hv",
            hovertemplate=frame.hover(name, f"%{{y:{frame.EXACT}}} s"),
        )
    limit_s = load.slo.total_ms / 1000
    frame.limit(chart, limit_s, _("promised: {value} s", value=f"{limit_s:g}"))
    alt = _(
        "Time to the answer over the time of arrival; 95 of 100 within {time}.",
        time=fmt.duration(played.percentile_ms(0.95) / 1000),
    )
    frame.show(chart, key=f"{key}_played", alt=alt)
