"""Figures of evaluations read with their units and intervals."""

from __future__ import annotations

import math

import pytest

from components import evaluation_words as words
from studio.evaluation.comparison import Interval


def interval(mean: float, low: float, high: float, n: int = 10) -> Interval:
    return Interval(mean=mean, low=low, high=high, n=n, level=0.95)


@pytest.mark.parametrize(
    ("measure", "number", "said"),
    [
        ("token_f1", 0.456, "46%"),
        ("latency_ms", 1234.0, "1.2 s"),
        ("cost_usd", 0.0000123, "0.000012 USD"),
        ("token_f1", math.nan, "–"),
    ],
)
def test_a_figure_has_its_unit(measure, number, said):
    assert words.value(measure, number) == said


def test_an_interval_is_said_unless_it_has_no_width():
    assert words.span("token_f1", interval(0.5, 0.4, 0.6)).replace("\u2060", "") == "50% (40%–60%)"
    assert words.span("token_f1", interval(0.5, 0.5, 0.5)) == "50%"


def test_a_difference_has_a_sign_but_for_nothing():
    found = words.difference("token_f1", interval(-0.07, -0.27, 0.001)).replace("\u2060", "")
    assert found == "−7 points (−27 … 0)"
    assert words.difference("latency_ms", interval(3200, 890, 7200)).startswith("+3.2 s")


def test_long_texts_are_cut_in_one_line():
    assert words.short("a\nb") == "a b"
    assert words.short("x" * 100, 10) == "x" * 9 + "…"
