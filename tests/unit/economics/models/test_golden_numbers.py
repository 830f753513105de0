"""Months worked out by hand: no factor of a thousand can slip."""

from __future__ import annotations

import pytest

from studio.economics.business_case import statement
from tests.unit.economics.business_examples import case, hosted, serving


def month(model: str, served=None, **values):
    found = statement(case(model, served, **values))
    return lambda key: None if found.value(key) is None else float(found.value(key))


def test_subscription():
    value = month(
        "subscription", hosted("0.002"), price=20, requests_per_customer=300, customers=500
    )
    assert value("unit_inference") == pytest.approx(0.60)  # 300 * 0.002
    assert value("unit_cost") == pytest.approx(0.60 + 0.58 + 0.30 + 1.00)
    assert value("unit_margin") == pytest.approx(17.52)
    assert value("requests") == 150_000
    assert value("peak_rate") == pytest.approx(150_000 / 2_592_000 * 4)
    assert value("profit") == pytest.approx(500 * 17.52 - 8000)
    assert value("gross_margin") == pytest.approx(17.52 / 20)
    assert value("break_even") == 457  # 8000 / 17.52 = 456.6
    assert value("ltv") == pytest.approx(17.52 * (1 - 0.95**60) / 0.05)
    assert value("payback") == pytest.approx(60 / 17.52)
    assert value("minimum_price") == pytest.approx(1.90 / (1 - 0.6 - 0.029))


def test_servers_are_paid_by_the_hour_for_the_whole_month():
    value = month("subscription", serving("0", hour="2.5", rate_per_replica=0.1), customers=1000)
    assert value("peak_rate") == pytest.approx(0.46296, abs=1e-5)
    assert value("replicas") == 5
    assert value("serving_cost") == pytest.approx(5 * 2.5 * 730)
    assert value("request_cost") == pytest.approx(9125 / 300_000)


def test_api():
    value = month(
        "api", hosted("0.001"), price_per_call="0.004", calls_per_customer=10_000, free_share="0.2",
        customers=30, nrr="1.2",
    )  # fmt: skip
    assert value("paid_calls") == 8000
    assert value("unit_revenue") == pytest.approx(32)
    assert value("unit_margin") == pytest.approx(32 - 10 - 0.029 * 32 - 0.30 - 5)
    assert value("call_margin") == pytest.approx(0.004 * 0.971 - 0.001)
    assert value("break_even") == 508  # 8000 / 15.772 = 507.2
    assert value("retention") == pytest.approx(1.2 ** (1 / 12))


def test_calls_beyond_a_tier_are_cheaper_and_only_those():
    tiers = {
        "price_per_call": "0.004",
        "calls_per_customer": 10_000,
        "free_share": "0.2",
        "tier_calls": 5000,
        "tier_discount": "0.5",
        "customers": 30,
    }
    value = month("api", hosted("0.001"), **tiers)
    assert value("charged_calls") == pytest.approx(5000 + 3000 / 2)
    assert value("unit_revenue") == pytest.approx(26)
    assert value("mean_price") == pytest.approx(26 / 8000)
    assert value("call_margin") == pytest.approx(26 / 8000 * 0.971 - 0.001)
    needed = 10 + 5.30
    assert value("minimum_price") == pytest.approx(needed / (6500 * (1 - 0.6 - 0.029)))
    aimed = month("api", hosted("0.001"), **(tiers | {"price_per_call": value("minimum_price")}))
    assert aimed("gross_margin") == pytest.approx(0.6)
    even = month("api", hosted("0.001"), **(tiers | {"price_per_call": value("break_even_price")}))
    assert even("profit") == pytest.approx(0, abs=0.01)


def test_a_minimum_commitment_is_paid_by_those_who_call_little():
    little = {"price_per_call": "0.004", "calls_per_customer": 1000, "minimum_commitment": 50}
    value = month("api", hosted("0.001"), **little)
    assert value("unit_revenue") == 50
    assert value("mean_price") == pytest.approx(50 / 900)
    assert value("minimum_price") == 0  # 50 USD leave more than 60 % at any price
    much = month("api", hosted("0.001"), **(little | {"calls_per_customer": 100_000}))
    assert much("unit_revenue") == pytest.approx(90_000 * 0.004)
    too_little = month("api", hosted("0.001"), **(little | {"minimum_commitment": 10}))
    needed = 1 + 5.30
    assert too_little("minimum_price") == pytest.approx(needed / (900 * (1 - 0.6 - 0.029)))


