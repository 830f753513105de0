"""Driving and comparing, on a service whose times are known: it takes turns, ten milliseconds each."""

from __future__ import annotations

import math
import threading
import time
import uuid

import numpy as np
import pandas as pd
import pytest

from studio.benchmarks.estimate_pace import Pace, Pacemaker
from studio.benchmarks.estimate_pages import PagePrediction
from studio.benchmarks.estimate_rounds import Measured, alone_s, ask_in_rounds, outside_s, work_of
from studio.benchmarks.estimate_targets import Prediction, _busy_by_callers, _of_mean_requests
from studio.benchmarks.estimates import Estimate, EstimatesReport, estimate
from studio.benchmarks.open_loop import drive
from studio.economics.queueing import ResidenceLaw
from studio.economics.replayed import ReplayedRequest, sweep_point
from studio.economics.simulation import simulate_law
from studio.economics.traffic import Trace, poisson
from studio.errors import StudioError
from studio.records import Stage
from tests.unit.economics.ledger_frames import HOUR_USD, NOON, call, priced

SERVICE_S = 0.01


class TakesTurns:
    """The target, and the workbench whose ledger has its calls."""

    name = "turns"
    n_distinct = 4
    n_saturating = 4
    saturated_rate_per_s = 1 / SERVICE_S
    alone_s = np.full(4, SERVICE_S)

    def __init__(self, error: float = 1.0) -> None:
        self._turn = threading.Lock()
        self._ids: list[str] = []
        self._error = error

    def ask(self, position: int) -> str:
        with self._turn:
            time.sleep(SERVICE_S)
        self._ids.append(uuid.uuid4().hex)
        return self._ids[-1]

    machine_hour_usd = HOUR_USD

    def calibrate(self, say) -> None:
        """As many requests as a measurement has, by callers who take turns."""
        say("known")
        self.measured = measured_by(lambda n: n * SERVICE_S * 1e3)

    def simulate(self, positions, due_s) -> Prediction:
        law = ResidenceLaw(fixed_s=0.0, shared_s=SERVICE_S * self._error, slots=1)
        found = simulate_law(law, due_s, np.ones(len(due_s)))
        return Prediction(total_s=found.total_s, cost_usd=len(due_s) * 1e-6)

    def calls(self) -> pd.DataFrame:
        return pd.DataFrame({"request_id": self._ids, "cost_usd": 1e-6, "total_ms": 9.0})


def measured_by(total_ms) -> Measured:
    """A calibration in which requests of n callers took `total_ms(n)`, at the rate of Little's law."""
    requests = tuple(
        ReplayedRequest(request_id=f"{n}-{i}", n_concurrent=n, total_ms=total_ms(n))
        for n in (1, 2, 4)
        for i in range(10)
    )
    calls = priced(
        call(one.request_id, Stage.EMBEDDING, i * 1e3, surface="bench", total_ms=9.0, busy_ms=9.0)
        for i, one in enumerate(requests)
    )
    return Measured(
        sweep=tuple(
            sweep_point(
                [one for one in requests if one.n_concurrent == n], n, n / total_ms(n) * 1e3
            )
            for n in (1, 2, 4)
        ),
        requests=requests,
        positions={},
        calls=calls,
    )


def trace() -> Trace:
    arrivals = poisson(1.0, 100, np.random.default_rng(0))
    return Trace(arrivals_s=arrivals, tokens_in=None, tokens_out=None)


def test_requests_are_asked_when_they_are_due_and_wait_for_those_before() -> None:
    target = TakesTurns()
    due_s = np.array([0.0, 0.0, 0.0, 0.2])
    driven = drive([lambda: target.ask(0)] * 4, due_s)
    # At least: a busy machine makes them longer.
    assert sorted(driven.total_s[:3])[2] >= 3 * SERVICE_S
    assert sorted(driven.total_s[:3])[1] >= 2 * SERVICE_S
    assert driven.total_s[3] >= SERVICE_S


def test_a_failure_is_kept_and_has_no_time() -> None:
    def fail() -> None:
        raise StudioError("It is gone.")

    driven = drive([fail, lambda: None], np.zeros(2))
    assert [str(error) for error in driven.failures] == ["It is gone."]
    assert np.isnan(driven.total_s[0])
    assert driven.percentile_s(0.5) == driven.total_s[1]


def test_every_load_is_predicted_and_compared() -> None:
    target, said = TakesTurns(), []
    found = estimate(target, target, trace(), n_requests=20, say=said.append, probe_s=0.05)  # type: ignore[arg-type]
    assert [one.figure for one in found] == [*["p50", "p95", "cost"] * 4, "throughput"]
    assert all(one.measured > 0 and one.predicted > 0 for one in found)
    for one in (one for one in found if one.figure == "cost"):
        # The machine only ever sleeps longer than it was told: the cost is stretched by its pace.
        assert 0 <= one.error < one.error_at_mean_pace + 1
    assert found[-1].measured <= 1.05 / SERVICE_S
    assert said[0] == "known"


def test_a_wrong_prediction_is_not_passed() -> None:
    target = TakesTurns(error=5.0)
    found = estimate(target, target, trace(), n_requests=20, say=lambda _: None, probe_s=0.05)  # type: ignore[arg-type]
    report = EstimatesReport(machine="m", estimates=found, other_load=None)
    assert not report.is_passed
    assert "MISSED" in report.as_text()


