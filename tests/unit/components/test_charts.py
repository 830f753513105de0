"""The charts: units on every axis, and styles that say what a line rests on."""

from __future__ import annotations

import math

import pytest

from components import (
    chart_distribution,
    chart_frame,
    chart_load,
    chart_margin,
    chart_months,
    chart_pareto,
    chart_sensitivity,
    chart_stack,
)

COST = chart_frame.Axis(title="Cost", unit="USD", is_log=True)
TIME = chart_frame.Axis(title="Time", unit="s", is_log=True)


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("color", chart_frame.PALETTE)
@pytest.mark.parametrize("page", ["#ffffff", "#14191a"])
def test_every_colour_is_seen_on_a_light_and_on_a_dark_page(color, page) -> None:
    assert contrast(color, page) >= 3


def test_axes_carry_their_units() -> None:
    chart = chart_frame.figure(TIME, COST)
    assert chart.layout.xaxis.title.text == "Time (s)"
    assert chart.layout.yaxis.title.text == "Cost (USD)"
    assert (chart.layout.xaxis.type, chart.layout.yaxis.type) == ("log", "log")
    assert chart_frame.Axis(title="Share", is_share=True).layout()["tickformat"] == ".0%"


def test_line_styles_say_what_a_line_rests_on() -> None:
    dashes = [
        chart_frame.line("a", chart_frame.BLUE, origin)["line"]["dash"]
        for origin in ("measured", "predicted", "assumed")
    ]
    assert dashes == ["solid", "dash", "dot"]


def test_bars_stack_to_their_sum_and_hatch_what_was_not_measured() -> None:
    bars = [
        chart_stack.Bar(name="here", parts={"reading": 0.5, "writing": 1.5}, origins={}),
        chart_stack.Bar(name="hosted", parts={"writing": 3.0}, origins={"writing": "predicted"}),
    ]
    chart = chart_stack.figure(bars, chart_frame.Axis(title="Cost", unit="USD"))
    assert [trace.name for trace in chart.data] == ["reading", "writing"]
    assert list(chart.data[0].x) == [0.5, 0.0]
    assert list(chart.data[1].marker.pattern.shape) == ["", "/"]
    assert [note.text for note in chart.layout.annotations] == [
        "here: <b>2</b>",
        "hosted: <b>3</b>",
    ]
    assert list(chart.layout.yaxis.categoryarray) == ["hosted", "here"]  # the first on top


def choice(key, cost, seconds, **more):
    return chart_pareto.Choice(
        key=key, name=f"<{key}>", group="hosted", cost=cost, seconds=seconds, **more
    )


def test_pareto_joins_the_best_and_marks_the_chosen() -> None:
    ones = [
        choice("a", 1.0, 4.0, is_best=True),
        choice("b", 4.0, 1.0, is_best=True, seconds_range=(0.6, 1.4)),
        choice("c", 9.0, 9.0, is_chosen=True),
    ]
    chart = chart_pareto.figure(ones, COST, TIME)
    front, dots, chosen = chart.data
    assert (list(front.x), list(front.y)) == ([1.0, 4.0], [4.0, 1.0])
    assert front.line.dash == "dash"
    assert list(dots.error_x.array) == pytest.approx([0, 0.4, 0])
    assert (list(chosen.x), list(chosen.y)) == ([9.0], [9.0])
    names = {note.text for note in chart.layout.annotations}
    assert names == {"&lt;a>", "&lt;b>", "&lt;c>"}
    assert math.isclose(chart.layout.annotations[0].x, math.log10(1.0))


def test_load_leaves_gaps_where_it_is_unstable_and_shades_them() -> None:
    chart = chart_load.figure(
        [0, 1, 2, 3],
        {"p50": [1, 2, None, None], "p95": [2, 4, None, None]},
        chart_frame.Axis(title="Load", unit="requests/s"),
        limit_s=3.0,
        breaks=chart_load.Mark(load=1.5, name="unstable"),
    )
    assert list(chart.data[0].y) == [1, 2, None, None]
    assert {shape.type for shape in chart.layout.shapes} == {"line", "rect"}
    rect = next(shape for shape in chart.layout.shapes if shape.type == "rect")
    assert (rect.x0, rect.x1) == (1.5, 3)
    assert chart.layout.yaxis.range[1] >= 3.0


