"""Heavy users cost more than they pay: how many, and from which use on."""

from __future__ import annotations

import numpy as np
import pytest

from studio.economics.business_case import statement
from studio.economics.deciles import usage_spread, use_share_of_heaviest
from studio.economics.models.registry import MODELS
from tests.unit.economics.business_examples import case, hosted, serving


def spread(model: str, served=None, **values):
    one = case(model, served, **values)
    return usage_spread(one, statement(one)), statement(one)


def test_the_heaviest_tenth_causes_half_of_all_use_at_the_default_spread():
    assert use_share_of_heaviest(0.1, 1.28) == pytest.approx(0.50, abs=0.005)
    assert use_share_of_heaviest(0.1, 1.03) == pytest.approx(0.40, abs=0.005)
    assert use_share_of_heaviest(0.1, 1.53) == pytest.approx(0.60, abs=0.005)


def test_tenths_agree_with_a_drawn_crowd():
    rng = np.random.default_rng(0)
    use = np.sort(np.exp(rng.normal(-(1.28**2) / 2, 1.28, 2_000_000)))
    drawn = use.reshape(10, -1).mean(axis=1)
    found, _ = spread("subscription", hosted())
    assert [one.use_factor for one in found.deciles] == pytest.approx(drawn.tolist(), rel=0.02)
    dear, _ = spread("subscription", hosted("0.05"))
    margin = 20 - 0.58 - 1.30 - use * 300 * 0.05
    assert dear.losing_share.value == pytest.approx((margin < 0).mean(), abs=0.002)
    assert dear.break_even_requests.value == pytest.approx(18.12 / 0.05)


@pytest.mark.parametrize("key", [model.key for model in MODELS])
def test_tenths_add_up_to_the_month(key):
    found, month = spread(key)
    customers = float(month.value("customers"))
    assert sum(one.requests for one in found.deciles) / 10 * customers == pytest.approx(
        float(month.value("requests"))
    )
    revenue = sum(one.revenue_usd for one in found.deciles) / 10 * customers
    assert revenue == pytest.approx(float(month.value("revenue")))
    cost = sum(one.cost_usd for one in found.deciles) / 10 * customers
    assert cost + float(month.value("fixed_cogs")) == pytest.approx(float(month.value("cogs")))


def test_who_pays_by_use_never_costs_more_the_more_they_use():
    found, _ = spread("api", hosted("0.001"))
    margins = [one.margin_usd for one in found.deciles]
    assert margins == sorted(margins)
    assert 0 < found.losing_share.value < 0.2  # the lightest do not pay for support and billing


def test_nobody_and_everybody_losing_money():
    none, _ = spread("subscription", hosted("0"))
    assert none.losing_share.value == 0
    assert "leaves more" in str(none.break_even_requests.note)
    all_of_them, _ = spread("subscription", hosted("0"), price="0.5")
    assert all_of_them.losing_share.value == 1
    assert "every customer" in str(all_of_them.break_even_requests.note)


def test_an_unknown_price_gives_no_tenths():
    found, _ = spread("subscription", serving(cost=None))
    assert found.deciles == ()
    assert found.losing_share.value is None