def test_the_bound_is_of_the_measured_figure() -> None:
    def of(predicted: float, figure: str) -> Estimate:
        return Estimate(
            target="t",
            traffic="x",
            figure=figure,
            predicted=predicted,
            at_mean_pace=150.0,
            by_pages=110.0,
            measured=100.0,
            unit="ms",
            drift=0.1,
        )

    assert of(114.0, "p50").is_within
    assert not of(116.0, "p50").is_within
    assert of(76.0, "p95").is_within
    assert not of(106.0, "cost").is_within
    assert not of(100.0, "p50").is_within_at_mean_pace
    assert of(100.0, "p50").is_within_by_pages
    report = EstimatesReport(machine="m", estimates=(of(100.0, "p50"),), other_load=None)
    assert report.is_passed
    assert "1 of 1 within the bounds as predicted beforehand" in report.as_text()
    assert "0 of 1 at the pace" in report.as_text()
    assert "1 of 1 as the business pages predict" in report.as_text()


def test_what_is_right_only_once_the_pace_is_known_is_not_passed() -> None:
    found = Estimate(
        target="t",
        traffic="x",
        figure="p50",
        predicted=150.0,
        at_mean_pace=100.0,
        by_pages=math.nan,
        measured=100.0,
        unit="ms",
        drift=0.5,
    )
    assert not EstimatesReport(machine="m", estimates=(found,), other_load=None).is_passed
    assert not found.is_within_by_pages
    assert "pages unstable" in found.as_text()


def test_the_pages_predict_from_the_calibration() -> None:
    pages = PagePrediction(measured_by(lambda n: n * 10.0), HOUR_USD, NOON)
    assert pages.saturated_rate_per_s == pytest.approx(100, rel=0.01)
    idle, busy = pages.steady(0.1), pages.steady(80.0)
    assert idle["p50"] == pytest.approx(10, rel=0.02)
    assert busy["p95"] > 2 * busy["p50"] > 2 * idle["p50"]
    assert math.isnan(pages.steady(150.0)["p50"])
    # Nine milliseconds of work and one between: ten of a machine at this price.
    assert idle["cost"] == pytest.approx(float(HOUR_USD) * 0.01 / 3600 * 1e3, rel=1e-6)
    played = pages.played([np.array([0.0, 1.0, 2.0]), np.array([0.0, 0.0])])
    assert played["p50"] == pytest.approx(10, rel=0.02)


def test_the_pace_is_what_requests_take_now_for_what_they_took() -> None:
    asked: list[int] = []

    def ask(position: int) -> str:
        asked.append(position)
        time.sleep(0.004)
        return uuid.uuid4().hex

    pacemaker = Pacemaker(ask, np.array([0.002, 0.001, 0.003]), least_s=0.0)
    assert pacemaker.probe() >= 2  # a sleep is never shorter than asked for
    pacemaker.probe()
    assert asked == [0, 1, 2] * 4
    assert Pace(before=1.0, after=1.2).mean == pytest.approx(1.1)
    assert Pace(before=1.0, after=1.2).drift == pytest.approx(0.2)


def test_half_of_a_probe_is_by_several_callers_where_they_calibrated() -> None:
    target = TakesTurns()
    target.calibrate(lambda _: None)
    four = target.measured.sweep[-1]  # as many answers a second as one caller gets
    alone = Pacemaker(target.ask, target.alone_s / 3, least_s=0.4).probe()
    both = Pacemaker(target.ask, target.alone_s / 3, least_s=0.4, together=four).probe()
    assert alone >= 3  # a sleep is never shorter than asked for
    assert 2 <= both < 0.9 * alone  # together as quick as they were


def test_rounds_of_as_many_callers_are_one_point_and_go_on_where_the_last_ended() -> None:
    target = TakesTurns()
    rounds = ((1, 0.5), (2, 1.0), (1, 0.5))
    measured = ask_in_rounds(
        target.ask,
        6,
        rounds,
        name="turns",
        workbench=target,
        say=lambda _: None,  # type: ignore[arg-type]
    )
    assert [(p.n_concurrent, p.n_requests) for p in measured.sweep] == [(1, 6), (2, 6)]
    alone = [one.request_id for one in measured.requests if one.n_concurrent == 1]
    assert [measured.positions[one] for one in alone] == [0, 1, 2, 3, 4, 5]
    assert (alone_s(measured, 6) >= SERVICE_S).all()
    assert outside_s(measured) >= SERVICE_S - 9e-3


def test_what_is_heavy_counts_as_more_than_one_mean_request() -> None:
    # One caller asks a light and a heavy request; two at once are only given the heavy one.
    asked = [("a", 1, 0, 500.0), ("b", 1, 1, 1500.0), ("c", 2, 1, 3000.0), ("d", 2, 1, 3000.0)]
    requests = tuple(
        ReplayedRequest(request_id=id_, n_concurrent=n, total_ms=ms) for id_, n, _p, ms in asked
    )
    measured = Measured(
        sweep=(sweep_point(requests[:2], 1, 1.0), sweep_point(requests[2:], 2, 2 / 3)),
        requests=requests,
        positions={id_: position for id_, _n, position, _ms in asked},
        calls=pd.DataFrame(
            {"request_id": list("abcd"), "busy_ms": [400.0, 1200.0, 1200.0, 1200.0]}
        ),
    )
    work = work_of(measured, 2)
    # Alone 0.5 and 1.5 of the mean, together the heavy one was asked only beside itself.
    assert work.tolist() == pytest.approx(
        [0.5 / (0.5 + 3.5 / 3) * 2, 3.5 / 3 / (0.5 + 3.5 / 3) * 2]
    )
    work = alone_s(measured, 2) / alone_s(measured, 2).mean()
    assert work.tolist() == [0.5, 1.5]
    rates = [point.rate_per_s for point in _of_mean_requests(measured, work)]
    assert rates == pytest.approx([1.0, 1.0])  # takes turns: no faster, no slower
    callers, busy_s = _busy_by_callers(measured, work)
    assert callers.tolist() == [1, 2]
    assert busy_s == pytest.approx([0.8, 0.8])
