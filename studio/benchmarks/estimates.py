"""`studio bench estimates`: what is predicted of the running service, beside what then happens.

Each target is calibrated by callers who wait for their answers, then asked by visitors who do not, at
three utilisations and with arrivals of a real trace. What is predicted is said before it is driven, for
the very same arrivals, so that chance in them excuses neither side. Trace: Azure LLM inference trace
2023 (CC BY 4.0), its mean rate changed to the utilisation, its bursts kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from studio.benchmarks.estimate_rounds import Say, ask_in_rounds, calls_of
from studio.benchmarks.estimate_targets import Positions, Target
from studio.benchmarks.open_loop import Driven, drive
from studio.economics.traffic import Trace, poisson
from studio.workbench import Workbench

UTILISATIONS = (0.3, 0.6, 0.8)
BOUNDS = {"p50": 0.15, "p95": 0.25, "throughput": 0.10, "cost": 0.05}
SEED = 7

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One figure: predicted, measured, in `unit`; `BOUNDS` has the relative error allowed."""

    target: str
    traffic: str
    figure: str
    predicted: float
    measured: float
    unit: str

    @property
    def error(self) -> float:
        """Relative to what was measured."""
        return self.predicted / self.measured - 1

    @property
    def is_within(self) -> bool:
        """Whether the bound holds."""
        return abs(self.error) <= BOUNDS[self.figure]

    def as_text(self) -> str:
        """A line for the terminal."""
        return (
            f"{self.target:11} {self.traffic:22} {self.figure:10} predicted {self.predicted:10.4g}"
            f" measured {self.measured:10.4g} {self.unit:12} {self.error:+7.1%}"
            f" (bound {BOUNDS[self.figure]:.0%}) {'ok' if self.is_within else 'MISSED'}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatesReport:
    """All figures of a run, on what it was taken, and the share of the cores that others used."""

    machine: str
    estimates: tuple[Estimate, ...]
    other_load: float | None

    @property
    def is_passed(self) -> bool:
        """Whether all bounds hold."""
        return all(one.is_within for one in self.estimates)

    def as_text(self) -> str:
        """A table for the terminal."""
        load = "unknown" if self.other_load is None else f"{self.other_load:.0%} of the cores"
        lines = [self.machine, f"other programs meanwhile: {load}", ""]
        return "\n".join([*lines, *(one.as_text() for one in self.estimates)])

    def as_json(self) -> str:
        """The same as JSON."""
        return json.dumps(asdict(self), indent=2)


def estimate(
    workbench: Workbench, target: Target, trace: Trace, *, n_requests: int, say: Say
) -> tuple[Estimate, ...]:
    """Calibrate a target, predict, drive, compare.

    Args:
        workbench: the running studio, whose ledger has the calls.
        target: what is asked.
        trace: arrivals of a real service.
        n_requests: of each load.
        say: told what is going on.

    Raises:
        StudioError: the service does not answer.
    """
    target.calibrate(say)
    ceiling = target.saturated_rate_per_s
    rng = np.random.default_rng(SEED)
    positions = rng.permutation(np.resize(np.arange(target.n_distinct), n_requests))
    loads = [
        (f"Poisson, {share:.0%} used", poisson(share * ceiling, n_requests, rng))
        for share in UTILISATIONS
    ]
    middle = UTILISATIONS[1]
    loads.append((f"Azure trace, {middle:.0%} used", _slice(trace, n_requests, middle * ceiling)))
    found: list[Estimate] = []
    for traffic, due_s in loads:
        found += _compare(workbench, target, traffic, positions, due_s, say)
    found.append(_saturation(workbench, target, n_requests, say))
    return tuple(found)


def _compare(
    workbench: Workbench,
    target: Target,
    traffic: str,
    positions: Positions,
    due_s: Floats,
    say: Say,
) -> tuple[Estimate, ...]:
    predicted = target.simulate(positions, due_s)
    ids: list[str] = []
    driven = _drive(target, positions, due_s, ids.append)
    calls = calls_of(workbench, set(ids))
    figures = [
        ("p50", np.quantile(predicted.total_s, 0.5) * 1e3, driven.percentile_s(0.5) * 1e3, "ms"),
        ("p95", np.quantile(predicted.total_s, 0.95) * 1e3, driven.percentile_s(0.95) * 1e3, "ms"),
        (
            "cost",
            predicted.cost_usd / len(due_s) * 1e3,
            float(calls["cost_usd"].sum()) / len(due_s) * 1e3,
            "USD per 1,000",
        ),
    ]
    found = tuple(
        Estimate(
            target=target.name,
            traffic=traffic,
            figure=figure,
            predicted=float(said),
            measured=seen,
            unit=unit,
        )
        for figure, said, seen, unit in figures
    )
    for one in found:
        say(one.as_text())
    return found


def _saturation(workbench: Workbench, target: Target, n_requests: int, say: Say) -> Estimate:
    """More callers than it can serve at once, each of whom asks again at once: what is answered."""
    measured = ask_in_rounds(
        target.ask,
        target.n_distinct,
        ((target.n_saturating, max(4 * target.n_saturating, n_requests) / target.n_distinct),),
        name=target.name,
        workbench=workbench,
        say=say,
        is_new=False,
    )
    found = Estimate(
        target=target.name,
        traffic=f"{target.n_saturating} callers at once",
        figure="throughput",
        predicted=target.saturated_rate_per_s,
        measured=measured.sweep[0].rate_per_s,
        unit="per second",
    )
    say(found.as_text())
    return found


def _drive(
    target: Target, positions: Positions, due_s: Floats, note: Callable[[str], object]
) -> Driven:
    def ask(position: int) -> Callable[[], object]:
        return lambda: note(target.ask(position))

    driven = drive([ask(position) for position in positions.tolist()], due_s)
    if driven.failures:
        raise driven.failures[0]
    return driven


def _slice(trace: Trace, n: int, rate_per_s: float) -> Floats:
    """The first `n` arrivals, at that mean rate, with the pauses between them as they were."""
    return trace.first(n).at_rate(rate_per_s).arrivals_s