def test_what_is_paid_later_is_worth_less_today():
    value = month("subscription", hosted("0.002"), churn="0.05", discount_rate="0.12")
    d, c = 1.12 ** (1 / 12) - 1, 0.05
    assert value("discount") == pytest.approx(d)
    endless = value("unit_margin") * (1 + d) / (c + d)  # Gupta and Lehmann, the first payment now
    rest = ((1 - c) / (1 + d)) ** 60
    assert value("ltv_discounted") == pytest.approx(endless * (1 - rest))
    assert value("ltv_discounted") < value("ltv")
    undiscounted = month("subscription", hosted("0.002"), churn="0.05", discount_rate=0)
    assert undiscounted("ltv_discounted") == pytest.approx(undiscounted("ltv"))


def test_the_default_price_of_a_call_follows_its_cost_and_its_range_moves_along():
    found = {one.key: one for one in case("api", hosted("0.02")).assumptions}["price_per_call"]
    assert float(found.value) == 0.05
    assert (float(found.low), float(found.high)) == (0.025, 0.1)
    cheap = {one.key: one for one in case("api", hosted("0.0001")).assumptions}["price_per_call"]
    assert float(cheap.value) == 0.01


def test_freemium():
    served = hosted("0.002")
    value = month("freemium", served, customers=20_000, attach=0)
    free, payer = 40 * 0.002, 300 * 0.002 + 0.029 * 15 + 0.30 + 1
    assert value("payers") == 600
    assert value("free_cost") == pytest.approx(free)
    assert value("payer_cost") == pytest.approx(payer)
    needed = (free + 8000 / 20_000) / (15 - payer + free)
    assert value("break_even_conversion") == pytest.approx(needed)
    at_needed = month("freemium", served, customers=20_000, attach=0, conversion=needed)
    assert at_needed("profit") == pytest.approx(0, abs=0.01)
    # 97 of 100 are free; they pay nothing and use the models and the servers as all do
    assert value("free_users_cost") == pytest.approx(20_000 * 0.97 * 40 * value("request_cost"))
    assert value("cac_payer") == pytest.approx((1.5 + 2 * free) / 0.03)


def test_freemium_that_no_conversion_saves():
    value = month("freemium", hosted("0.002"), customers=100)
    assert value("conversion_needed") > 1
    assert value("break_even_conversion") is None


def test_advertising():
    served = hosted("0.0001")
    value = month("advertising", served, customers=100_000, cpm=5)
    assert value("impressions") == pytest.approx(100_000 * 8 * 3 * 0.7)
    assert value("revenue") == pytest.approx(1_680_000 / 1000 * 5 * 0.68)
    assert value("rpm") == pytest.approx(5712 / 2_400_000 * 1000)
    assert value("break_even_price") == pytest.approx((240 + 8000) * 1000 / (1_680_000 * 0.68))
    even = month("advertising", served, customers=100_000, cpm=value("break_even_price"))
    assert even("profit") == pytest.approx(0, abs=0.01)
    assert value("requests_per_ad") == pytest.approx(3.4 / 1000 / 0.0001)


def test_advertising_by_click():
    by_click = month("advertising", hosted(), cpm="0.000001", cpc=4, click_rate="0.01")
    assert by_click("view_revenue") == pytest.approx(1000 * 0.01 * 4 * 0.68)


def test_data_service():
    value = month("data_service", hosted("0.01"), customers=20)
    assert value("index_cost") == pytest.approx(100_000 * 500 / 1e6 * 0.02)
    assert value("fixed_cogs") == pytest.approx(500 + 1000 + 500 + 200 * 0.10 + 1.0)
    assert value("unit_margin") == pytest.approx(1000 - 30 - 50)
    assert value("break_even") == 11  # (8000 + 2021) / 920 = 10.9
    even = month("data_service", hosted("0.01"), acv=value("break_even_price"), customers=20)
    assert even("profit") == pytest.approx(0, abs=0.01)


def test_consulting():
    value = month("consulting", hosted("0.001"), customers=6, utilisation="0.75")
    heads = 6 * 60 / (160 * 0.75)
    assert value("heads") == pytest.approx(heads) == 3
    # Rev = heads * hours * utilisation * rate * realisation + fees + licence / 12
    assert value("revenue") == pytest.approx(heads * 160 * 0.75 * 120 * 0.95 + 6 * (500 + 500))
    direct = 3 * 7000 + 6 * 50 + 6 * 3000 * 0.001
    assert value("direct_utilisation") == pytest.approx(direct / (3 * 160 * 120 * 0.95))
    assert value("break_even_utilisation") == pytest.approx(
        (direct + 8000 - 6000) / (3 * 160 * 120 * 0.95)
    )


@pytest.mark.parametrize("utilisation", ["1", "1.2", "0", "-0.1"])
def test_nobody_bills_every_hour(utilisation):
    from studio.errors import InvalidInput

    with pytest.raises(InvalidInput, match="less than 1"):
        case("consulting", utilisation=utilisation)
