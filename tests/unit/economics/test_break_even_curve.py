"""The lines of revenue and cost cross where the model's own formula has its break-even."""

from __future__ import annotations

import numpy as np
import pytest

from studio.economics.break_even_curve import break_even_curve
from studio.economics.business_case import statement
from studio.economics.models.registry import MODELS
from tests.unit.economics.business_examples import case, serving


@pytest.mark.parametrize("model", [model.key for model in MODELS])
def test_the_lines_cross_at_the_break_even(model):
    one = case(model)
    at = statement(one).value("break_even")
    if at is None:
        pytest.skip("never breaks even with the defaults")
    curve = break_even_curve(one, [float(at) - 1, float(at)])
    assert curve.revenue_usd[1] >= curve.cost_usd[1] - 1e-6
    assert curve.revenue_usd[0] < curve.cost_usd[0]


@pytest.mark.parametrize("model", [model.key for model in MODELS])
def test_the_plan_lies_on_both_lines(model):
    one = case(model)
    month = statement(one)
    curve = break_even_curve(one, [float(one.value("customers"))])
    assert curve.revenue_usd[0] == pytest.approx(float(month.value("revenue")))
    assert curve.revenue_usd[0] - curve.cost_usd[0] == pytest.approx(float(month.value("profit")))


def test_an_unknown_price_leaves_gaps():
    curve = break_even_curve(case("subscription", serving(cost=None)), [0.0, 10.0])
    assert np.isnan(curve.cost_usd).all()
    assert np.isfinite(curve.revenue_usd).all()
