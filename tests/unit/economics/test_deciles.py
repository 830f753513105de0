"""Heavy users cost more than they pay: how many, and from which use on."""

from __future__ import annotations

from statistics import NormalDist

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
    assert [one.use_factor for one in found.groups[0].deciles] == pytest.approx(
        drawn.tolist(), rel=0.02
    )
    dear, _ = spread("subscription", hosted("0.05"))
    margin = 20 - 0.58 - 1.30 - use * 300 * 0.05
    assert dear.losing_share.value == pytest.approx((margin < 0).mean(), abs=0.002)
    assert dear.break_even_requests.value == pytest.approx(18.12 / 0.05)


@pytest.mark.parametrize("key", [model.key for model in MODELS])
def test_tenths_add_up_to_the_month(key):
    found, month = spread(key)
    customers = float(month.value("customers"))
    assert sum(group.share for group in found.groups) == pytest.approx(1)

    def of_all(what):
        return sum(
            group.share * what(one) / 10 * customers
            for group in found.groups
            for one in group.deciles
        )

    assert of_all(lambda one: one.requests) == pytest.approx(float(month.value("requests")))
    assert of_all(lambda one: one.revenue_usd) == pytest.approx(float(month.value("revenue")))
    assert of_all(lambda one: one.cost_usd) + float(month.value("fixed_cogs")) == pytest.approx(
        float(month.value("cogs"))
    )


def test_paying_and_free_users_are_spread_apart():
    """A payer brings 15 + 0.1 * 5 USD, less 2.9 % and 1.30; 300 requests at 0.02 cost 6 on average."""
    found, _ = spread("freemium", hosted("0.02"))
    payers, free = found.groups
    assert (str(payers.label), payers.share) == ("users who pay", pytest.approx(0.03))
    assert (str(free.label), free.share) == ("users who do not pay", pytest.approx(0.97))
    left = 15.5 * (1 - 0.029) - 1.30
    for one in payers.deciles:
        assert one.revenue_usd == pytest.approx(15.5)
        assert one.margin_usd == pytest.approx(left - one.use_factor * 300 * 0.02)
    for one in free.deciles:
        assert one.revenue_usd == 0
        assert one.margin_usd == pytest.approx(-one.use_factor * 40 * 0.02)
    assert str(found.losing_share.label) == "share that costs more than it brings: users who pay"
    assert found.break_even_requests.value == pytest.approx(left / 0.02)
    beyond = 1 - NormalDist().cdf((np.log(left / 0.02 / 300) + 1.28**2 / 2) / 1.28)
    assert found.losing_share.value == pytest.approx(beyond)


def share_below(requests: float, mean: float) -> float:
    return NormalDist().cdf((np.log(requests / mean) + 1.28**2 / 2) / 1.28)


def test_a_tier_below_cost_makes_heavy_users_lose_from_beyond_its_limit_on():
    """No free calls, 0.01 a call to 1,000 calls, 0.002 beyond; a call costs 0.004, a customer 1 USD.

    At x calls within the tier a customer leaves 0.01 x - 0.004 x - 1: nothing at 166.67 calls. Beyond
    it leaves 10 + 0.002 (x - 1000) - 0.004 x - 1, which is nothing at 3,500 calls.
    """
    found, _ = spread(
        "api",
        hosted("0.004"),
        price_per_call="0.01",
        calls_per_customer=1000,
        free_share=0,
        tier_calls=1000,
        tier_discount="0.8",
        payment_share=0,
        payment_fixed=0,
        support=1,
    )
    assert found.break_even_requests.value == pytest.approx(1000 / 6)
    assert found.break_even_requests.note.values["uses"] == "< 167, > 3,500"
    loses = share_below(1000 / 6, 1000) + 1 - share_below(3500, 1000)
    assert found.losing_share.value == pytest.approx(loses)


def test_a_least_amount_earns_on_light_users_and_loses_on_those_between():
    """At least 2 USD a month at 0.001 a call; a call costs 0.0008 and a customer 1 USD.

    The least amount pays for 1,250 calls and counts up to 2,000; beyond, 0.0002 x - 1 is left, which
    is nothing at 5,000 calls.
    """
    found, _ = spread(
        "api",
        hosted("0.0008"),
        price_per_call="0.001",
        calls_per_customer=3000,
        free_share=0,
        tier_calls=10**9,
        minimum_commitment=2,
        payment_share=0,
        payment_fixed=0,
        support=1,
    )
    assert found.break_even_requests.value == pytest.approx(1250)
    assert found.break_even_requests.note.values["uses"] == "1,250 – 5,000"
    between = share_below(5000, 3000) - share_below(1250, 3000)
    assert found.losing_share.value == pytest.approx(between)


def test_who_pays_by_use_never_costs_more_the_more_they_use():
    found, _ = spread("api", hosted("0.001"))
    margins = [one.margin_usd for one in found.groups[0].deciles]
    assert margins == sorted(margins)
    assert 0 < found.losing_share.value < 0.2  # the lightest do not pay for support and billing


def test_nobody_and_everybody_losing_money():
    none, _ = spread("subscription", hosted("0"))
    assert none.losing_share.value == 0
    assert "no customer" in str(none.break_even_requests.note)
    all_of_them, _ = spread("subscription", hosted("0"), price="0.5")
    assert all_of_them.losing_share.value == 1
    assert "every customer" in str(all_of_them.break_even_requests.note)


def test_an_unknown_price_gives_no_tenths():
    found, _ = spread("subscription", serving(cost=None))
    assert found.groups == ()
    assert found.losing_share.value is None