def test_an_uncertain_load_has_a_band_around_each_line() -> None:
    axis = chart_frame.Axis(title="Load")
    values = {"p50": [1.0, 2.0, None], "p95": [2.0, 4.0, None]}
    sure = chart_load.figure([0, 1, 2], values, axis, limit_s=3.0)
    chart = chart_load.figure([0, 1, 2], values, axis, limit_s=3.0, band=0.5)
    assert (len(sure.data), len(chart.data)) == (2, 4)
    assert list(chart.data[0].y) == [1.5, 3.0, 1.0, 0.5]
    assert list(chart.data[0].x) == [0, 1, 1, 0]


def test_load_keeps_one_late_point_from_flattening_the_rest() -> None:
    chart = chart_load.figure(
        [0, 1], {"p99": [1, 1e6]}, chart_frame.Axis(title="Load"), limit_s=2.0
    )
    assert chart.layout.yaxis.range[1] == pytest.approx(6.9)


def test_histogram_counts_everything_that_is_known() -> None:
    chart = chart_distribution.figure([1.0, 2.0, 2.0, float("nan"), 10.0], COST)
    assert sum(chart.data[0].y) == 4
    assert [a.text for a in chart.layout.annotations] == ["p50", "p90", "p99"]
    assert not chart_distribution.figure([], COST).data


def test_waterfall_ends_with_what_is_left() -> None:
    steps = [
        chart_margin.Step(name="price", amount=20.0),
        chart_margin.Step(name="fee", amount=-0.9),
        chart_margin.Step(name="models", amount=-25.0),
    ]
    chart = chart_margin.waterfall(steps, "left", "USD")
    assert list(chart.data[0].measure) == ["absolute", "relative", "relative", "total"]
    assert chart.data[0].y[-1] == pytest.approx(-5.9)
    assert chart.data[0].totals.marker.color == chart_frame.RED


def test_losses_differ_by_more_than_colour() -> None:
    chart = chart_margin.deciles([2.0, -1.0], "USD", title="Margin")
    assert list(chart.data[0].marker.color) == [chart_frame.GREEN, chart_frame.RED]
    assert list(chart.data[0].marker.pattern.shape) == ["", "/"]


def test_break_even_is_named_only_where_it_exists() -> None:
    x = chart_frame.Axis(title="Users")
    with_one = chart_margin.break_even([0, 10], [0, 100], [50, 60], x, "USD", at=6.0, now=None)
    without = chart_margin.break_even([0, 10], [0, 10], [50, 60], x, "USD", at=None, now=5.0)
    assert [a.text for a in with_one.layout.annotations] == ["break-even: 6"]
    assert [a.text for a in without.layout.annotations] == ["your plan"]


def test_cash_names_its_lowest_point() -> None:
    chart = chart_months.cash([100.0, -20.0, 40.0], "EUR", band=([90, -60, 0], [110, 0, 90]))
    lowest = chart.data[-1]
    assert (list(lowest.x), list(lowest.y)) == ([1], [-20.0])
    assert lowest.marker.color == chart_frame.RED
    assert chart.layout.yaxis.title.text == "Cash (EUR)"


def test_cohorts_are_joined_without_losing_anybody() -> None:
    active = [[10.0, 5.0, 2.0], [0.0, 10.0, 5.0], [0.0, 0.0, 10.0]]
    chart = chart_months.cohorts(active, chart_frame.Axis(title="Users"), n_bands=2)
    assert len(chart.data) == 2
    assert [sum(month) for month in zip(*(trace.y for trace in chart.data), strict=True)] == [
        10.0,
        15.0,
        17.0,
    ]


def test_tornado_swings_around_the_outcome_of_now() -> None:
    swings = [
        chart_sensitivity.Swing(
            name="churn", low_text="2%", high_text="8%", at_low=300.0, at_high=80.0
        )
    ]
    chart = chart_sensitivity.tornado(swings, 150.0, chart_frame.Axis(title="LTV", unit="USD"))
    low, high = chart.data
    assert (low.base, list(low.x)) == (150.0, [150.0])
    assert list(high.x) == [-70.0]
    assert list(high.customdata[0]) == [80.0, "8%"]


def test_spread_draws_the_interval_around_the_middle() -> None:
    chart = chart_sensitivity.spread({"api": (1.0, 3.0, 10.0)}, chart_frame.Axis(title="Cash"))
    assert list(chart.data[0].error_x.array) == [7.0]
    assert list(chart.data[0].error_x.arrayminus) == [2.0]
    assert chart_sensitivity.shares({"a": -0.01}, {"a": 0.5}).data[0].x[0] == 0.0
