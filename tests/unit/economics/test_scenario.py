"""A scenario is kept exactly, and two are told apart by what was assumed and what came of it."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from studio.economics.choice_figures import choice_figures
from studio.economics.comparison import comparison, result_of
from studio.economics.models.registry import MODELS
from studio.economics.prices import TokenPrice
from studio.economics.scenario import Scenario, difference
from studio.economics.serving_choice import AsMeasured, Batching, Hosted, Mix, OnGpu, Slo
from studio.errors import DataError
from studio.records import Notice
from tests.unit.economics.business_examples import case, hosted, serving

D = Decimal
HERE = AsMeasured(hour_usd=D("0.10"), batching=Batching.BATCHED)
PRICED = Hosted(
    provider_id="openai",
    model_id="gpt-4o",
    price=TokenPrice(input_usd_per_mtok=D("1.10"), output_usd_per_mtok=D("4.4")),
    cached_share=0.3,
)
GPU = OnGpu(gpu="h100", model="llama-3.1-8b", hour_usd=D("2.99"), n_gpus=2)
CHOICES = [HERE, PRICED, GPU, Mix(first=GPU, rest=PRICED, escalated_share=0.1, cache_hit_rate=0.2)]


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: type(choice).__name__)
def test_a_scenario_survives_json_exactly(choice):
    scenario = Scenario(
        model_key="api",
        values={"price_per_call": D("0.0100000000000000000001"), "churn": D("0.030")},
        choice=choice,
        slo=Slo(percentile=0.9, total_ms=2500, first_token_ms=800),
    )
    stored = json.loads(json.dumps(scenario.to_json()))
    assert Scenario.from_json("api", stored) == scenario


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"values": {"price": "dear"}, "serving": {"kind": "on_gpu"}, "slo": {}},
        {"values": {}, "serving": {"kind": "by_hand"}, "slo": {}},
        {"values": {}, "serving": {"kind": "hosted", "provider_id": "openai"}, "slo": {}},
    ],
)
def test_what_is_no_scenario_is_refused_with_words(broken):
    with pytest.raises(DataError, match="cannot be read"):
        Scenario.from_json("api", broken)


def test_a_difference_names_what_was_assumed_and_what_came_of_it():
    before = result_of(case("subscription", hosted()))
    after = result_of(case("subscription", hosted(), price=25, churn="0.04"))
    found = difference(before, after)
    assert [one.key for one in found.assumed] == ["price", "churn"]
    assert (found.assumed[0].before.value, found.assumed[0].after.value) == (20, 25)
    changed = {one.key for one in found.results}
    assert {"profit", "ltv", "break_even", "cash_at_end"} <= changed
    assert "requests" not in changed  # the same on both sides
    assert difference(before, before).results == ()


def said(choice, name="here", **promise):
    return choice_figures(choice, Notice(name), Slo(**promise))


def test_another_promise_or_way_of_serving_is_assumed_otherwise():
    one = result_of(case("subscription", hosted()))
    here, l4 = AsMeasured(hour_usd=D(1)), OnGpu(gpu="l4", model="llama-3.1-8b")
    promise = difference(one, one, served=(said(here), said(here, total_ms=3000.0)))
    (change,) = promise.assumed
    assert (change.key, change.before.value, change.after.value) == ("promised_ms", 10_000, 3000)
    found = difference(one, one, served=(said(here), said(l4, "Llama on an L4")))
    serving = found.assumed[0]
    assert (str(serving.before.note), str(serving.after.note)) == ("here", "Llama on an L4")
    assert difference(one, one, served=(said(l4), said(l4))).assumed == ()


def test_every_number_of_a_way_of_serving_counts():
    here = AsMeasured(hour_usd=D(1))
    own = TokenPrice(input_usd_per_mtok=D(1), output_usd_per_mtok=D(2))
    api = Hosted(provider_id="openai", model_id="gpt-4o")
    pairs = [
        (here, replace(here, batching=Batching.BATCHED), ["batching"]),
        (api, replace(api, is_batch=True, cached_share=0.5), ["is_batch", "cached_share"]),
        (api, replace(api, price=own), ["price.input_usd_per_mtok", "price.output_usd_per_mtok"]),
        (
            Mix(first=here, rest=api),
            Mix(first=replace(here, hour_usd=D(2)), rest=api, cache_hit_rate=0.1),
            ["first.hour_usd", "cache_hit_rate"],
        ),
    ]
    one = result_of(case("subscription", hosted()))
    for before, after, keys in pairs:
        found = difference(one, one, served=(said(before), said(after)))
        assert [change.key for change in found.assumed] == keys


def test_two_models_differ_by_what_only_one_has():
    found = difference(result_of(case("subscription")), result_of(case("advertising")))
    only = {one.key for one in found.assumed if one.before is None}
    assert "cpm" in only
    first = found.assumed[0]
    assert (str(first.before.note), str(first.after.note)) == ("Subscription", "Advertising")


def test_all_models_stand_side_by_side_on_the_same_base():
    results = [result_of(case(model.key, serving())) for model in MODELS]
    rows = {row.key: row for row in comparison(results)}
    assert {figure.value for figure in rows["fixed_cost"].figures} == {D(8000)}
    assert all(len(row.figures) == 6 for row in rows.values())
    for key in ("revenue", "cogs", "gross_margin", "break_even", "payback", "runway", "cac"):
        assert key in rows
    assert comparison([]) == ()
