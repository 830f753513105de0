"""Business cases for tests: a serving with plain numbers, and every model on it."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from studio.economics.business_case import BusinessCase, ServingFigures, make_case
from studio.economics.figure import Figure, FigureBasis, Unit
from studio.economics.models.registry import model_named
from studio.economics.serving_steps import ServingSteps
from studio.records import Notice

D = Decimal


def measured(key: str, value, unit: Unit, **changes) -> Figure:
    values = {"basis": FigureBasis.MEASURED, "source": Notice("a test")}
    return Figure(key=key, label=Notice(key), value=value, unit=unit, **(values | changes))


def serving(
    cost: str | None = "0.0004", hour: str = "2", rate_per_replica: float = 3.0, band: float = 0.4
) -> ServingFigures:
    """Each replica carries the same rate; an infinite one needs no second."""
    rates = np.arange(1, 201) * rate_per_replica if np.isfinite(rate_per_replica) else [np.inf]
    note = None if cost is not None else Notice("the price is unknown")
    return ServingFigures(
        cost_per_request=measured(
            "cost_per_request",
            None if cost is None else D(cost),
            Unit.USD_PER_REQUEST,
            note=note,
            low=None if cost is None else float(cost) * 0.8,
            high=None if cost is None else float(cost) * 1.2,
        ),
        replica_hour=measured("replica_hour", D(hour), Unit.USD_PER_HOUR),
        speed=measured("speed", 1.0, Unit.RATIO, low=1 - band, high=1 + band),
        steps=ServingSteps(max_rates=np.asarray(rates, dtype=np.float64)),
    )


def hosted(cost: str = "0.0004") -> ServingFigures:
    """A provider that scales by itself and charges per request."""
    return serving(cost, hour="0", rate_per_replica=np.inf, band=0.0)


def case(model: str, served: ServingFigures | None = None, **values) -> BusinessCase:
    """A model with some values other than its defaults."""
    decimals = {key: D(str(value)) for key, value in values.items()}
    return make_case(model_named(model), decimals, served or serving())
