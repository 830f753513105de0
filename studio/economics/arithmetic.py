"""The two ways to compute formulas: exactly in Decimal for money, in float64 arrays for statistics.

Both follow the same rules (`studio.economics.formula`); a test holds them against each other. Knows no
business model.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, Overflow
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.economics.serving_steps import ServingSteps

Array = NDArray[np.float64]
PLACES = 9
"""Whole numbers are rounded up only beyond this place, as binary fractions are not exact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecimalArithmetic:
    """Exact to 28 digits; None where a result does not exist. Conditions are True and False."""

    serving: ServingSteps

    def number(self, text: str) -> Decimal:
        """A constant."""
        return Decimal(text)

    def operate(self, operator: str, left: Any, right: Any) -> Any:  # Decimal, bool or None
        """`left operator right`; None where one is missing or the result is no number."""
        if left is None or right is None:
            return None
        match operator:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                return left / right if right else None
            case "**":
                return _power(left, right)
        return _compare(operator, left, right)

    def call(self, function: str, arguments: tuple[Any, ...]) -> Any:  # Decimal or None
        """One of the functions; only the branch that `where` takes has to exist."""
        if function == "where":
            return None if arguments[0] is None else arguments[1 if arguments[0] else 2]
        if function == "only_if":
            return arguments[1] if arguments[0] else None
        if any(argument is None for argument in arguments):
            return None
        match function:
            case "ceil":
                return round(arguments[0], PLACES).to_integral_value(rounding="ROUND_CEILING")
            case "min":
                return min(arguments)
            case "max":
                return max(arguments)
            case "replicas_for":
                return _exact(float(self.serving.replicas(float(arguments[0]))))
        found = float(self.serving.break_even(*(float(value) for value in arguments)))
        return None if np.isnan(found) else Decimal(int(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayArithmetic:
    """Arrays of float64 that broadcast; NaN where a result does not exist.

    Conditions are 1.0 and 0.0, and NaN where a side is missing.
    """

    serving: ServingSteps

    def number(self, text: str) -> float:
        """A constant."""
        return float(text)

    def operate(self, operator: str, left: Any, right: Any) -> Any:  # arrays or floats
        """`left operator right`, element by element."""
        match operator:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                if np.all(right):  # the usual case, and much quicker
                    return left / right
                with np.errstate(divide="ignore", invalid="ignore"):
                    return np.where(np.equal(right, 0), np.nan, np.divide(left, right))
            case "**":
                return np.power(left, right)
        holds = _compare(operator, left, right)
        return np.where(np.isnan(left) | np.isnan(right), np.nan, holds)

    def call(self, function: str, arguments: tuple[Any, ...]) -> Any:  # an array
        """One of the functions, element by element."""
        match function:
            case "where":
                condition, this, that = arguments
                return np.where(np.isnan(condition), np.nan, np.where(condition, this, that))
            case "only_if":
                return np.where(np.equal(arguments[0], 1), arguments[1], np.nan)
            case "ceil":
                return np.ceil(np.round(arguments[0], PLACES))
            case "min":
                return np.minimum(*arguments)
            case "max":
                return np.maximum(*arguments)
            case "replicas_for":
                return self.serving.replicas(arguments[0])
        return self.serving.break_even(*arguments)


def _exact(value: float) -> Decimal:
    """A number to nine places, a whole one as such."""
    return Decimal(int(value)) if value.is_integer() else Decimal(repr(round(value, PLACES)))


def _compare(operator: str, left: Any, right: Any) -> Any:  # a bool or an array of them
    match operator:
        case ">":
            return left > right
        case ">=":
            return left >= right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case "==":
            return left == right
    raise ValueError(f"formulas have no {operator}")


def _power(left: Decimal, right: Decimal) -> Decimal | None:
    try:
        return Decimal(1) if not right else left**right
    except (InvalidOperation, Overflow):
        return None
