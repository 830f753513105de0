"""A base served in every way: what it costs, how it answers under load, what is needed and refused."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.economics.figure import FigureBasis
from studio.economics.measured_base import MeasuredBase, measured_base
from studio.economics.prices import TokenPrice
from studio.economics.replayed import Replay
from studio.economics.replica_hour import replica_hour
from studio.economics.service_time import SweepPoint
from studio.economics.serving import pareto, serve
from studio.economics.serving_choice import AsMeasured, Batching, Hosted, Mix, OnGpu, Slo
from studio.errors import InvalidInput, NotFound, PriceUnknown
from studio.records import Stage
from tests.unit.economics.ledger_frames import HOUR_USD, NOON, call, many, priced, request

D = Decimal
HERE = AsMeasured(hour_usd=HOUR_USD)
OWN = TokenPrice(input_usd_per_mtok=D(2), output_usd_per_mtok=D(10))
HOSTED = Hosted(provider_id="openai", model_id="gpt-4o-mini", price=OWN, host_hour_usd=HOUR_USD)
GPU = OnGpu(gpu="h100", model="llama-3.1-8b")
CHOICES = [
    HERE,
    replace(HERE, batching=Batching.BATCHED),
    HOSTED,
    GPU,
    Mix(first=HERE, rest=HOSTED, escalated_share=0.2, cache_hit_rate=0.3),
]


@pytest.fixture(scope="module")
def base() -> MeasuredBase:
    return measured_base(many())


def swept(base: MeasuredBase) -> MeasuredBase:
    """The same, measured with several callers: each more makes a request a tenth slower."""
    alone_s = float(base.total_ms.mean()) / 1e3
    sweep = tuple(
        SweepPoint(
            n_concurrent=n,
            n_requests=30,
            rate_per_s=n / (alone_s * (0.9 + 0.1 * n)),
            mean_ms=alone_s * (0.9 + 0.1 * n) * 1e3,
            p50_ms=1.0,
            p95_ms=1.0,
        )
        for n in (1, 2, 4, 8, 16)
    )
    return replace(base, replay=Replay(measured_at=NOON, version=1, requests=(), sweep=sweep))


@pytest.mark.parametrize("choice", CHOICES, ids=lambda c: type(c).__name__)
def test_every_way_answers_and_says_what_it_rests_on(base, choice) -> None:
    serving = serve(base, choice, at=NOON)
    point = serving.at_rate(2.0)
    assert point.is_stable
    assert point.meets_slo
    assert point.problem is None
    assert 0 < point.p50_ms < point.p95_ms < point.p99_ms  # type: ignore[operator]
    assert 0 < point.first_p50_ms <= point.p50_ms  # type: ignore[operator]
    assert point.usd_per_request is not None
    assert point.usd_per_request > 0
    assert serving.basis in ("measured", "assumed", "extrapolated")
    assert all(str(cost.source) for cost in serving.stage_costs)


@pytest.mark.parametrize("choice", CHOICES, ids=lambda c: type(c).__name__)
@given(low=st.floats(0.05, 6.0), more=st.floats(0.0, 4.0))
@settings(deadline=None, max_examples=25)  # others may be at work on the machine
def test_more_load_never_lowers_a_percentile(base, choice, low, more) -> None:
    serving = serve(base, choice, at=NOON)
    first, second = (serving.at_rate(rate, replicas=12) for rate in (low, low + more))
    if second.p95_ms is not None and first.p95_ms is not None:
        assert second.p95_ms >= first.p95_ms * (1 - 1e-9)
        assert second.p50_ms >= first.p50_ms * (1 - 1e-9)
    assert second.replicas_needed is None or second.replicas_needed >= (first.replicas_needed or 0)


@pytest.mark.parametrize("choice", CHOICES, ids=lambda c: type(c).__name__)
def test_what_an_hour_costs_and_what_a_request_costs_agree(base, choice) -> None:
    point = serve(base, choice, at=NOON).at_rate(2.0)
    assert point.usd_per_request is not None
    assert point.variable_usd_per_request is not None
    in_an_hour = point.hourly_usd + point.variable_usd_per_request * 2 * 3600
    assert float(point.usd_per_request * 2 * 3600) == pytest.approx(float(in_an_hour), rel=1e-12)


def test_a_sweep_replaces_the_assumption_that_requests_take_turns(base) -> None:
    assumed, measured = serve(base, HERE, at=NOON), serve(swept(base), HERE, at=NOON)
    assert (assumed.basis, measured.basis) == ("assumed", "measured")
    assert measured.max_rate_per_s > 4 * assumed.max_rate_per_s  # type: ignore[operator]
    assert any("not measured" in str(note) for note in assumed.notes)
    assert measured.notes == ()


def test_an_unloaded_service_answers_as_it_was_measured(base) -> None:
    point = serve(swept(base), HERE, at=NOON).at_rate(0.0)
    assert base.total is not None
    assert point.p50_ms == pytest.approx(base.total.p50, rel=0.02)
    assert point.mean_ms == pytest.approx(base.total.mean, rel=0.02)
    assert point.usd_per_request is None  # nothing is asked, so nothing can be divided


def test_instability_is_refused_with_what_is_needed(base) -> None:
    serving = serve(base, HERE, at=NOON)
    point = serving.at_rate(5.0, replicas=1)
    assert not point.is_stable
    assert point.utilisation > 1
    assert point.p50_ms is point.p95_ms is point.mean_ms is None
    assert point.replicas_needed == 7
    assert "7 replicas are needed" in str(point.problem)
    assert serving.at_rate(5.0, replicas=7).is_stable


def test_at_exactly_what_it_can_take_it_is_unstable(base) -> None:
    serving = serve(base, HERE, at=NOON)
    assert not serving.at_rate(serving.max_rate_per_s, replicas=1).is_stable


def test_replicas_are_the_least_that_keep_the_promise(base) -> None:
    serving, slo = serve(swept(base), HERE, at=NOON), Slo(total_ms=3600)
    needed = serving.at_rate(12.0, slo=slo).replicas_needed
    assert needed is not None
    assert serving.at_rate(12.0, replicas=needed, slo=slo).meets_slo
    fewer = serving.at_rate(12.0, replicas=needed - 1, slo=slo)
    assert not fewer.meets_slo or fewer.utilisation > 0.85


def test_a_promise_nobody_can_keep_is_said(base) -> None:
    point = serve(base, HERE, at=NOON).at_rate(1.0, slo=Slo(total_ms=50))
    assert point.replicas_needed is None
    assert not point.meets_slo
    assert "No number of replicas" in str(point.problem)


def test_each_request_is_priced_by_its_own_tokens(base) -> None:
    serving = serve(base, HOSTED, at=NOON)
    generation = base.stage(Stage.GENERATION)
    assert generation is not None
    expected = (generation.tokens_in * 2 + generation.tokens_out * 10) / 1e6
    assert serving.request_usd == pytest.approx(expected)
    assert float(serving.variable_usd_per_request) == pytest.approx(expected.mean())


def test_doubling_a_price_doubles_the_cost(base) -> None:
    twice = replace(HOSTED, price=TokenPrice(input_usd_per_mtok=D(4), output_usd_per_mtok=D(20)))
    assert serve(base, twice, at=NOON).request_usd == pytest.approx(
        2 * serve(base, HOSTED, at=NOON).request_usd
    )


def test_the_list_prices_a_known_request_to_the_cent() -> None:
    base = measured_base(priced(request("r", 0.0, out=200, tokens_in=1000)))
    listed = serve(base, Hosted(provider_id="openai", model_id="gpt-4o"), at=NOON)
    assert listed.variable_usd_per_request == D("0.0045")  # 1,000 x 2.50 + 200 x 10 per million
    batch = serve(base, Hosted(provider_id="openai", model_id="gpt-4o", is_batch=True), at=NOON)
    assert batch.variable_usd_per_request == D("0.00225")
    assert batch.at_rate(1.0).p95_ms is None
    cached = Hosted(provider_id="openai", model_id="gpt-4o", cached_share=1.0)
    assert serve(base, cached, at=NOON).variable_usd_per_request == D("0.00325")


def test_prices_that_depend_on_the_hour_are_averaged_over_the_day() -> None:
    base = measured_base(priced(request("r", 0.0, out=200, tokens_in=1000)))
    serving = serve(base, Hosted(provider_id="deepseek", model_id="deepseek-chat"), at=NOON)
    low, high = (0.135 * 1000 + 0.55 * 200) / 1e6, (0.27 * 1000 + 1.1 * 200) / 1e6
    assert low < float(serving.variable_usd_per_request) < high
    assert any("hour" in str(note) for note in serving.notes)


def test_longer_tokens_cost_more(base) -> None:
    longer = serve(base, replace(HOSTED, tokenizer_ratio=1.2), at=NOON)
    ratio = longer.request_usd.sum() / serve(base, HOSTED, at=NOON).request_usd.sum()
    assert ratio == pytest.approx(1.2, rel=0.01)


def test_a_store_of_answers_saves_its_share_of_the_cost(base) -> None:
    mix = Mix(first=HOSTED, rest=HOSTED, escalated_share=0.0)
    hits = replace(mix, cache_hit_rate=0.5)
    all_asked, half = (serve(base, choice, at=NOON) for choice in (mix, hits))
    assert half.request_usd == pytest.approx(all_asked.request_usd / 2)
    assert half.at_rate(1.0).p50_ms < all_asked.at_rate(1.0).p50_ms  # type: ignore[operator]


def test_escalating_everything_costs_both_models(base) -> None:
    mix = Mix(first=HOSTED, rest=HOSTED, escalated_share=1.0)
    twice = serve(base, mix, at=NOON)
    assert twice.request_usd == pytest.approx(2 * serve(base, HOSTED, at=NOON).request_usd)


def test_a_gpu_is_extrapolated_with_its_band(base) -> None:
    serving = serve(base, GPU, at=NOON)
    assert (serving.basis, serving.band) == ("extrapolated", 0.4)
    assert serving.replica_hour_usd == D("4.02") * D("1.4")
    own = serve(base, replace(GPU, hour_usd=D(3), overhead=0.0, n_gpus=2), at=NOON)
    assert own.replica_hour_usd == D(6)


@pytest.mark.parametrize("choice", CHOICES, ids=lambda c: type(c).__name__)
def test_the_price_of_a_replica_says_where_it_is_from(base, choice) -> None:
    figure = replica_hour(choice)
    assert figure.value == serve(base, choice, at=NOON).replica_hour_usd
    for one in (figure, *figure.trace()):
        assert one.formula or one.source
    if isinstance(choice, OnGpu):
        price = figure.inputs[0]
        assert (price.basis, price.value) == (FigureBasis.CATALOGUE, D("4.02"))
        assert price.as_of is not None


def test_a_known_number_of_users_never_overloads(base) -> None:
    serving = serve(swept(base), HERE, at=NOON)
    few = serving.at_users(5, 30.0)
    most = serving.at_users(5_000, 30.0, replicas=1)
    assert few.rate_per_s == pytest.approx(5 / (30 + few.mean_ms / 1e3), rel=0.02)  # type: ignore[operator]
    assert most.is_stable
    assert most.mean_ms > 60_000  # type: ignore[operator]
    enough = serving.at_users(300, 30.0)
    assert enough.meets_slo
    assert enough.replicas == enough.replicas_needed > 1
    assert not serving.at_users(300, 30.0, replicas=enough.replicas - 1).meets_slo
    nobody = serving.at_users(300, 30.0, slo=Slo(total_ms=1.0))
    assert (nobody.replicas_needed, nobody.replicas) == (None, 1)
    with pytest.raises(InvalidInput, match="mix"):
        serve(base, CHOICES[-1], at=NOON).at_users(5, 30.0)


def test_a_search_writes_nothing_so_there_is_no_first_token_and_no_gpu() -> None:
    calls = [call(f"r{i}", Stage.EMBEDDING, i * 1e3) for i in range(40)]
    base = measured_base(priced(calls))
    assert serve(base, HERE, at=NOON).at_rate(1.0).first_p50_ms is None
    with pytest.raises(InvalidInput, match="writes no text"):
        serve(base, GPU, at=NOON)
    embedding = Hosted(provider_id="openai", model_id="text-embedding-3-small")
    usd = serve(base, embedding, at=NOON).variable_usd_per_request
    assert usd == D("0.0000002")  # 10 tokens at 0.02 per million


def test_an_unknown_price_stays_unknown(base) -> None:
    calls = [
        one
        for i in range(3)
        for one in request(f"r{i}", i * 1e4, device="remote:x", engine="remote", revision="no-such")
    ]
    point = serve(measured_base(priced(calls)), HERE, at=NOON).at_rate(1.0)
    assert point.variable_usd_per_request is None
    assert point.usd_per_request is None


@pytest.mark.parametrize(
    ("choice", "error"),
    [
        (Hosted(provider_id="openai", model_id="no-such-model"), PriceUnknown),
        (OnGpu(gpu="b300", model="llama-3.1-8b"), NotFound),
        (OnGpu(gpu="h100", model="no-such-model"), NotFound),
        (OnGpu(gpu="t4", model="llama-3.3-70b"), InvalidInput),
    ],
)
def test_what_is_not_known_or_does_not_fit_is_refused(base, choice, error) -> None:
    with pytest.raises(error):
        serve(base, choice, at=NOON)


def test_an_empty_ledger_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no measured requests"):
        serve(measured_base(priced([])), HERE, at=NOON)


@pytest.mark.parametrize("rate", [-1.0, float("nan"), float("inf")])
def test_a_rate_that_makes_no_sense_is_refused(base, rate) -> None:
    with pytest.raises(InvalidInput):
        serve(base, HERE, at=NOON).at_rate(rate)
    with pytest.raises(InvalidInput):
        serve(base, HERE, at=NOON).at_rate(1.0, replicas=0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: AsMeasured(hour_usd=D(-1)),
        lambda: AsMeasured(hour_usd=D("NaN")),
        lambda: replace(HOSTED, cached_share=1.5),
        lambda: replace(HOSTED, tokens_per_s=0.0),
        lambda: replace(GPU, overhead=-0.1),
        lambda: replace(GPU, n_gpus=0),
        lambda: Mix(first=HERE, rest=HOSTED, escalated_share=-0.1),
        lambda: Slo(percentile=1.0),
        lambda: Slo(total_ms=0),
    ],
)
def test_choices_out_of_range_are_refused(make) -> None:
    with pytest.raises(InvalidInput) as refused:
        make()
    assert refused.value.fields


def test_the_front_has_what_nothing_beats() -> None:
    points = [(3.0, 1.0), (1.0, 5.0), (2.0, 5.0), (2.0, 2.0), (4.0, 1.0), (1.0, 5.0)]
    assert pareto(points) == (1, 3, 0)
    assert pareto([]) == ()


def test_a_slider_is_answered_in_time() -> None:
    base = swept(measured_base(many(3_000)))
    began = time.process_time()
    serving = serve(base, HERE, at=NOON)
    serving.at_rate(100.0)
    assert time.process_time() - began < 0.15
    assert len(serving.request_usd) == 1_000
    assert not np.isnan(serving.request_usd).any()
