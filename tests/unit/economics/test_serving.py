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
from studio.economics.hosted_cost import own_prices
from studio.economics.measured_base import MeasuredBase
from studio.economics.prices import TokenPrice
from studio.economics.replayed import Replay, ReplayedRequest
from studio.economics.replica_hour import replica_hour
from studio.economics.service_time import SweepPoint
from studio.economics.serving import pareto, serve
from studio.economics.serving_choice import AsMeasured, Batching, Hosted, Mix, OnGpu, Slo
from studio.economics.serving_inputs import serving_figures
from studio.errors import InvalidInput, NotFound, PriceUnknown
from studio.records import Stage
from tests.unit.economics.ledger_frames import HOUR_USD, NOON, base_of, call, many, priced, request

D = Decimal
HERE = AsMeasured(hour_usd=HOUR_USD)
OWN = TokenPrice(input_usd_per_mtok=D(2), output_usd_per_mtok=D(10))
HOSTED = Hosted(provider_id="openai", model_id="gpt-4o-mini", price=OWN, hour_usd=HOUR_USD)
GPU = OnGpu(gpu="h100", model="llama-3.1-8b")
CHOICES = [
    HERE,
    replace(HERE, batching=Batching.BATCHED),
    HOSTED,
    GPU,
    Mix(first=HERE, rest=HOSTED, escalated_share=0.2, cache_hit_rate=0.3),
]


SLO_OF_BOTH = Slo(total_ms=5_000, first_token_ms=2_000)


@pytest.fixture(scope="module")
def base() -> MeasuredBase:
    return base_of(many())


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
@given(rates=st.lists(st.floats(0, 60), min_size=1, max_size=6), replicas=st.integers(1, 9))
@settings(max_examples=12, deadline=None)
def test_a_curve_is_its_points_in_whatever_order_they_come(base, choice, rates, replicas) -> None:
    serving = serve(base, choice, at=NOON)
    assert serving.curve(rates) == tuple(serving.at_rate(rate) for rate in rates)
    with_some = serving.curve(rates, replicas=replicas, slo=SLO_OF_BOTH)
    assert with_some == tuple(
        serving.at_rate(rate, replicas=replicas, slo=SLO_OF_BOTH) for rate in rates
    )


@pytest.mark.parametrize("choice", CHOICES, ids=lambda c: type(c).__name__)
@pytest.mark.parametrize("rate", [0.0, 0.7, 40.0])
def test_a_dot_says_of_cost_and_time_what_the_point_says(base, choice, rate) -> None:
    serving = serve(base, choice, at=NOON)
    dot, point = serving.dot(rate, Slo()), serving.at_rate(rate)
    assert (dot.usd_per_request, dot.p95_ms) == (point.usd_per_request, point.p95_ms)


def test_a_dot_of_batches_has_no_time(base) -> None:
    dot = serve(base, replace(HOSTED, is_batch=True), at=NOON).dot(1.0, Slo())
    assert dot.p95_ms is None
    assert dot.usd_per_request is not None


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
    base = base_of(priced(request("r", 0.0, out=200, tokens_in=1000)))
    listed = serve(base, Hosted(provider_id="openai", model_id="gpt-4o"), at=NOON)
    assert listed.variable_usd_per_request == D("0.0045")  # 1,000 x 2.50 + 200 x 10 per million
    batch = serve(base, Hosted(provider_id="openai", model_id="gpt-4o", is_batch=True), at=NOON)
    assert batch.variable_usd_per_request == D("0.00225")
    assert batch.at_rate(1.0).p95_ms is None
    cached = Hosted(provider_id="openai", model_id="gpt-4o", cached_share=1.0)
    assert serve(base, cached, at=NOON).variable_usd_per_request == D("0.00325")


def test_prices_that_depend_on_the_hour_are_averaged_over_the_day() -> None:
    base = base_of(priced(request("r", 0.0, out=200, tokens_in=1000)))
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
    figure = replica_hour(choice, HOUR_USD)
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


