"""What a way of serving puts into the business models: a price per request, a price per hour, steps."""

from __future__ import annotations

import math

import numpy as np

from studio.economics.business_case import ServingFigures
from studio.economics.business_model import COST_PER_REQUEST, REPLICA_HOUR, SPEED
from studio.economics.figure import Figure, FigureBasis, Unit
from studio.economics.replica_hour import replica_hour
from studio.economics.serving import Serving
from studio.economics.serving_choice import Slo
from studio.economics.serving_steps import steps_of
from studio.records import Notice

_BASES = {"measured": FigureBasis.MEASURED, "catalogue": FigureBasis.CATALOGUE}
_Z90 = 1.2815515655446004  # the 90th percentile of the standard normal law


def serving_figures(serving: Serving, *, slo: Slo | None = None) -> ServingFigures:
    """The figures of a way of serving; solves its queue for some numbers of servers.

    Args:
        serving: how the prototype is served.
        slo: the promise that decides how many servers a load needs; by default 95 % within 10 s.
    """
    return ServingFigures(
        cost_per_request=_cost_per_request(serving),
        replica_hour=replica_hour(serving.choice, serving.machine_hour_usd, REPLICA_HOUR),
        speed=Figure(
            key=SPEED,
            label=Notice("speed against what is predicted"),
            value=1.0,
            unit=Unit.RATIO,
            basis=_BASES.get(serving.basis, FigureBasis.ASSUMED),
            source=serving.name,
            as_of=serving.measured_on if serving.basis == "measured" else None,
            low=1 - serving.band,
            high=1 + serving.band,
            note=serving.notes[0] if serving.notes else None,
        ),
        steps=steps_of(serving, slo),
    )


def _cost_per_request(serving: Serving) -> Figure:
    """The mean of the measured requests, with what their number leaves uncertain of it."""
    costs = serving.request_usd
    priced = [cost for cost in serving.stage_costs if cost.basis in ("catalogue", "assumed")]
    source = priced[-1].source if priced else Notice("nothing by request: hours are paid for")
    basis = priced[-1].basis if priced else serving.basis
    mean = serving.variable_usd_per_request
    low = high = None
    if mean and len(costs) > 1:
        error = _Z90 * float(np.std(costs, ddof=1)) / math.sqrt(len(costs))
        low, high = max(0.0, float(mean) - error), float(mean) + error
    return Figure(
        key=COST_PER_REQUEST,
        label=Notice("what models charge per request"),
        value=mean,
        unit=Unit.USD_PER_REQUEST,
        basis=_BASES.get(basis, FigureBasis.ASSUMED),
        source=source,
        as_of=priced[-1].as_of if priced else None,
        low=low,
        high=high,
        note=Notice("the price of a request is unknown: {source}", source=source)
        if mean is None
        else None,
    )
