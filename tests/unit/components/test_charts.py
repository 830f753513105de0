"""The charts: units on every axis, and styles that say what a line rests on."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from components import (
    chart_attention,
    chart_distribution,
    chart_frame,
    chart_load,
    chart_loss,
    chart_margin,
    chart_months,
    chart_pareto,
    chart_sensitivity,
    chart_stack,
)
from studio.inference.training.plan import CurvePoint

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
    assert math.isclose(chart.layout.annotations[0].x, math.log10(9.0))  # the chosen one first


def test_pareto_has_numbers_along_both_axes_however_close_the_dots_are() -> None:
    ones = [choice("a", 0.061, 0.11, is_best=True), choice("b", 0.066, 0.13, is_chosen=True)]
    chart = chart_pareto.figure(ones, COST, TIME)
    for axis, values in ((chart.layout.xaxis, (0.11, 0.13)), (chart.layout.yaxis, (0.061, 0.066))):
        low, high = (10**end for end in axis.range)
        assert low < values[0]
        assert values[1] < high
        assert sum(low <= tick <= high for tick in axis.tickvals) >= 3


def test_names_that_would_lie_on_each_other_are_written_once() -> None:
    ones = [
        choice("a", 1.0, 1.0, is_best=True),
        choice("b", 1.01, 1.02, is_chosen=True),
        choice("c", 9.0, 9.0, is_best=True),
    ]
    chart = chart_pareto.figure(ones, COST, TIME)
    assert [note.text for note in chart.layout.annotations] == ["&lt;b>", "&lt;c>"]
    alone = chart_pareto.figure(ones[:2], COST, TIME)  # nothing else is there to be far from
    assert [note.text for note in alone.layout.annotations] == ["&lt;b>"]


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.5, 2_000, [1, 10, 100, 1_000]),
        (0.08, 3, [0.1, 0.2, 0.5, 1, 2]),
        (0.05, 0.09, [0.05, 0.06, 0.07, 0.08, 0.09]),
        (1.1, 1.7, [1.2, 1.3, 1.4, 1.6]),
    ],
)
def test_a_logarithmic_axis_is_divided_by_round_numbers(low, high, ticks) -> None:
    assert chart_frame.log_ticks(low, high) == pytest.approx(ticks)


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
    assert chart.data[0].mode == "lines"  # no dots in the band
    assert list(chart.data[0].y) == [1.5, 3.0, 1.0, 0.5]
    assert list(chart.data[0].x) == [0, 1, 1, 0]


def test_load_keeps_one_late_point_from_flattening_the_rest() -> None:
    chart = chart_load.figure(
        [0, 1], {"p99": [1, 1e6]}, chart_frame.Axis(title="Load"), limit_s=2.0
    )
    assert chart.layout.yaxis.range[1] == pytest.approx(6.9)


def test_load_shows_lines_that_are_late_from_the_start() -> None:
    chart = chart_load.figure(
        [0, 1], {"p95": [5.0, 6.0]}, chart_frame.Axis(title="Load"), limit_s=0.1
    )
    assert chart.layout.yaxis.range[1] > 6.0


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


def test_few_updates_are_whole_ones() -> None:
    points = [
        CurvePoint(part="train", step=step, done=0.1, loss=3.0, seconds=1.0, batch_size=4)
        for step in (0, 1)
    ]
    assert chart_loss.losses(points).layout.xaxis.dtick == 1
    many = [*points, replace(points[0], step=40)]
    assert chart_loss.losses(many).layout.xaxis.dtick is None


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
    active = [[0.0, 0.0, 0.0], [10.0, 5.0, 2.0], [0.0, 10.0, 5.0], [0.0, 0.0, 10.0]]
    chart = chart_months.cohorts(active, chart_frame.Axis(title="Users"), n_bands=2)
    assert [trace.name for trace in chart.data] == ["came in 1–2", "came in 3–3"]
    assert [sum(month) for month in zip(*(trace.y for trace in chart.data), strict=True)] == [
        10.0,
        15.0,
        17.0,
    ]


def test_those_who_were_there_at_the_start_are_a_band_of_their_own() -> None:
    active = [[3.0, 2.0], [10.0, 5.0], [0.0, 10.0]]
    chart = chart_months.cohorts(active, chart_frame.Axis(title="Users"), n_bands=1)
    assert [trace.name for trace in chart.data] == ["there at the start", "came in 1–2"]


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
    assert list(high.customdata[0]) == [80.0, "8%", "churn"]
    assert list(low.y) == list(high.y) == ["churn<br>2% – 8%"]


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("churn", ["churn"]),
        ("Cost of winning one subscriber (CAC)", ["Cost of winning one", "subscriber (CAC)"]),
        (
            "每次请求的成本（含服务器），按月计算的结果",
            ["每次请求的成本（含服务器），", "按月计算的结果"],
        ),
        ("R & D", ["R &amp; D"]),
    ],
)
def test_a_long_name_is_written_in_lines(name, rows) -> None:
    assert chart_frame.wrapped(name).split("<br>") == rows


def test_spread_draws_the_interval_around_the_middle() -> None:
    chart = chart_sensitivity.spread({"api": (1.0, 3.0, 10.0)}, chart_frame.Axis(title="Cash"))
    assert list(chart.data[0].error_x.array) == [7.0]
    assert list(chart.data[0].error_x.arrayminus) == [2.0]
    assert chart_sensitivity.shares({"a": -0.01}, {"a": 0.5}).data[0].x[0] == 0.0


def test_what_tokens_attend_to_is_seen_beside_the_first_one_that_catches_most() -> None:
    weights = np.array([[1.0, 0.0, 0.0], [0.9, 0.1, 0.0], [0.8, 0.15, 0.05]])
    (grid,) = chart_attention.attention(weights, ["a", "b", "c"]).data
    assert (grid.zmin, grid.zmax) == (0, 0.15)
    (grid,) = chart_attention.attention(weights[:1, :1], ["a"]).data
    assert grid.zmax == 1.0


def test_texts_on_a_grid_have_the_colour_of_the_page() -> None:
    chart = chart_frame.figure(COST, TIME)
    chart_frame.texts_on(chart, ["a", "b"], ["c"], [["1", ""]])
    (texts,) = chart.data
    assert (texts.mode, list(texts.x), list(texts.text)) == ("text", ["a"], ["1"])
    assert texts.textfont.color is None


def colours_in_style(part: str) -> tuple[str, str]:
    """Of light and dark pages, in the first rule whose selector has this in it."""
    style = (Path(chart_frame.__file__).parent / "style.css").read_text("utf-8")
    found = re.search(re.escape(part) + r"[^{]*\{[^}]*light-dark\((#\w+), (#\w+)\)", style)
    assert found is not None
    return found[1], found[2]


def over(color: str, page: str, alpha: float) -> str:
    """A colour that lets so much of a page through."""
    parts = [
        alpha * int(color[i : i + 2], 16) + (1 - alpha) * int(page[i : i + 2], 16)
        for i in (1, 3, 5)
    ]
    return "#" + "".join(f"{round(part):02x}" for part in parts)


@pytest.mark.parametrize("alpha", [0.0, 0.2, 0.5, 1.0])
def test_texts_on_a_grid_are_read_on_a_light_and_on_a_dark_page(alpha) -> None:
    colours = colours_in_style("st-key-_classifier-confusions")
    assert colours_in_style("st-key-_explain-pairs_chart") == colours
    for text, page in zip(colours, ("#ffffff", "#14191a"), strict=True):
        field = over(chart_frame.BLUE, page, alpha * chart_frame.GRID_ALPHA)
        assert contrast(text, field) >= 4.5


def test_what_axes_say_is_read_on_a_light_and_on_a_dark_page() -> None:
    for text, page in zip(colours_in_style(".xtick text"), ("#ffffff", "#14191a"), strict=True):
        assert contrast(text, page) >= 4.5
