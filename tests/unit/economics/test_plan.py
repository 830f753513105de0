"""Months, cohorts and cash agree with each other and with closed forms."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from studio.economics.arithmetic import ArrayArithmetic
from studio.economics.business_case import statement
from studio.economics.cohorts import cohorts
from studio.economics.finance import finances
from studio.economics.models.registry import MODELS
from studio.economics.plan import HORIZON_MONTHS, plan, plan_lines, run_months
from studio.economics.sampling import fixed_values
from tests.unit.economics.business_examples import case, hosted, serving

D = Decimal
KEYS = [model.key for model in MODELS]


def values(found, key):
    return [float(value) for value in found.values(key)]


def test_customers_follow_the_geometric_series_to_their_ceiling():
    found = plan(case("subscription", growth=0, new_per_month=100, churn="0.05"))
    expected = [100 * (1 - 0.95**n) / 0.05 for n in range(1, HORIZON_MONTHS + 1)]
    assert values(found, "customers") == pytest.approx(expected)
    assert max(expected) < 100 / 0.05


@pytest.mark.parametrize("key", KEYS)
def test_cohorts_add_up_to_the_customers(key):
    one = case(key, customers_at_start=40)
    found = plan(one)
    table = cohorts(one, found)
    assert table.shape == (HORIZON_MONTHS + 1, HORIZON_MONTHS)
    assert table.sum(axis=0) == pytest.approx(values(found, "customers"))
    assert (np.diff(table[1, :]) <= 0).all()  # nobody comes back


@pytest.mark.parametrize("key", KEYS)
def test_cash_is_what_came_in_less_what_went_out(key):
    one = case(key, customers_at_start=10)
    frame = plan(one).frame()
    flow = (
        frame["collected"] - frame["cogs"] - frame["acquisition"] - float(one.value("fixed_cost"))
    )
    assert frame["cash"].to_list() == pytest.approx((150_000 + flow.cumsum()).to_list())
    lag = int(one.value("payment_delay"))
    assert (frame["collected"].iloc[:lag] == 0).all()
    late = frame["collected"].iloc[lag:].to_list()
    assert late == frame["revenue"].iloc[: HORIZON_MONTHS - lag].to_list()


@pytest.mark.parametrize("key", [key for key in KEYS if key != "api"])  # there use moves apart
def test_a_month_of_the_plan_is_the_month_of_so_many_customers(key):
    found = plan(case(key))
    customers = found.values("customers")[20]
    month = statement(case(key, customers=customers))
    for name in ("requests", "replicas", "revenue", "cogs", "profit"):
        assert float(found.values(name)[20]) == pytest.approx(float(month.value(name)))


def test_revenue_of_the_customers_there_are_compounds_by_the_retention_of_a_year():
    found = plan(case("api", hosted(), new_per_month=0, customers_at_start=50, nrr="1.2"))
    revenue = values(found, "revenue")
    assert revenue[11] == pytest.approx(9000 * 1.2)
    assert revenue[35] == pytest.approx(9000 * 1.2**3)


def test_a_sales_cycle_costs_first_and_brings_customers_later():
    found = plan(case("consulting", sales_cycle=4, growth=0, new_per_month=2))
    assert values(found, "joined")[:6] == [0, 0, 0, 0, 2, 2]
    assert values(found, "acquisition")[0] == 8000


@pytest.mark.parametrize(("delay", "paid_in"), [("0.5", 2), ("1.4", 2), ("1.5", 3), ("2.5", 4)])
def test_half_a_month_is_rounded_up_as_in_the_workbook(delay, paid_in):
    collected = plan(case("subscription", payment_delay=delay)).values("collected")
    assert next(month for month, amount in enumerate(collected, 1) if amount) == paid_in


def test_servers_grow_with_the_months():
    found = plan(case("subscription", serving(rate_per_replica=0.3), growth="0.1"))
    replicas = values(found, "replicas")
    assert replicas[0] == 1
    assert replicas[-1] > 5
    assert replicas == sorted(replicas)


@pytest.mark.parametrize("key", KEYS)
def test_decimals_and_arrays_give_the_same_months(key):
    one = case(key)
    exact = plan(one)
    months = run_months(one.model, fixed_values(one), ArrayArithmetic(serving=one.serving.steps))
    for line in plan_lines(one.model):
        if line.key in {column.key for column in exact.columns}:
            assert [float(month[line.key]) for month in months] == pytest.approx(
                values(exact, line.key)
            )


def test_what_an_investor_asks():
    one = case("subscription", hosted(), growth=0, cash_at_start=30_000, customers_at_start=0)
    found = plan(one)
    answer = finances(one, found)
    cash, net = values(found, "cash"), values(found, "net")
    assert answer.trough.value == min(found.values("cash"))
    assert cash[int(answer.trough_month.value) - 1] == min(cash)
    assert answer.runway.value == next(n for n, amount in enumerate(cash, 1) if amount < 0)
    assert float(answer.capital_needed.value) == pytest.approx(-min(cash))
    assert answer.profitable_month.value == next(n for n, one in enumerate(net, 1) if one >= 0)
    burnt = 30_000 - cash[11]
    assert float(answer.burn_multiple.value) == pytest.approx(
        burnt / (12 * values(found, "revenue")[11])
    )
    assert float(answer.revenue_per_year_at_end.value) == pytest.approx(
        12 * values(found, "revenue")[-1]
    )


def test_money_of_later_months_is_worth_less_today():
    one = case("subscription", hosted(), discount_rate="0.2", cash_at_start=30_000)
    found = plan(one)
    flow = np.diff([30_000.0, *values(found, "cash")])
    # As NPV of a spreadsheet: the first month is discounted by a month.
    expected = (flow / 1.2 ** (np.arange(1, HORIZON_MONTHS + 1) / 12)).sum()
    assert float(finances(one, found).npv.value) == pytest.approx(expected)
    free = case("subscription", hosted(), discount_rate=0, cash_at_start=30_000)
    assert float(finances(free, found).npv.value) == pytest.approx(
        values(found, "cash")[-1] - 30_000
    )


def test_what_does_not_happen_says_so():
    rich = case("subscription", cash_at_start=10**9, new_per_month="0.1", growth=0)
    answer = finances(rich, plan(rich))
    for figure in (answer.runway, answer.profitable_month, answer.reached_month):
        assert figure.value is None
        assert "36 months" in str(figure.note)


def test_an_unknown_price_leaves_no_finances():
    unknown = case("subscription", serving(cost=None))
    assert all(figure.value is None for figure in finances(unknown, plan(unknown)).figures)


def test_an_earning_first_year_burns_nothing():
    one = case("subscription", hosted(), customers_at_start=5000)
    assert "no cash is burnt" in str(finances(one, plan(one)).burn_multiple.note)
