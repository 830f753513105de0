"""The simulations against the formulas, against ciw, and on cases that can be worked out by hand."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from studio.economics.pass_simulation import PassEngine, simulate_passes, waking
from studio.economics.queueing import ResidenceLaw, solve
from studio.economics.simulation import StepEngine, simulate_law, simulate_steps
from studio.economics.traffic import poisson
from studio.errors import InvalidInput

ENGINE = StepEngine(step_s=0.02, sequence_s=0.0008, prompt_token_s=0.05 / 500, slots=16)
LAW = ENGINE.law(500, 150)


def tokens(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def test_one_request_takes_its_steps() -> None:
    found = simulate_steps(ENGINE, np.array([3.0]), tokens(500), tokens(101))
    first = 0.02 + 0.0008 + 0.05
    assert found.first_token_s[0] == pytest.approx(first)
    assert found.total_s[0] == pytest.approx(first + 100 * 0.0208)
    assert found.wait_s[0] == 0
    assert found.busy_s == pytest.approx(found.total_s[0])


def test_a_second_request_joins_between_steps_and_slows_the_first() -> None:
    engine = StepEngine(step_s=1.0, sequence_s=0.5, prompt_token_s=0.0, slots=2)
    found = simulate_steps(engine, np.array([0.0, 0.4]), tokens(1, 1), tokens(3, 1))
    # Steps end at 1.5 (first token), 3.5 (both: the second is read and done), 5.0.
    assert found.total_s.tolist() == pytest.approx([5.0, 3.1])
    assert found.wait_s.tolist() == pytest.approx([0.0, 1.1])


def test_who_finds_no_slot_waits_for_one() -> None:
    engine = StepEngine(step_s=1.0, sequence_s=0.0, prompt_token_s=0.0, slots=1)
    found = simulate_steps(engine, np.array([0.0, 0.0]), tokens(1, 1), tokens(4, 2))
    assert found.total_s.tolist() == pytest.approx([4.0, 6.0])


def test_a_prompt_costs_its_own_time_and_holds_up_the_others() -> None:
    engine = StepEngine(step_s=1.0, sequence_s=0.0, prompt_token_s=0.0, prompt_s=0.5, slots=2)
    found = simulate_steps(engine, np.array([0.0, 0.1]), tokens(1, 1), tokens(3, 1))
    assert found.total_s.tolist() == pytest.approx([4.0, 2.9])


def test_prompts_are_read_in_slices() -> None:
    engine = StepEngine(step_s=1.0, sequence_s=0.0, prompt_token_s=0.0, slots=4, slice_tokens=256)
    found = simulate_steps(engine, np.array([0.0]), tokens(600), tokens(1))
    assert found.total_s[0] == pytest.approx(3.0)


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_steps_agree_with_the_formula(load) -> None:
    rng = np.random.default_rng(1)
    n = 20_000
    rate = load * (LAW.max_rate_per_s or 0)
    found = simulate_steps(
        ENGINE, poisson(rate, n, rng), np.full(n, 500), rng.geometric(1 / 150, n)
    )
    solution = solve(LAW, rate)
    assert solution is not None
    assert found.total_s[n // 10 :].mean() == pytest.approx(solution.total_s, rel=0.05)


def test_a_law_without_sharing_agrees_with_erlang_c() -> None:
    rng = np.random.default_rng(2)
    law = ResidenceLaw(fixed_s=1.0, shared_s=0.0, slots=3)
    n = 30_000
    found = simulate_law(law, poisson(2.4, n, rng), rng.exponential(1.0, n))
    solution = solve(law, 2.4)
    assert solution is not None
    assert found.wait_s.mean() == pytest.approx(solution.wait_s, rel=0.08)


def test_processor_sharing_does_not_care_how_work_is_spread() -> None:
    rng = np.random.default_rng(3)
    law = ResidenceLaw(fixed_s=0.0, shared_s=1.0)
    n = 30_000
    arrivals = poisson(0.6, n, rng)
    for work in (np.ones(n), rng.exponential(1.0, n)):
        found = simulate_law(law, arrivals, work)
        assert found.total_s.mean() == pytest.approx(1 / 0.4, rel=0.06)


def test_ciw_gives_the_same_waits() -> None:
    ciw = pytest.importorskip("ciw")
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=2.4)],
        service_distributions=[ciw.dists.Exponential(rate=1.0)],
        number_of_servers=[3],
    )
    ciw.seed(1)
    other = ciw.Simulation(network)
    other.simulate_until_max_time(4_000)
    theirs = np.mean([r.waiting_time for r in other.get_all_records() if r.arrival_date > 200])
    rng = np.random.default_rng(4)
    law = ResidenceLaw(fixed_s=1.0, shared_s=0.0, slots=3)
    ours = simulate_law(law, poisson(2.4, 20_000, rng), rng.exponential(1.0, 20_000))
    assert ours.wait_s.mean() == pytest.approx(theirs, rel=0.2)


def test_work_is_accounted_for() -> None:
    rng = np.random.default_rng(5)
    work = rng.exponential(1.0, 500)
    found = simulate_law(LAW, poisson(1.5, 500, rng), work, replicas=2)
    assert found.work_by_n.sum() == pytest.approx(work.sum())


def test_two_replicas_are_quicker_than_one() -> None:
    rng = np.random.default_rng(6)
    arrivals, out = poisson(2.5, 2_000, rng), rng.geometric(1 / 150, 2_000)
    one, two = (
        simulate_steps(ENGINE, arrivals, np.full(2_000, 500), out, replicas=n) for n in (1, 2)
    )
    assert two.percentile_s(0.95) < one.percentile_s(0.95)


def test_the_same_input_gives_the_same_result() -> None:
    arrivals = np.sort(np.random.default_rng(7).uniform(0, 100, 300))
    runs = [
        simulate_steps(ENGINE, arrivals, np.full(300, 80), np.full(300, 40)).total_s
        for _ in range(2)
    ]
    assert (runs[0] == runs[1]).all()


def test_forty_thousand_requests_take_less_than_two_seconds() -> None:
    rng = np.random.default_rng(8)
    n = 40_000
    arrivals, out = poisson(0.8 * (LAW.max_rate_per_s or 0), n, rng), rng.geometric(1 / 150, n)
    began = time.process_time()  # of this process alone: others may be at work beside it
    simulate_steps(ENGINE, arrivals, np.full(n, 500), out)
    assert time.process_time() - began < 2


def test_passes_gather_what_comes_while_one_runs() -> None:
    engine = PassEngine(
        pass_s=1.0, text_s=0.0, token_s=0.1, most_texts=32, most_tokens=2048, window=64
    )
    found = simulate_passes(engine, np.array([0.0, 0.5, 0.6]), tokens(10, 5, 20))
    # 1 + 10 x 0.1; then two texts as wide as the longer: 1 + 2 x 20 x 0.1.
    assert found.total_s.tolist() == pytest.approx([2.0, 6.5, 6.4])
    assert found.busy_s == pytest.approx(7.0)


def test_a_request_that_comes_takes_time_from_the_running_pass() -> None:
    engine = PassEngine(
        pass_s=1.0,
        text_s=0.0,
        token_s=0.0,
        most_texts=1,
        most_tokens=100,
        window=64,
        arrival_s=0.25,
    )
    # The second and third come while the first runs, the fourth only then, as that makes it longer;
    # the fifth finds nothing running.
    found = simulate_passes(engine, np.array([0.0, 0.5, 0.9, 1.4, 9.0]), tokens(5, 5, 5, 5, 5))
    assert found.total_s.tolist() == pytest.approx([1.75, 2.25, 2.85, 3.35, 1.0])
    assert found.busy_s == pytest.approx(5.75)
    assert engine.max_rate_per_s(tokens(5)) == pytest.approx(1 / 1.25)


def test_who_shared_a_pass_waits_for_the_others_and_the_next_pass_for_the_gap() -> None:
    engine = PassEngine(
        pass_s=1.0, text_s=0.0, token_s=0.0, most_texts=9, most_tokens=100, window=64,
        gap_s=0.25, answer_s=0.5, overhead_s=0.125,
    )  # fmt: skip
    found = simulate_passes(engine, np.array([0.0, 0.5, 0.6]), tokens(5, 5, 5))
    assert found.total_s.tolist() == pytest.approx([1.125, 2.375, 2.275])
    assert found.busy_s == pytest.approx(2.0)
    assert engine.max_rate_per_s(tokens(5)) == pytest.approx(
        64 / (8 * 1.25)
    )  # a window is 8 passes


def test_a_pass_after_a_pause_takes_longer() -> None:
    engine = PassEngine(
        pass_s=1.0, text_s=0.0, token_s=0.0, wake_s=0.5, most_texts=1, most_tokens=100, window=64
    )
    found = simulate_passes(engine, np.array([0.0, 0.1, 100.0]), tokens(5, 5, 5))
    assert found.total_s.tolist() == pytest.approx([1.5, 2.4, 1.5])
    assert waking(0.0) == 0.0


def test_passes_are_cut_where_they_are_full() -> None:
    engine = PassEngine(
        pass_s=1.0, text_s=0.0, token_s=0.0, most_texts=2, most_tokens=100, window=64
    )
    assert engine.cut([5, 5, 5]) == [[5, 5], [5]]
    assert engine.cut([40, 60]) == [[40], [60]]
    assert engine.cut([500]) == [[500]]
    assert engine.cut([5, 60]) == [[5], [60]]
    unpadded = replace(engine, most_texts=9, most_padding=10)
    assert engine.cut([5, 15]) == unpadded.cut([5, 15]) == [[5, 15]]
    assert unpadded.cut([5, 6, 11, 11]) == [[5, 6], [11, 11]]
    assert engine.max_rate_per_s(tokens(5)) == pytest.approx(2.0)


def test_nothing_in_nothing_out() -> None:
    none = np.zeros(0)
    found = simulate_steps(ENGINE, none, none.astype(np.int64), none.astype(np.int64))
    assert found.throughput_per_s == 0
    assert np.isnan(found.percentile_s(0.95))


def test_arrivals_out_of_order_are_refused() -> None:
    with pytest.raises(InvalidInput, match="order"):
        simulate_steps(ENGINE, np.array([1.0, 0.5]), tokens(1, 1), tokens(1, 1))
    with pytest.raises(InvalidInput, match="replicas"):
        simulate_law(LAW, np.array([1.0]), np.ones(1), replicas=0)


@pytest.mark.parametrize(
    "changes", [{"step_s": -1.0}, {"slots": 0}, {"slice_tokens": 8}, {"step_s": float("nan")}]
)
def test_an_engine_that_makes_no_sense_is_refused(changes) -> None:
    values = {"step_s": 1.0, "sequence_s": 0.1, "prompt_token_s": 0.1, "slots": 16}
    with pytest.raises(InvalidInput):
        StepEngine(**(values | changes))
