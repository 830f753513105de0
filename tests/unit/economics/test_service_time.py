"""What is learnt from measured requests: known engines are found again, and the error is honest."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from studio.economics.pass_simulation import PassEngine, simulate_passes, waking
from studio.economics.queueing import ResidenceLaw, solve
from studio.economics.replayed import Replay, ReplayedRequest, sweep_point
from studio.economics.service_time import (
    SweepPoint,
    fit_residence,
    fit_service_time,
    spread,
)
from studio.economics.simulation import StepEngine, simulate_steps
from studio.economics.step_fit import fit_generation, fit_passes
from studio.economics.traffic import poisson
from studio.errors import InvalidInput
from studio.records import Stage
from tests.unit.economics.ledger_frames import NOON, call, priced


def point(n: int, seconds: float) -> SweepPoint:
    return SweepPoint(
        n_concurrent=n,
        n_requests=30,
        rate_per_s=n / seconds,
        mean_ms=seconds * 1e3,
        p50_ms=seconds * 1e3,
        p95_ms=seconds * 1e3,
    )


def grid(noise: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    tokens_in, tokens_out = rng.integers(10, 500, 60), rng.integers(1, 100, 60)
    times = 20 + 0.08 * tokens_in + 4.3 * tokens_out
    return tokens_in.astype(float), tokens_out.astype(float), times * rng.normal(1, noise, 60)


def test_a_linear_service_is_found_again() -> None:
    found = fit_service_time(*grid(0.0))
    assert found.base_ms == pytest.approx(20, rel=1e-3)
    assert found.ms_per_token_in == pytest.approx(0.08, rel=1e-3)
    assert found.ms_per_token_out == pytest.approx(4.3, rel=1e-3)
    assert found.error < 1e-6
    assert found.predict_ms(np.array([100.0]), np.array([10.0]))[0] == pytest.approx(71)


def test_the_error_is_that_of_requests_held_out() -> None:
    assert fit_service_time(*grid(0.1)).error == pytest.approx(0.08, abs=0.04)


def test_predictions_are_right_in_the_mean_however_much_the_times_are_spread() -> None:
    rng = np.random.default_rng(3)
    tokens_in, tokens_out = rng.integers(10, 500, 900), rng.integers(1, 100, 900)
    true = 20 + 0.08 * tokens_in + 4.3 * tokens_out
    times = true * rng.gamma(4, 1 / 4, 900)  # mean 1, spread a half
    found = fit_service_time(tokens_in.astype(float), tokens_out.astype(float), times)
    predicted = found.predict_ms(tokens_in.astype(float), tokens_out.astype(float))
    # Weighed by the times themselves it would be 0.53.
    assert (predicted / true).mean() == pytest.approx(1.0, abs=0.05)
    assert (times / predicted).mean() == pytest.approx(1.0, abs=1e-3)


def test_no_term_is_negative() -> None:
    ones = np.ones(9)
    found = fit_service_time(np.arange(9.0), ones, 100 - np.arange(9.0))
    assert min(found.base_ms, found.ms_per_token_in, found.ms_per_token_out) >= 0


@pytest.mark.parametrize("times", [np.ones(3), np.zeros(9), np.full(9, np.nan)])
def test_too_few_requests_and_times_of_nothing_are_refused(times) -> None:
    with pytest.raises(InvalidInput):
        fit_service_time(np.ones(len(times)), np.ones(len(times)), times)


def test_a_batching_engine_is_told_from_one_that_takes_turns() -> None:
    # Both measured with 64 tokens in and 16 out on two cores.
    batched = fit_residence(
        [point(n, s) for n, s in ((1, 0.069), (2, 0.098), (4, 0.101), (8, 0.119), (16, 0.161))]
    )
    assert batched.law.fixed_s == pytest.approx(0.072, abs=0.006)
    assert batched.law.shared_s == pytest.approx(0.006, abs=0.002)
    turns = fit_residence(
        [point(n, s) for n, s in ((1, 0.081), (2, 0.147), (4, 0.329), (8, 0.931))]
    )
    assert turns.law.quadratic_s > 0
    assert turns.law.throughput(8) < turns.law.throughput(1)  # more callers, less done: 12 -> 8.4
    assert turns.law.throughput(8) == pytest.approx(8 / 0.931, rel=0.03)
    assert turns.error < 0.01


def test_the_law_goes_through_what_was_measured_and_on_from_there() -> None:
    law = fit_residence([point(1, 1.0), point(2, 1.9), point(4, 2.2), point(8, 3.0)]).law
    assert [law.residence_s(n) for n in (1, 2, 4, 8)] == pytest.approx([1.0, 1.9, 2.2, 3.0])
    assert law.residence_s(3) == pytest.approx(2.05)
    assert 3.0 < law.residence_s(16) < 8.0
    assert law.scaled(2.0).residence_s(3) == pytest.approx(4.1)


def test_more_inside_never_make_a_request_quicker_though_one_round_was_disturbed() -> None:
    """Seen on a busy machine: four callers waited longer than eight."""
    seconds = {1: 1.8, 2: 2.8, 4: 16.9, 8: 6.1, 16: 5.8}
    law = fit_residence([point(n, of) for n, of in reversed(seconds.items())]).law
    found = law.residences_s(np.arange(1.0, 33.0))
    assert (np.diff(found) >= -1e-12).all()
    assert law.residence_s(1) == pytest.approx(1.8)
    assert law.residence_s(4) == law.residence_s(16) == pytest.approx((16.9 + 6.1 + 5.8) / 3)
    late = [solve(law, rate) for rate in np.linspace(0.0, 3.0, 40)]
    waited = [one.total_s for one in late if one is not None]
    assert (np.diff(waited) >= -1e-9).all()


def test_one_number_of_callers_is_taken_to_take_turns() -> None:
    found = fit_residence([point(1, 0.5)])
    assert (found.law.fixed_s, found.law.shared_s) == (0.0, 0.5)


def test_the_law_says_how_far_it_holds() -> None:
    found = fit_residence([point(1, 1.0), point(2, 1.2), point(4, 1.6)])
    assert found.n_most == 8
    assert found.law.slots == 8
    assert fit_residence([point(1, 1.0), point(2, 1.2)], slots=5).law.slots == 5


def test_nothing_measured_is_said() -> None:
    with pytest.raises(InvalidInput, match="Nothing was measured"):
        fit_residence([])
    with pytest.raises(InvalidInput):
        point(0, 1.0)


def test_spread_is_variance_over_squared_mean() -> None:
    assert spread(np.full(5, 3.0)) == 0
    assert spread(np.random.default_rng(0).exponential(2, 50_000)) == pytest.approx(1, abs=0.05)
    assert spread(np.zeros(0)) == 0


def written_by(engine: StepEngine, arrivals: np.ndarray, seed: int) -> pd.DataFrame:
    """The ledger after an engine wrote texts, with the batch sizes that it had."""
    rng = np.random.default_rng(seed)
    n = len(arrivals)
    tokens_in, tokens_out = rng.integers(20, 400, n), rng.integers(5, 80, n)
    found = simulate_steps(engine, arrivals, tokens_in, tokens_out)
    begun, ended = arrivals + found.wait_s, arrivals + found.total_s
    calls = []
    for i in range(n):
        overlap = np.minimum(ended, ended[i]) - np.maximum(begun, begun[i])
        batch = np.maximum(overlap, 0).sum() / (ended[i] - begun[i])
        calls.append(
            call(
                f"g{i}",
                Stage.GENERATION,
                arrivals[i] * 1e3,
                tokens_in=int(tokens_in[i]),
                tokens_out=int(tokens_out[i]),
                queue_ms=found.wait_s[i] * 1e3,
                first_token_ms=found.first_token_s[i] * 1e3,
                total_ms=found.total_s[i] * 1e3,
                batch_size=float(batch),
            )
        )
    return priced(calls)


def test_the_engine_behind_ordinary_traffic_is_found_again() -> None:
    engine = StepEngine(
        step_s=0.010,
        sequence_s=0.003,
        prompt_token_s=0.0005,
        prompt_s=0.05,
        slots=8,
        slice_tokens=256,
    )
    arrivals = np.cumsum(np.random.default_rng(0).exponential(0.35, 300))
    found = fit_generation(written_by(engine, arrivals, 1), slots=8, slice_tokens=256)
    assert found.error < 0.08
    assert found.engine.step_s == pytest.approx(0.010, rel=0.2)
    assert found.engine.sequence_s == pytest.approx(0.003, rel=0.25)
    assert found.engine.prompt_token_s == pytest.approx(0.0005, rel=0.25)
    assert found.engine.prompt_s == pytest.approx(0.05, rel=0.35)


def test_the_passes_of_an_embedding_engine_are_found_again() -> None:
    calls, at_ms = [], 0.0
    for i, (n, length, pause_ms) in enumerate(
        (n, t, p) for n in (1, 2, 8, 32) for t in (5, 20, 60) for p in (0.0, 15.0, 200.0)
    ):
        at_ms += pause_ms
        woken = 3 * waking((pause_ms if i else np.inf) / 1e3)
        busy = 5 + 0.5 * n + 0.2 * n * length + woken
        calls += [
            call(f"e{i}-{k}", Stage.EMBEDDING, at_ms, tokens_in=length, busy_ms=busy / n,
                 total_ms=busy + 1.5, batch_size=n)
            for k in range(n)
        ]  # fmt: skip
        at_ms += busy
    limits = PassEngine(pass_s=1, text_s=0, token_s=0, most_texts=32, most_tokens=2048, window=64)
    found = fit_passes(priced(calls), limits).engine
    assert found.pass_s == pytest.approx(0.005, rel=1e-2)
    assert found.text_s == pytest.approx(0.0005, rel=1e-2)
    assert found.token_s == pytest.approx(0.0002, rel=1e-2)
    assert found.wake_s == pytest.approx(0.003, rel=1e-2)
    assert found.overhead_s == pytest.approx(0.0015, rel=1e-2)


def test_what_lies_between_passes_and_comes_from_those_who_arrive_is_found_again() -> None:
    engine = PassEngine(
        pass_s=0.004, text_s=0.0005, token_s=0.0001, arrival_s=0.001, gap_s=0.0007, answer_s=0.0003,
        most_texts=32, most_tokens=2048, window=64,
    )  # fmt: skip
    rng = np.random.default_rng(0)
    arrivals, lengths = poisson(150, 600, rng), rng.integers(5, 60, 600)
    played = simulate_passes(engine, arrivals, lengths)
    began = arrivals + played.wait_s
    ended = arrivals + played.total_s
    calls = []
    for start in np.unique(began):
        own = np.flatnonzero(began == start)
        answer_s = engine.answer_s * (len(own) - 1)
        busy_ms = (ended[own[0]] - answer_s - start) * 1e3 / len(own)
        calls += [
            call(f"e{i}", Stage.EMBEDDING, arrivals[i] * 1e3, tokens_in=int(lengths[i]),
                 queue_ms=played.wait_s[i] * 1e3, busy_ms=busy_ms,
                 total_ms=played.total_s[i] * 1e3, batch_size=len(own))
            for i in own
        ]  # fmt: skip
    found = fit_passes(priced(calls), engine).engine
    assert found.arrival_s == pytest.approx(0.001, rel=0.05)
    assert found.pass_s == pytest.approx(0.004, rel=0.05)
    assert found.token_s == pytest.approx(0.0001, rel=0.05)
    assert found.gap_s == pytest.approx(0.0007, rel=0.05)
    assert found.answer_s == pytest.approx(0.0003, rel=0.05)


def test_a_replay_survives_storage() -> None:
    requests = (
        ReplayedRequest(request_id="a", n_concurrent=1, total_ms=12.0, first_token_ms=3.0),
        ReplayedRequest(request_id="b", n_concurrent=1, total_ms=14.0),
    )
    replay = Replay(
        measured_at=NOON, version=2, requests=requests, sweep=(sweep_point(requests, 1, 70.0),)
    )
    assert Replay.from_json(replay.to_json()) == replay
    assert replay.law().law == ResidenceLaw(fixed_s=0.0, shared_s=1 / 70, slots=2)
