"""A model that does not hold together is refused when it is made, and what is not there is not found."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from studio.economics.arithmetic import DecimalArithmetic
from studio.economics.business_case import statement
from studio.economics.business_model import Line
from studio.economics.comparison import result_of
from studio.economics.figure import Unit
from studio.economics.formula import formula
from studio.economics.hosted import find_price
from studio.economics.hosted_cost import own_prices
from studio.economics.load_figures import load_figures
from studio.economics.models.subscription import SUBSCRIPTION
from studio.economics.plan import plan
from studio.economics.sensitivity import sobol
from studio.economics.serving import serve
from studio.economics.serving_choice import Hosted
from studio.economics.serving_inputs import serving_figures
from studio.records import Notice
from tests.unit.economics.business_examples import case, serving
from tests.unit.economics.ledger_frames import NOON, base_of, many


def line(key: str, text: str) -> Line:
    return Line(key=key, label=Notice(key), unit=Unit.COUNT, formula=text)


@pytest.mark.parametrize(
    ("key", "text"),
    [("odd", "price + nothing"), ("unit_revenue", "profit"), ("price", "customers * 2")],
    ids=["unknown name", "circle", "name of an assumption"],
)
def test_lines_that_do_not_hold_together_are_refused(key, text):
    with pytest.raises(ValueError, match=key if key != "unit_revenue" else "uses itself"):
        replace(SUBSCRIPTION, lines=(*SUBSCRIPTION.lines, line(key, text)))


def test_every_line_stands_after_those_it_uses():
    seen = {one.key for one in case("subscription").inputs}
    for one in SUBSCRIPTION.lines:
        assert set(one.parsed.names) <= seen
        seen.add(one.key)


def test_what_is_not_there_is_not_found():
    one = case("subscription")
    for look in (
        one.value,
        one.model.line,
        statement(one).figure,
        plan(one).column,
        result_of(one).figure,
    ):
        with pytest.raises(KeyError):
            look("nonsense")


def test_a_power_that_is_no_number_does_not_exist():
    exact = DecimalArithmetic(serving=serving().steps)
    assert formula("a ** b").evaluate({"a": Decimal(-8), "b": Decimal("0.5")}, exact) is None
    assert formula("a ** b").evaluate({"a": Decimal(0), "b": Decimal(0)}, exact) == 1


def test_nothing_uncertain_has_no_influence():
    one = case("subscription", serving(band=0.0))
    certain = replace(
        one,
        assumptions=tuple(replace(a, low=a.value, high=a.value) for a in one.assumptions),
        serving=replace(
            one.serving,
            cost_per_request=replace(one.serving.cost_per_request, low=None, high=None),
        ),
    )
    assert sobol(certain, "profit", n=16) == ()


def test_a_provider_that_scales_by_itself_needs_one_server():
    base = base_of(many(40))
    alone = Hosted(provider_id="openai", model_id="gpt-4o-mini")
    served = serve(base, alone, at=NOON)
    figures = serving_figures(served)
    checked = find_price("gpt-4o-mini", provider_id="openai").checked_on
    assert figures.cost_per_request.as_of == checked != NOON.date()
    assert figures.speed.as_of is None  # assumed, so of no day
    own = serving_figures(serve(base, replace(alone, price=own_prices(alone, NOON)[0]), at=NOON))
    assert own.cost_per_request.as_of is None
    assert figures.steps.replicas(np.array([0.1, 1.0])).tolist() == [1.0, 1.0]


def test_no_rate_gives_no_time():
    base = base_of(many(40))
    served = serve(base, Hosted(provider_id="openai", model_id="gpt-4o-mini"), at=NOON)
    month = statement(case("subscription"))
    missing = replace(month.figure("peak_rate"), value=None, note=Notice("unknown"))
    figures = tuple(missing if f.key == "peak_rate" else f for f in month.figures)
    (found,) = load_figures(replace(month, figures=figures), served)
    assert found.value is None
    assert "no time can be said" in str(found.note)
