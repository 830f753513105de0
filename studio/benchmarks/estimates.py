"""`studio bench estimates`: what is predicted of the running service, beside what then happens.

Each target is calibrated by callers who wait for their answers, then asked by visitors who do not, at
three utilisations and with arrivals of a real trace. What is predicted is said before it is driven, for
the very same arrivals, so that chance in them excuses neither side.

Bounds are held against what was predicted before a load, at the pace that the machine had then. That
pace changes within minutes, which no model of a service can foresee. So each load is driven in parts,
the pace is probed between them (`estimate_pace`), and the prediction at the mean of the paces before and
after each part stands beside it: it tells what the machine did apart from what the model did. What the
business pages would have said, from the calibration alone, stands there too (`estimate_pages`).

Trace: Azure LLM inference trace 2023 (CC BY 4.0), its mean rate changed to the utilisation, its bursts
kept.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from studio.benchmarks.estimate_pace import PROBE_S, Pace, Pacemaker
from studio.benchmarks.estimate_pages import PagePrediction
from studio.benchmarks.estimate_rounds import Say, ask_in_rounds, calls_of
from studio.benchmarks.estimate_targets import Positions, Prediction, Target
from studio.benchmarks.open_loop import Driven, drive
from studio.economics.traffic import Trace, poisson
from studio.tidying import tidy
from studio.workbench import Workbench
from studio.workspace.store import utc_now

UTILISATIONS = (0.3, 0.6, 0.8)
BOUNDS = {"p50": 0.15, "p95": 0.25, "throughput": 0.10, "cost": 0.05}
SEED = 7
N_PARTS = 3
"""Of a load, between which the pace is probed; more where one of them takes hardly a second."""
_UNITS = {"p50": "ms", "p95": "ms", "throughput": "per second", "cost": "USD per 1,000"}

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One figure: predicted, measured, in `unit`; `BOUNDS` has the relative error allowed.

    `predicted` is at the machine's pace before the load, when nothing had been asked; `at_mean_pace` at
    the mean of the paces before and after; `by_pages` is what the business pages say (NaN: that it is
    unstable). `drift` is by how much the machine became slower meanwhile.
    """

    target: str
    traffic: str
    figure: str
    predicted: float
    at_mean_pace: float
    by_pages: float
    measured: float
    unit: str
    drift: float

    @property
    def error(self) -> float:
        """Relative to what was measured."""
        return self.predicted / self.measured - 1

    @property
    def error_at_mean_pace(self) -> float:
        """The same of what is predicted when the pace during the load is known."""
        return self.at_mean_pace / self.measured - 1

    @property
    def error_by_pages(self) -> float:
        """The same of what the business pages say; NaN where they say that it is unstable."""
        return self.by_pages / self.measured - 1

    @property
    def is_within(self) -> bool:
        """Whether the bound holds."""
        return abs(self.error) <= BOUNDS[self.figure]

    @property
    def is_within_at_mean_pace(self) -> bool:
        """Whether it holds when the pace during the load is known."""
        return abs(self.error_at_mean_pace) <= BOUNDS[self.figure]

    @property
    def is_within_by_pages(self) -> bool:
        """Whether it holds for what the business pages say."""
        return abs(self.error_by_pages) <= BOUNDS[self.figure]

    def as_text(self) -> str:
        """A line for the terminal."""
        unstable = math.isnan(self.by_pages)
        by_pages = "unstable" if unstable else f"{self.error_by_pages:+7.1%}"
        return (
            f"{self.target:11} {self.traffic:22} {self.figure:10} predicted {self.predicted:10.4g}"
            f" measured {self.measured:10.4g} {self.unit:12} {self.error:+7.1%}"
            f" (bound {BOUNDS[self.figure]:.0%}) {'ok' if self.is_within else 'MISSED':6}"
            f"  at its pace {self.error_at_mean_pace:+7.1%}, pages {by_pages},"
            f" machine then {self.drift:+.0%} slower"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatesReport:
    """All figures of a run, on what it was taken, and the share of the cores that others used."""

    machine: str
    estimates: tuple[Estimate, ...]
    other_load: float | None

    @property
    def is_passed(self) -> bool:
        """Whether all bounds hold for what was predicted beforehand."""
        return all(one.is_within for one in self.estimates)

    def as_text(self) -> str:
        """A table for the terminal."""
        load = "unknown" if self.other_load is None else f"{self.other_load:.0%} of the cores"
        lines = [self.machine, f"other programs meanwhile: {load}", ""]
        n = len(self.estimates)
        within = sum(one.is_within for one in self.estimates)
        at_pace = sum(one.is_within_at_mean_pace for one in self.estimates)
        pages = sum(one.is_within_by_pages for one in self.estimates)
        total = (
            f"{within} of {n} within the bounds as predicted beforehand; {at_pace} of {n} at the pace"
            f" measured before and after each load; {pages} of {n} as the business pages predict"
        )
        return "\n".join([*lines, *(one.as_text() for one in self.estimates), "", total])

    def as_json(self) -> str:
        """The same as JSON."""
        return json.dumps(asdict(self), indent=2)


def estimate(
    workbench: Workbench,
    target: Target,
    trace: Trace,
    *,
    n_requests: int,
    say: Say,
    probe_s: float = PROBE_S,
    n_parts: int = N_PARTS,
    n_probing: int = 1,
) -> tuple[Estimate, ...]:
    """Calibrate a target, predict, drive, compare.

    Args:
        workbench: the running studio, whose ledger has the calls.
        target: what is asked.
        trace: arrivals of a real service.
        n_requests: of each load.
        say: told what is going on.
        probe_s: how long the machine's pace is probed at least, before and after each part of a load.
        n_parts: of each load.
        n_probing: callers at once who probe the pace, beside one alone; as many as calibrated it.

    Raises:
        StudioError: the service does not answer.
    """
    tidy()
    target.calibrate(say)
    comparing = _Comparing(workbench, target, say, _pacemaker(target, probe_s, n_probing), n_parts)
    rng = np.random.default_rng(SEED)
    positions = rng.permutation(np.resize(np.arange(target.n_distinct), n_requests))
    middle = UTILISATIONS[1]
    found: list[Estimate] = []
    for share in UTILISATIONS:
        rate = share * comparing.ceiling_per_s
        due_s = poisson(rate, n_requests, rng)
        pages = comparing.pages.steady(rate)
        found += comparing.load(f"Poisson, {share:.0%} used", positions, due_s, pages)
    due_s = _slice(trace, n_requests, middle * comparing.ceiling_per_s)
    pages = comparing.pages.played(_parts(due_s, n_parts))
    found += comparing.load(f"Azure trace, {middle:.0%} used", positions, due_s, pages)
    found.append(comparing.saturation(n_requests))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    """A part of a load: what was predicted before it, then at the mean pace, and what was measured."""

    pace: Pace
    before: Prediction
    at_mean: Prediction
    measured: Prediction


class _Comparing:
    """A calibrated target under one load after another, the machine's pace probed between them."""

    def __init__(
        self, workbench: Workbench, target: Target, say: Say, pacemaker: Pacemaker, n_parts: int
    ) -> None:
        self._workbench, self._target, self._say = workbench, target, say
        self._n_parts = n_parts
        self.pages = PagePrediction(target.measured, workbench.machine_hour_usd, utc_now())
        self._pacemaker = pacemaker
        self._pace = pacemaker.probe()

    @property
    def ceiling_per_s(self) -> float:
        """Requests per second that saturate the target at the machine's pace now."""
        return self._target.saturated_rate_per_s / self._pace

    def load(
        self, traffic: str, positions: Positions, due_s: Floats, pages: Mapping[str, float]
    ) -> tuple[Estimate, ...]:
        """Drive it with these requests at these times; p50, p95 and cost beside the predicted.

        `pages` is what the business pages say. In parts one after the other, the pace probed between
        them, as it changes within a minute.
        """
        n = self._n_parts
        parts = [
            self._part(places, due)
            for places, due in zip(np.array_split(positions, n), _parts(due_s, n), strict=True)
        ]
        pace = Pace(before=parts[0].pace.before, after=parts[-1].pace.after)
        before, at_mean = (
            _figures([getattr(part, name) for part in parts]) for name in ("before", "at_mean")
        )
        measured = _figures([part.measured for part in parts])
        return tuple(
            self._said(
                traffic, figure, (before[figure], at_mean[figure], pages[figure], value), pace
            )
            for figure, value in measured.items()
        )

    def _part(self, positions: Positions, due_s: Floats) -> _Part:
        """Predict, drive, probe."""
        before = self._predicted(positions, due_s, self._pace)
        tidy()  # as the studio does while nobody waits: in the middle of requests it stops them all
        ids: list[str] = []
        driven = _drive(self._target, positions, due_s, ids.append)
        calls = calls_of(self._workbench, set(ids))
        pace = self._probed()
        return _Part(
            pace=pace,
            before=before,
            at_mean=self._predicted(positions, due_s, pace.mean),
            measured=Prediction(total_s=driven.total_s, cost_usd=float(calls["cost_usd"].sum())),
        )

    def saturation(self, n_requests: int) -> Estimate:
        """More callers than it can serve at once, each of whom asks again at once: what is answered."""
        target = self._target
        n = target.n_saturating
        before = self.ceiling_per_s
        measured = ask_in_rounds(
            target.ask,
            target.n_distinct,
            ((n, max(4 * n, n_requests) / target.n_distinct),),
            name=target.name,
            workbench=self._workbench,
            say=self._say,
            is_new=False,
        )
        pace = self._probed()
        at_mean = target.saturated_rate_per_s / pace.mean
        rate = measured.sweep[0].rate_per_s
        values = (before, at_mean, self.pages.saturated_rate_per_s, rate)
        return self._said(f"{n} callers at once", "throughput", values, pace)

    def _predicted(self, positions: Positions, due_s: Floats, pace: float) -> Prediction:
        """What is predicted at a pace: the calibrated engine with its clock stretched."""
        found = self._target.simulate(positions, due_s / pace)
        return Prediction(total_s=found.total_s * pace, cost_usd=found.cost_usd * pace)

    def _probed(self) -> Pace:
        """The paces before and after what was just done."""
        before, self._pace = self._pace, self._pacemaker.probe()
        return Pace(before=before, after=self._pace)

    def _said(
        self, traffic: str, figure: str, values: tuple[float, float, float, float], pace: Pace
    ) -> Estimate:
        """The estimate of (before, at the mean pace, by the pages, measured), told to `say`."""
        before, at_mean, by_pages, measured = values
        found = Estimate(
            target=self._target.name,
            traffic=traffic,
            figure=figure,
            predicted=before,
            at_mean_pace=at_mean,
            by_pages=by_pages,
            measured=measured,
            unit=_UNITS[figure],
            drift=pace.drift,
        )
        self._say(found.as_text())
        return found


def _pacemaker(target: Target, probe_s: float, n_probing: int) -> Pacemaker:
    together = [point for point in target.measured.sweep if point.n_concurrent == n_probing > 1]
    return Pacemaker(target.ask, target.alone_s, probe_s, next(iter(together), None))


def _figures(parts: Sequence[Prediction]) -> dict[str, float]:
    """p50 and p95 in ms, and USD per 1,000 requests, of all parts together."""
    total_s = np.concatenate([part.total_s for part in parts])
    return {
        "p50": float(np.quantile(total_s, 0.5)) * 1e3,
        "p95": float(np.quantile(total_s, 0.95)) * 1e3,
        "cost": sum(part.cost_usd for part in parts) / len(total_s) * 1e3,
    }


def _drive(
    target: Target, positions: Positions, due_s: Floats, note: Callable[[str], object]
) -> Driven:
    def ask(position: int) -> Callable[[], object]:
        return lambda: note(target.ask(position))

    driven = drive([ask(position) for position in positions.tolist()], due_s)
    if driven.failures:
        raise driven.failures[0]
    return driven


def _parts(due_s: Floats, n_parts: int) -> list[Floats]:
    """The times in parts, each from its own first request on."""
    return [part - part[0] for part in np.array_split(due_s, n_parts)]


def _slice(trace: Trace, n: int, rate_per_s: float) -> Floats:
    """The first `n` arrivals, at that mean rate, with the pauses between them as they were."""
    return trace.first(n).at_rate(rate_per_s).arrivals_s
