from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.errors import InvalidInput
from studio.evaluation.comparison import Interval
from studio.evaluation.experiment import (
    TestQuestion,
    UpliftAssumptions,
    expected_uplift,
    plan_test,
)

GAIN = Interval(mean=0.03, low=0.02, high=0.04, n=100, level=0.95)


def test_the_plan_has_the_size_of_the_textbook():
    # Fleiss et al., table A.4 without continuity correction: 0.05 against 0.10 at 0.05 and 0.8.
    plan = plan_test(TestQuestion(baseline_rate=0.05, relative_uplift=1.0, visitors_per_day=100))
    assert plan.n_per_group == 435
    assert plan.n_total == 870
    assert plan.days == 9
    assert not plan.is_long


def test_a_tiny_effect_is_said_to_take_too_long():
    plan = plan_test(TestQuestion(baseline_rate=0.02, relative_uplift=0.02, visitors_per_day=500))
    assert plan.is_long
    assert "too long" in str(plan.notice)


@given(st.floats(0.01, 0.4), st.floats(0.05, 0.5))
def test_a_larger_effect_needs_fewer_visitors(rate, uplift):
    small = plan_test(
        TestQuestion(baseline_rate=rate, relative_uplift=uplift, visitors_per_day=1000)
    )
    large = plan_test(
        TestQuestion(baseline_rate=rate, relative_uplift=2 * uplift, visitors_per_day=1000)
    )
    assert large.n_per_group <= small.n_per_group


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("baseline_rate", 0.0),
        ("baseline_rate", 1.0),
        ("relative_uplift", 0.0),
        ("relative_uplift", 200.0),
        ("visitors_per_day", 0.0),
        ("significance", 0.9),
        ("power", 0.1),
    ],
)
def test_a_question_out_of_range_is_refused_beside_its_field(field, value):
    values = {"baseline_rate": 0.05, "relative_uplift": 0.1, "visitors_per_day": 100.0}
    with pytest.raises(InvalidInput) as caught:
        TestQuestion(**{**values, field: value})
    assert list(caught.value.fields) == [field]


def test_the_uplift_is_the_gain_times_what_carries_over():
    uplift = expected_uplift(
        0.02,
        GAIN,
        UpliftAssumptions(
            carry_over_low=0.1,
            carry_over_high=0.5,
            share_through_lists=0.2,
            monthly_revenue=Decimal(10000),
        ),
    )
    assert uplift.lists_low == pytest.approx(0.1)  # 0.02 / 0.02 * 0.1
    assert uplift.lists_high == pytest.approx(1.0)  # 0.04 / 0.02 * 0.5
    assert uplift.sales_high == pytest.approx(0.2)
    assert uplift.revenue_low == Decimal("200.00")
    assert uplift.revenue_high == Decimal("2000.00")
    assert "A/B test" in str(uplift.assumption)


def test_a_loss_stays_a_loss():
    loss = Interval(mean=-0.01, low=-0.02, high=0.01, n=100, level=0.95)
    uplift = expected_uplift(0.02, loss, UpliftAssumptions())
    assert uplift.lists_low == pytest.approx(-0.5)
    assert uplift.lists_high == pytest.approx(0.25)
    assert uplift.revenue_low is None


def test_without_a_baseline_there_is_no_relative_uplift():
    with pytest.raises(InvalidInput, match="foretold nothing"):
        expected_uplift(0.0, GAIN, UpliftAssumptions())


@pytest.mark.parametrize(
    "values",
    [
        {"carry_over_low": -0.1},
        {"carry_over_high": 1.5},
        {"share_through_lists": float("nan")},
        {"carry_over_low": 0.6, "carry_over_high": 0.5},
        {"monthly_revenue": Decimal(-1)},
    ],
)
def test_assumptions_out_of_range_are_refused(values):
    with pytest.raises(InvalidInput):
        UpliftAssumptions(**values)
