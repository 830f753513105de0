"""A formula gives the same with Decimals and with arrays, and nothing but formulas is understood."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.economics.arithmetic import ArrayArithmetic, DecimalArithmetic
from studio.economics.formula import formula
from tests.unit.economics.business_examples import serving

STEPS = serving().steps
EXACT = DecimalArithmetic(serving=STEPS)
ARRAYS = ArrayArithmetic(serving=STEPS)
NUMBERS = st.integers(min_value=-(10**6), max_value=10**6).map(lambda n: Decimal(n) / 1000)
FORMULAS = [
    "a + b * c - a / c",
    "ceil(a / b)",
    "min(a, b) + max(b, c)",
    "where(a > b, a, c)",
    "where(a / b == c, a, b)",
    "only_if(a >= b, c) * 2",
    "(a - b) / (b - c)",
    "where(a < 0, 1, (1 - 0.5 ** 3) / b)",
    "only_if(a <= 0, b) + c",
    "replicas_for(max(a, 0))",
    "least_units(max(a, 0), b, 0.01, 100)",
]


def exact(text: str, **values):
    return formula(text).evaluate({k: Decimal(str(v)) for k, v in values.items()}, EXACT)


@settings(max_examples=30, deadline=None)
@given(a=NUMBERS, b=NUMBERS, c=NUMBERS)
@pytest.mark.parametrize("text", FORMULAS)
def test_decimals_and_arrays_agree_and_are_never_infinite(text, a, b, c):
    values = {"a": a, "b": b, "c": c}
    first = formula(text).evaluate(values, EXACT)
    arrays = {key: np.array([float(value), 1.0]) for key, value in values.items()}
    second = np.broadcast_to(formula(text).evaluate(arrays, ARRAYS), (2,))[0]
    assert not np.isinf(second)
    if first is None:
        assert np.isnan(second)
    else:
        # A comparison of nearly equal floats may go the other way than that of exact Decimals.
        assert second == pytest.approx(float(first), rel=1e-9, abs=1e-6) or "==" in text


@pytest.mark.parametrize("text", ["a / b", "only_if(b > a, a)", "a / b + a", "ceil(a / b)"])
def test_what_does_not_exist_is_none(text):
    assert exact(text, a=5, b=0) is None


def test_only_the_branch_taken_has_to_exist():
    assert exact("where(a == 1, 60, (1 - a ** 60) / (1 - a))", a=1) == 60


def test_whole_numbers_are_not_rounded_up_by_the_dust_of_binary_fractions():
    assert formula("ceil(a / b)").evaluate({"a": 0.3, "b": 0.1}, ARRAYS) == 3
    assert exact("ceil(a / b)", a="0.3", b="0.1") == 3
    assert exact("ceil(a)", a="3.00001") == 4


def test_a_formula_knows_the_names_it_needs_in_their_order():
    assert formula("b + max(a, b) / replicas_for(c)").names == ("b", "a", "c")


@pytest.mark.parametrize(
    "text",
    ["__import__('os')", "a.b", "a[0]", "f(a)", "'text'", "lambda: 1", "a if b else c", "max(a)",
     "a < b < c", "a // b", "not a", "ceil(x=a)", "True and a"],
)  # fmt: skip
def test_nothing_else_is_understood(text):
    with pytest.raises(ValueError, match="formulas have no"):
        formula(text)
