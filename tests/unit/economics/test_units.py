"""One test per unit, so that no factor of 12, 60, 730 or 1,000 can slip."""

from __future__ import annotations

import pytest

from studio.economics.business_case import statement
from studio.economics.figure import Unit
from studio.economics.models.registry import MODELS
from tests.unit.economics.business_examples import case, serving

SERVED = serving("0.002", hour="3", rate_per_replica=0.25)
CHECKS = {
    # unit: model, figure of that unit, how it follows from others
    Unit.USD: ("subscription", "payment_fixed", lambda v: v("unit_standing") - v("support")),
    Unit.USD_PER_MONTH: ("subscription", "revenue", lambda v: v("customers") * 20),
    Unit.USD_PER_YEAR: ("data_service", "acv", lambda v: v("unit_revenue") * 12),
    Unit.USD_PER_HOUR: ("api", "replica_hour", lambda v: v("replica_month") / 730),
    Unit.USD_PER_REQUEST: (
        "api",
        "request_cost",
        lambda v: (v("serving_cost") + 0.002 * 50 * 20_000) / (50 * 20_000),
    ),
    Unit.USD_PER_THOUSAND: ("advertising", "rpm", lambda v: v("revenue") / (v("requests") / 1000)),
    Unit.USD_PER_MTOK: ("data_service", "embedding_price", lambda v: v("index_cost") / 50),
    Unit.USD_PER_USER: ("subscription", "cac", lambda v: v("payback") * v("unit_margin")),
    Unit.USD_PER_USER_MONTH: (
        "subscription",
        "unit_margin",
        lambda v: v("gross_profit") / v("customers"),
    ),
    Unit.USD_PER_GB_MONTH: (
        "data_service",
        "storage_price",
        lambda v: (v("fixed_cogs") - v("index_cost") - 2000) / 200,
    ),
    Unit.SHARE: ("subscription", "gross_margin", lambda v: v("gross_profit") / v("revenue")),
    Unit.SHARE_PER_MONTH: ("subscription", "churn", lambda v: 1 - v("retention")),
    Unit.RATIO: ("subscription", "ltv_to_cac", lambda v: v("ltv") / 60),
    Unit.COUNT: ("consulting", "heads", lambda v: 6 * 60 / (160 * 0.689)),
    Unit.COUNT_PER_MONTH: ("advertising", "impressions", lambda v: 100_000 * 8 * 3 * 0.7),
    Unit.USERS: ("freemium", "payers", lambda v: 20_000 * 0.03),
    Unit.REQUESTS: ("advertising", "requests_per_session", lambda v: v("unit_requests") / 8),
    Unit.REQUESTS_PER_MONTH: ("subscription", "requests", lambda v: 1000 * 300),
    Unit.REQUESTS_PER_S: (
        "subscription",
        "peak_rate",
        lambda v: v("requests") / 30 / 24 / 3600 * 4,
    ),
    Unit.REPLICAS: ("subscription", "replicas", lambda v: -(-v("peak_rate") // 0.25)),
    Unit.TOKENS: (
        "data_service",
        "tokens_per_document",
        lambda v: v("index_cost") / v("embedding_price") * 1e6 / v("documents"),
    ),
    Unit.MONTHS: ("subscription", "lifetime", lambda v: (1 - 0.95**60) / 0.05),
    Unit.HOURS: ("consulting", "hours_per_client", lambda v: v("heads") * 160 * 0.689 / 6),
    Unit.GB: (
        "data_service",
        "storage_gb",
        lambda v: (v("fixed_cogs") - v("index_cost") - 2000) / 0.10,
    ),
}


@pytest.mark.parametrize("unit", CHECKS, ids=str)
def test_a_figure_of_each_unit_follows_from_others(unit):
    model, key, expected = CHECKS[unit]
    month = statement(case(model, SERVED))
    assert month.figure(key).unit is unit
    found = float(month.value(key))
    assert found == pytest.approx(float(expected(lambda name: float(month.value(name)))))


def test_no_unit_of_a_model_goes_unchecked():
    used = {
        figure.unit for model in MODELS for figure in statement(case(model.key, SERVED)).figures
    }
    assert used <= set(CHECKS)