def test_a_search_writes_nothing_so_there_is_no_first_token() -> None:
    calls = [call(f"r{i}", Stage.EMBEDDING, i * 1e3) for i in range(40)]
    base = base_of(priced(calls))
    assert serve(base, HERE, at=NOON).at_rate(1.0).first_p50_ms is None
    with pytest.raises(
        InvalidInput, match="Llama 3.1 8B writes texts, but this prototype only reads"
    ):
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
    point = serve(base_of(priced(calls)), HERE, at=NOON).at_rate(1.0)
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
        serve(base_of(priced([])), HERE, at=NOON)


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
    base = swept(base_of(many(3_000)))
    began = time.process_time()
    serving = serve(base, HERE, at=NOON)
    serving.at_rate(100.0)
    assert time.process_time() - began < 0.15
    assert len(serving.request_usd) == 1_000
    assert not np.isnan(serving.request_usd).any()


def test_a_fresh_measurement_is_not_scaled_by_what_older_versions_took() -> None:
    # The same model wrote ten times as much before the settings were changed.
    old = [one for i in range(300) for one in request(f"o{i}", i * 1e5, out=490)]
    new = [
        one
        for i in range(30)
        for one in request(f"n{i}", 1e8 + i * 1e5, out=10, version=2, surface="bench")
    ]
    sweep = tuple(
        SweepPoint(
            n_concurrent=n, n_requests=30, rate_per_s=n / 0.215, mean_ms=215, p50_ms=215, p95_ms=215
        )
        for n in (1, 2, 4)
    )
    requests = tuple(
        ReplayedRequest(request_id=f"n{i}", n_concurrent=1, total_ms=215.0) for i in range(30)
    )
    replay = Replay(measured_at=NOON, version=2, requests=requests, sweep=sweep)
    base = base_of(priced([*old, *new]), replay=replay)
    assert base.n_requests == 330
    # Four inside take 0.215 s each: 18.6 a second, and not the 0.8 of the older version.
    assert serve(base, HERE, at=NOON).max_rate_per_s > 15  # type: ignore[operator]


def test_a_machine_costs_what_settings_say_until_somebody_enters_a_price(base) -> None:
    dear = replace(base, machine_hour_usd=D(2))
    for choice in (AsMeasured(), Hosted(provider_id="openai", model_id="gpt-4o-mini")):
        serving = serve(dear, choice, at=NOON)
        assert serving.replica_hour_usd == D(2)
        figure = replica_hour(choice, serving.machine_hour_usd)
        assert figure.value == D(2)
        assert "Settings" in str(figure.source)
        own = replica_hour(replace(choice, hour_usd=D(0)), serving.machine_hour_usd)
        assert own.value == 0
        assert "your own entry" in str(own.source)


def test_a_search_with_a_hosted_model_pays_for_the_machine_that_searches(base) -> None:
    serving = serve(base, Hosted(provider_id="openai", model_id="gpt-4o-mini"), at=NOON)
    embedding = next(one for one in serving.stage_costs if one.stage == Stage.EMBEDDING)
    assert embedding.usd is not None
    assert embedding.usd > 0
    assert serving.at_rate(1.0).hourly_usd == HOUR_USD


MIXES = [
    Mix(first=HERE, rest=GPU, escalated_share=0.2),
    Mix(first=HERE, rest=HOSTED, escalated_share=0.2),
    Mix(first=GPU, rest=HERE, escalated_share=0.5, cache_hit_rate=0.3),
]


@pytest.mark.parametrize("choice", MIXES, ids=("here, gpu", "here, hosted", "gpu, here"))
@pytest.mark.parametrize("rate", [0.2, 1.0, 5.0])
def test_business_models_buy_as_many_servers_of_a_mix_as_its_load_needs(base, choice, rate) -> None:
    serving = serve(base, choice, at=NOON)
    point = serving.at_rate(rate)
    figures = serving_figures(serving)
    hour = float(figures.steps.replicas(rate)) * float(figures.replica_hour.value)  # type: ignore[arg-type]
    assert hour == pytest.approx(float(point.hourly_usd))
    assert serving.at_rate(rate, replicas=point.replicas) == point
    limit = serving.saturation_per_s(point.replicas)
    assert limit is not None
    assert not serving.at_rate(limit * 1.01, replicas=point.replicas).is_stable
    assert serving.at_rate(limit * 0.95, replicas=point.replicas).is_stable


