"""The chart of ways with their intervals: nothing of it is cut off at its ends."""

from __future__ import annotations

import pytest

from components import bench_chart
from studio.evaluation.comparison import Interval


@pytest.mark.parametrize(
    ("mean", "low", "high"), [(0.0, 0.0, 0.79), (1.0, 0.2, 1.0), (0.5, 0.4, 0.6)]
)
def test_a_dot_at_the_end_of_the_axis_keeps_its_figure(mean, low, high):
    interval = Interval(mean=mean, low=low, high=high, n=9, level=0.95)
    chart = bench_chart.figure([("Version 1", interval)], "Share of thumbs up")
    begin, end = chart.layout.xaxis.range
    assert begin < low
    assert end > high
    assert chart.data[0].cliponaxis is False
    assert chart.layout.xaxis.title.text == "Share of thumbs up,<br>with its 95% interval"
