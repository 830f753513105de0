"""A business model with its numbers, and what it gives in one month: figures with their provenance.

    make_case(model, values, serving figures, steps)  ->  BusinessCase  ->  statement(case)

Money is computed in Decimal. Knows no user, no page and no file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from studio.economics.arithmetic import DecimalArithmetic
from studio.economics.assumptions import Assumption, with_values
from studio.economics.business_model import COST_PER_REQUEST, BusinessModel, Line
from studio.economics.figure import Figure, FigureBasis
from studio.economics.formula import Arithmetic, formula
from studio.economics.serving_steps import ServingSteps
from studio.records import Notice

_NOT_DEFINED = Notice("cannot be computed: it would be divided by zero")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingFigures:
    """What a way of serving puts into every business model.

    `cost_per_request` is what each request costs (no value where no price is known), `replica_hour`
    what a server costs per hour, `speed` how much faster than predicted it may turn out to be (1, with
    the band of the prediction); `steps` says how many servers a load needs.
    """

    cost_per_request: Figure
    replica_hour: Figure
    speed: Figure
    steps: ServingSteps

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The three figures, under the keys that formulas use."""
        return self.cost_per_request, self.replica_hour, self.speed


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessCase:
    """A business model with a value for each assumption, and the way it is served."""

    model: BusinessModel
    assumptions: tuple[Assumption, ...]
    serving: ServingFigures

    @property
    def inputs(self) -> tuple[Figure, ...]:
        """Everything that formulas start from: the assumptions, then what the serving gives."""
        return (*(assumption.figure for assumption in self.assumptions), *self.serving.figures)

    def value(self, key: str) -> Decimal:
        """The value of an assumption.

        Raises:
            KeyError: the model has none of that key.
        """
        for assumption in self.assumptions:
            if assumption.key == key:
                return assumption.value
        raise KeyError(key)

    def decimals(self) -> dict[str, Decimal | None]:
        """The inputs as Decimals by key, None where one has no value."""
        return {figure.key: as_decimal(figure.value) for figure in self.inputs}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A month of a business: every assumption and every line, in the order of the model."""

    figures: tuple[Figure, ...]

    def figure(self, key: str) -> Figure:
        """The figure of that key.

        Raises:
            KeyError: there is none.
        """
        for figure in self.figures:
            if figure.key == key:
                return figure
        raise KeyError(key)

    def value(self, key: str) -> Decimal | None:
        """The value of that key; None where it does not exist."""
        return as_decimal(self.figure(key).value)


def make_case(
    model: BusinessModel, values: Mapping[str, Decimal], serving: ServingFigures
) -> BusinessCase:
    """A case from the user's values; what is missing takes its default.

    A price or a condition of sale that the user set is decided and has no range; other own values keep
    one.

    Raises:
        InvalidInput: a value is not possible, or names nothing; `fields` says which.
    """
    cost = as_decimal(serving.cost_per_request.value)
    defaults = tuple(_with_default(one, cost, serving.steps) for one in model.assumptions)
    assumptions = tuple(
        one.certain if one.is_own and one.key in (model.price_key, *model.terms) else one
        for one in with_values(defaults, values)
    )
    return BusinessCase(model=model, assumptions=assumptions, serving=serving)


def evaluate(lines: Sequence[Line], values: dict[str, Any], arithmetic: Arithmetic) -> None:
    """Compute lines in order and put them beside the values that they are computed from."""
    for line in lines:
        values[line.key] = line.parsed.evaluate(values, arithmetic)


def statement(case: BusinessCase) -> Statement:
    """The month with the number of customers that is looked at."""
    values: dict[str, Any] = case.decimals()
    evaluate(case.model.lines, values, DecimalArithmetic(serving=case.serving.steps))
    figures = {figure.key: figure for figure in case.inputs}
    for line in case.model.lines:
        causes = tuple(figures[name] for name in line.parsed.names)
        figures[line.key] = _figure(line, values[line.key], causes)
    return Statement(figures=tuple(figures.values()))


def as_decimal(value: Decimal | float | None) -> Decimal | None:
    """The shortest decimal of a number, not its binary expansion."""
    return value if value is None or isinstance(value, Decimal) else Decimal(str(value))


def _figure(line: Line, value: Decimal | None, causes: tuple[Figure, ...]) -> Figure:
    note = None
    if value is None:
        reasons = [cause.note for cause in causes if cause.value is None]
        note = next(filter(None, (*reasons, line.otherwise)), _NOT_DEFINED)
    return Figure(
        key=line.key,
        label=line.label,
        value=value,
        unit=line.unit,
        basis=FigureBasis.COMPUTED,
        formula=line.formula,
        inputs=causes,
        source=line.source,
        note=note,
    )


def _with_default(assumption: Assumption, cost: Decimal | None, steps: ServingSteps) -> Assumption:
    if not assumption.default_formula or cost is None:
        return assumption
    value = formula(assumption.default_formula).evaluate(
        {COST_PER_REQUEST: cost}, DecimalArithmetic(serving=steps)
    )
    return assumption.with_default(Decimal(f"{value:.2g}"))
