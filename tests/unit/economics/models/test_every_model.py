"""What holds for every business model, whatever its numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.economics.assumptions import assumed
from studio.economics.business_case import make_case, statement
from studio.economics.comparison import result_of
from studio.economics.figure import FigureBasis, Unit
from studio.economics.formula import formula
from studio.economics.models.registry import MODELS, model_named
from studio.economics.plan import plan
from studio.errors import InvalidInput, NotFound
from studio.records import Notice
from tests.unit.economics.business_examples import case, hosted, serving

D = Decimal
KEYS = [model.key for model in MODELS]
CENT = D("0.01")
# What a price brings alone: without add-ons, licences and clicks.
PRICE_ONLY = {
    "freemium": {"attach": "0"},
    "consulting": {"licence": "0", "care_fee": "0"},
}


def month(model: str, served=None, **values):
    return statement(case(model, served, **values))


@pytest.mark.parametrize("model", MODELS, ids=KEYS)
def test_every_default_is_possible_within_its_range_and_has_a_source_and_a_date(model):
    for one in model.assumptions:
        assert one.low <= one.value <= one.high, one.key
        assert one.possible.has(one.value), one.key
        assert one.possible.has(one.low), one.key
        assert str(one.source.text), one.key
        assert one.source.as_of.year >= 2026, one.key
        assert one.figure.basis is FigureBasis.ASSUMED
        # What nobody vouches for says so.
        assert (one.figure.note is None) == one.source.is_verified, one.key


def test_a_default_without_a_source_cannot_be_made():
    with pytest.raises(ValueError, match="fee has no source"):
        assumed("fee", Notice("fee"), "1", Unit.USD)


@pytest.mark.parametrize("model", MODELS, ids=KEYS)
def test_what_the_studio_chose_itself_says_why_it_is_that_number(model):
    for one in model.assumptions:
        if not one.source.is_verified and "own choice" in one.source.text.template:
            assert one.source.text.values.get("reason") or one.key == "price_per_call", one.key


@pytest.mark.parametrize("key", KEYS)
def test_formulas_are_of_inputs_and_whatever_else_is_computed_says_how_in_a_sentence(key):
    found = result_of(case(key))
    spread = (found.usage.losing_share, found.usage.break_even_requests)
    for figure in (*found.statement.figures, *found.finances.figures, *spread):
        if figure.basis is FigureBasis.COMPUTED:
            assert bool(figure.formula) != (figure.method is not None), figure.key
        if figure.formula:
            assert set(formula(figure.formula).names) <= {one.key for one in figure.inputs}


@pytest.mark.parametrize("key", KEYS)
def test_every_figure_tells_its_formula_and_what_it_is_made_of(key):
    found = month(key)
    for figure in found.figures:
        if figure.basis is FigureBasis.COMPUTED:
            assert figure.formula
            names = model_named(key).line(figure.key).parsed.names
            assert tuple(cause.key for cause in figure.inputs) == names
    roots = {f.key for f in found.figure("profit").trace() if f.basis is not FigureBasis.COMPUTED}
    assert {"fixed_cost", "cost_per_request", "replica_hour", "customers"} <= roots


@pytest.mark.parametrize("key", KEYS)
@settings(max_examples=15, deadline=None)
@given(customers=st.integers(1, 10**6), fixed=st.integers(0, 10**6))
def test_margin_and_cost_equal_revenue_to_the_cent(key, customers, fixed):
    found = month(key, customers=customers, fixed_cost=fixed)
    value = found.value
    assert abs(value("cogs") + value("gross_profit") - value("revenue")) < CENT
    assert abs(value("cogs") + value("fixed_cost") + value("profit") - value("revenue")) < CENT
    parts = value("inference_cost") + value("serving_cost") + value("other_cogs")
    assert abs(parts - value("cogs")) < CENT
    assert abs(value("unit_cost") + value("unit_margin") - value("unit_revenue")) < CENT
    # What each leaves, times their number, is the gross profit but for data and sources.
    left = value("unit_margin") * customers - value("fixed_cogs")
    assert abs(left - value("gross_profit")) < CENT


@pytest.mark.parametrize("key", KEYS)
def test_doubling_the_price_doubles_the_revenue(key):
    price = model_named(key).price_key
    alone = PRICE_ONLY.get(key, {})
    once, twice = month(key, **alone, **{price: 7}), month(key, **alone, **{price: 14})
    assert twice.value("revenue") == 2 * once.value("revenue")


@pytest.mark.parametrize("key", KEYS)
def test_more_customers_never_need_fewer_servers_or_cost_less(key):
    before = None
    for customers in (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000):
        found = month(key, customers=customers)
        now = (found.value("replicas"), found.value("cogs"), found.value("revenue"))
        assert before is None or all(a <= b for a, b in zip(before, now, strict=True))
        before = now


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("served", [hosted(), serving(), serving(hour="0.1", rate_per_replica=0.2)])
def test_break_even_is_the_first_number_of_customers_without_a_loss(key, served):
    found = month(key, served, churn="0.01").value("break_even")
    assert found is not None
    assert month(key, served, customers=found).value("profit") >= -CENT
    if found > 1:
        assert month(key, served, customers=found - 1).value("profit") < 0


@pytest.mark.parametrize("key", KEYS)
def test_replacing_those_who_leave_is_paid_for_by_more_customers(key):
    values = {"churn": "0.01", "cac": "0.5"}

    def left(customers: Decimal) -> Decimal:
        """What remains of the month when each who leaves is replaced."""
        profit = month(key, customers=customers, **values).value("profit")
        return profit - customers * D("0.005")

    found = month(key, **values).value("break_even_replacing")
    assert left(found) >= -CENT
    assert found == 1 or left(found - 1) < 0
    assert found >= month(key, **values).value("break_even")
    dear = month(key, churn="0.5", cac="100000")
    assert "never breaks even" in str(dear.figure("break_even_replacing").note)


@pytest.mark.parametrize("key", KEYS)
def test_the_lowest_price_gives_the_margin_aimed_at(key):
    lowest = month(key, target_margin="0.55").value("minimum_price")
    found = month(key, target_margin="0.55", **{model_named(key).price_key: lowest})
    assert found.value("gross_margin") == pytest.approx(D("0.55"), abs=D("1e-9"))


@pytest.mark.parametrize("key", KEYS)
def test_a_loss_on_each_customer_never_breaks_even_and_is_never_infinite(key):
    price = model_named(key).price_key
    found = month(key, serving(cost="5"), **{price: "0.0001"})
    assert found.value("unit_margin") < 0
    for figure in (found.figure("break_even"), found.figure("payback")):
        assert figure.value is None
        assert "never breaks even" in str(figure.note)
    assert found.value("profit") < 0


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("churn", ["0", "1"])
def test_nobody_and_everybody_leaving_are_computed(key, churn):
    found = month(key, churn=churn)
    assert found.value("ltv").is_finite()
    if key != "api":  # there revenue is kept by NRR, which counts leavers already
        assert found.value("lifetime") == (60 if churn == "0" else 1)
    customers = plan(case(key, churn=churn)).values("customers")
    joined = plan(case(key, churn=churn)).values("joined")
    assert customers[-1] == (joined[-1] if churn == "1" else sum(joined))
    assert (found.figure("ceiling").value is None) == (churn == "0")


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("price", ["0", "-1", "NaN", "Infinity"])
def test_a_price_that_is_none_is_refused_with_words(key, price):
    name = model_named(key).price_key
    with pytest.raises(InvalidInput, match="more than 0") as caught:
        case(key, **{name: price})
    assert set(caught.value.fields) == {name}


@pytest.mark.parametrize("key", KEYS)
def test_all_that_is_wrong_is_named_at_once(key):
    with pytest.raises(InvalidInput) as caught:
        case(key, churn="1.1", fixed_cost="-5", target_margin="1", customers="0", nonsense="1")
    assert set(caught.value.fields) == {
        "churn", "fixed_cost", "target_margin", "customers", "nonsense",
    }  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_an_unknown_price_of_a_request_is_unknown_and_not_zero(key):
    found = month(key, serving(cost=None))
    for name in ("profit", "break_even", "gross_margin", "request_cost", "ltv"):
        assert found.figure(name).value is None
        assert str(found.figure(name).note) == "the price is unknown"
    assert found.value("revenue") > 0


def test_there_are_six_models_and_no_other():
    assert KEYS == ["subscription", "api", "freemium", "advertising", "data_service", "consulting"]
    with pytest.raises(NotFound, match="subscription, api"):
        model_named("lottery")


def test_own_values_are_said_to_be_own_and_move_the_range_along():
    """100 to 600 around 300 is a third to twice the value; a churn of 6 % is 3.6 to 8.4 %."""
    own = {"requests_per_customer": "30", "churn": "0.06", "growth": "-0.1"}
    found = {one.key: one for one in case("subscription", **own).assumptions}
    use = found["requests_per_customer"]
    assert use.is_own
    assert (use.low, use.high) == (10, 60)
    assert str(use.source.text) == "your own entry"
    assert use.figure.as_of is None
    assert (found["churn"].low, found["churn"].high) == (D("0.036"), D("0.084"))
    assert found["growth"].low < D("-0.1") < found["growth"].high


def test_a_moved_range_ends_at_what_is_possible():
    found = {one.key: one for one in case("advertising", fill="0.9").assumptions}
    assert found["fill"].low == pytest.approx(D("0.9") * 5 / 7)
    assert found["fill"].high == 1


@pytest.mark.parametrize("model", MODELS, ids=KEYS)
def test_a_price_that_the_user_set_is_certain_and_a_default_is_not(model):
    usual = {one.key: one for one in case(model.key).assumptions}
    assert usual[model.price_key].is_uncertain
    own = usual[model.price_key].value * 3
    found = {one.key: one for one in case(model.key, **{model.price_key: own}).assumptions}
    assert found[model.price_key].value == own
    assert not found[model.price_key].is_uncertain


@pytest.mark.parametrize(
    ("key", "term"),
    [
        ("freemium", "addon_price"),
        ("consulting", "licence"),
        ("consulting", "care_fee"),
        ("api", "tier_calls"),
        ("api", "tier_discount"),
    ],
)
def test_a_further_price_of_ones_own_is_as_certain_as_the_first(key, term):
    usual = next(one for one in case(key).assumptions if one.key == term)
    assert usual.is_uncertain
    own = next(one for one in case(key, **{term: usual.value / 2}).assumptions if one.key == term)
    assert (own.low, own.value, own.high) == (usual.value / 2,) * 3


@pytest.mark.parametrize("model", MODELS, ids=KEYS)
def test_every_term_of_sale_is_an_assumption_of_its_model(model):
    assert set(model.terms) <= {one.key for one in model.assumptions}


@pytest.mark.parametrize("model", MODELS, ids=KEYS)
def test_what_is_uncertain_has_a_value_that_its_range_can_move_with(model):
    assert all(one.value for one in model.assumptions if one.is_uncertain)


def test_a_choice_stays_without_a_range():
    assert (
        not make_case(model_named("subscription"), {"customers": D(50)}, serving())
        .assumptions[2]
        .is_uncertain
    )