def test_a_hosted_second_model_needs_no_machine_once_more(base) -> None:
    serving = serve(base, MIXES[1], at=NOON)
    assert serving.least_replicas == 1
    assert serving.at_rate(0.5).hourly_usd == HOUR_USD * serving.at_rate(0.5).replicas


def test_a_model_must_do_what_the_prototype_needs(base) -> None:
    reading = base_of(priced(call(f"r{i}", Stage.EMBEDDING, i * 1e3) for i in range(40)))
    with pytest.raises(InvalidInput, match="only reads them"):
        serve(reading, Hosted(provider_id="openai", model_id="gpt-4o-mini"), at=NOON)
    embedding = Hosted(
        provider_id="openai", model_id="text-embedding-3-small", first_token_ms=200.0
    )
    with pytest.raises(InvalidInput, match="writes no text"):
        serve(base, embedding, at=NOON)
    serving = serve(reading, embedding, at=NOON)
    assert serving.at_rate(0.1).p50_ms == pytest.approx(200, abs=1)
    assert serving.at_rate(0.1).first_p50_ms is None
    assert "answers after 200 ms" in str(serving.notes[0])
    assert "token" not in str(serving.notes[0])


def test_a_price_of_ones_own_begins_as_the_lists_and_has_batches_and_a_cache() -> None:
    base = base_of(priced(request("r", 0.0, out=200, tokens_in=1000)))
    listed = Hosted(provider_id="openai", model_id="gpt-4o")
    usual, batch = own_prices(listed, NOON)
    assert batch is not None
    own = replace(listed, price=usual, batch_price=batch)
    for change in ({}, {"is_batch": True}, {"cached_share": 1.0}):
        theirs, ours = (
            serve(base, replace(choice, **change), at=NOON).variable_usd_per_request
            for choice in (listed, own)
        )
        assert ours == theirs
    without = serve(base, replace(own, batch_price=None, is_batch=True), at=NOON)
    assert any("taken for batch" in str(note) for note in without.notes)
    unknown = own_prices(Hosted(provider_id="openai", model_id="no-such-model"), NOON)
    assert unknown == (TokenPrice(input_usd_per_mtok=D(0), output_usd_per_mtok=D(0)), None)


def test_an_old_price_is_warned_of_by_model(base) -> None:
    late = NOON.replace(year=2027)
    notes = [
        str(note)
        for note in serve(base, Hosted(provider_id="openai", model_id="gpt-4o-mini"), at=late).notes
    ]
    assert any("gpt-4o-mini was last checked on" in note for note in notes)
    assert not any("last checked" in str(note) for note in serve(base, HOSTED, at=late).notes)


def test_a_first_word_that_comes_too_late_is_said(base) -> None:
    serving = serve(base, HERE, at=NOON)
    point = serving.at_rate(0.1, slo=Slo(first_token_ms=10.0))
    assert not point.meets_slo
    assert "first word" in str(point.problem)
    fewer = serving.at_rate(0.5, replicas=1, slo=Slo(total_ms=60_000, first_token_ms=300.0))
    assert "begin within 0.3 s" in str(fewer.problem)


@pytest.mark.parametrize("choice", [HERE, GPU, MIXES[0]], ids=lambda c: type(c).__name__)
def test_another_promise_is_answered_in_time(base, choice) -> None:
    serving = serve(swept(base), choice, at=NOON)
    began = time.process_time()
    serving_figures(serving, slo=Slo(total_ms=9_000))
    assert time.process_time() - began < 0.15
