"""Random worlds: the same seed, the same worlds; what matters most; and quick enough for a slider."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from studio.economics.comparison import result_of
from studio.economics.models.registry import MODELS
from studio.economics.sampling import Uncertain, draw, uncertain_inputs
from studio.economics.sensitivity import TARGETS, sobol, tornado
from studio.economics.uncertainty import N_DRAWS, outlooks
from studio.errors import InvalidInput
from tests.unit.economics.business_examples import case, hosted, serving

ALL = [case(model.key) for model in MODELS]


def test_ten_thousand_worlds_of_six_models_take_less_than_a_second():
    outlooks(ALL, n_draws=10)
    seconds = []
    for _ in range(2):
        began = time.process_time()
        found = outlooks(ALL)
        seconds.append(time.process_time() - began)
    assert {one.n_draws for one in found} == {N_DRAWS}
    assert min(seconds) < 1.0


def test_a_slider_is_answered_within_150_ms():
    result_of(case("subscription"))
    began = time.process_time()
    result_of(case("subscription", price=21))
    assert time.process_time() - began < 0.15


def test_the_same_seed_gives_the_same_worlds_and_another_does_not():
    first, second, other = (outlooks(ALL[:1], n_draws=500, seed=seed)[0] for seed in (1, 1, 2))
    assert np.array_equal(first.profits_usd, second.profits_usd)
    assert not np.array_equal(first.profits_usd, other.profits_usd)


def test_models_share_their_worlds():
    worlds = draw(ALL, 100, 0)
    assert all(np.array_equal(world["fixed_cost"], worlds[0]["fixed_cost"]) for world in worlds)


def test_percentiles_are_in_order_and_probabilities_never_fall():
    for one in outlooks(ALL, n_draws=1000):
        assert one.profit.p10 <= one.profit.p50 <= one.profit.p90
        assert (one.cash_p10 <= one.cash_p50).all()
        assert (one.cash_p50 <= one.cash_p90).all()
        assert (np.diff(one.profitable_by) >= 0).all()
        assert ((one.profitable_by >= 0) & (one.profitable_by <= 1)).all()
        assert 0 <= one.out_of_cash <= 1


def test_without_uncertainty_every_world_is_the_plan():
    certain = case("subscription", hosted("0"))
    certain = replace(
        certain,
        assumptions=tuple(
            replace(one, low=one.value, high=one.value) for one in certain.assumptions
        ),
        serving=replace(
            certain.serving,
            cost_per_request=replace(certain.serving.cost_per_request, low=None, high=None),
        ),
    )
    assert uncertain_inputs(certain) == ()
    result, outlook = result_of(certain), outlooks([certain], n_draws=50)[0]
    assert outlook.profit.p10 == outlook.profit.p90 == float(result.figure("profit").value)
    assert outlook.cash_p50.tolist() == pytest.approx(result.plan.frame()["cash"].to_list())
    month = int(result.figure("profitable_month").value)
    assert outlook.profitable_by[month - 2 : month].tolist() == [0.0, 1.0]


def test_the_triangle_has_its_ends_its_peak_and_its_mean():
    (price,) = [one for one in uncertain_inputs(ALL[0]) if one.figure.key == "price"]
    drawn = price.quantile(np.linspace(1e-6, 1 - 1e-6, 200_001))
    assert drawn.min() == pytest.approx(15, abs=0.02)
    assert drawn.max() == pytest.approx(25, abs=0.02)
    assert drawn.mean() == pytest.approx((15 + 20 + 25) / 3, abs=0.001)
    assert (np.diff(drawn) >= 0).all()


def test_measured_figures_are_drawn_by_their_percentiles():
    (cost,) = [one for one in uncertain_inputs(ALL[0]) if one.figure.key == "cost_per_request"]
    assert not cost.is_triangle
    low, middle, high = cost.quantile(np.array([0.1, 0.5, 0.9]))
    assert (low, middle, high) == pytest.approx((0.00032, 0.0004, 0.00048))
    assert (cost.quantile(np.array([1e-9])) > 0).all()


def test_worlds_are_spread_evenly():
    world = draw(ALL[:1], 1000, 0)[0]
    (price,) = [one for one in uncertain_inputs(ALL[0]) if one.figure.key == "price"]
    assert isinstance(price, Uncertain)
    edges = price.quantile(np.linspace(1e-9, 1 - 1e-9, 1001))
    assert (np.histogram(world["price"], edges)[0] == 1).all()


def test_a_world_in_which_it_never_breaks_even_is_counted():
    found = outlooks([case("advertising")], n_draws=500)[0].break_even
    assert 0 < found.exists < 1
    assert found.p50 is not None
    never = outlooks([case("subscription", hosted("5"), price="1")], n_draws=200)[0]
    assert never.break_even.exists == 0
    assert never.break_even.p50 is None


def test_a_price_that_the_user_set_is_the_price_of_every_world():
    cheap = case("subscription", hosted(), price="5", customers=1000)
    assert float(result_of(cheap).figure("profit").value) < 0
    (world,) = draw([cheap], 100, 0)
    assert world["price"] == 5
    assert outlooks([cheap], n_draws=1000)[0].profit.p90 < 0
    assert "price" not in {one.figure.key for one in tornado(cheap, "profit")}


def test_an_unknown_price_gives_worlds_without_result():
    found = outlooks([case("subscription", serving(cost=None))], n_draws=100)[0]
    assert found.profit.exists == 0
    assert np.isnan(found.profitable_by).all()  # not 0 %: nobody knows
    assert np.isnan(found.out_of_cash)
    assert str(found.unknown) == "the price is unknown"


def test_a_known_price_gives_worlds_that_are_known():
    assert all(one.unknown is None for one in outlooks(ALL, n_draws=100))


@pytest.mark.parametrize("target", TARGETS)
def test_the_tornado_moves_one_assumption_at_a_time(target):
    swings = tornado(case("subscription"), target)
    assert [one.width for one in swings] == sorted((one.width for one in swings), reverse=True)
    assert all(one.width > 0 for one in swings)
    widest = swings[0]
    for value, found in ((widest.low, widest.at_low), (widest.high, widest.at_high)):
        if widest.figure.key in ("speed", "cost_per_request"):
            continue  # not an assumption of the model
        exact = result_of(case("subscription", **{widest.figure.key: value})).figure(target)
        assert found == pytest.approx(float(exact.value))


def test_what_makes_a_result_vanish_comes_first():
    swings = tornado(case("advertising", cpm="3"), "break_even")
    assert swings[0].width == float("inf")
    assert None in (swings[0].at_low, swings[0].at_high)


def test_sobol_agrees_with_a_known_split():
    """LTV of a customer: churn decides most of it, far more than price and use do."""
    found = {one.figure.key: one for one in sobol(case("subscription", hosted()), "ltv")}
    ordered = list(found)
    assert ordered[0] == "churn"
    assert found["churn"].alone > 0.5
    assert sum(one.alone for one in found.values()) == pytest.approx(1, abs=0.1)
    assert found["fixed_cost"].total == pytest.approx(0, abs=0.01)
    assert [one.total for one in found.values()] == sorted(
        (one.total for one in found.values()), reverse=True
    )


def test_questions_that_have_no_answer_are_refused():
    with pytest.raises(InvalidInput, match="profit, gross_margin"):
        tornado(case("subscription"), "happiness")
    with pytest.raises(InvalidInput, match="does not exist in all cases"):
        sobol(case("advertising", cpm="3"), "break_even", n=64)
