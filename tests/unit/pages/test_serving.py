"""The cost page without a browser: which requests count, which ways of serving are offered, promises."""

from __future__ import annotations

from decimal import Decimal

import pytest

from components import base_figures, business_draft, business_source, serving_offer
from components.load_form import Load
from studio.economics.gpu_embedding import ENCODERS
from studio.economics.serving_choice import AsMeasured, Hosted, Mix, OnGpu, Slo
from studio.records import Stage
from tests.unit.pages.test_business import (
    COMPARE,
    COST,
    FORMS,
    draft,
    measure,
    opened,
    record,
    texts,
)


@pytest.fixture
def bot(bench):
    made = bench.create_chatbot("Help desk")
    made.add_file("club.md", b"# Club\n\nThe yearly fee for the club is 19 dollars.")
    made.update_index().wait(30)
    return made


@pytest.fixture
def measured(bench, bot):
    measure(bench, bot.id, 40)
    return bot


@pytest.fixture
def search(bench):
    """A search whose requests are in the ledger: it only reads."""
    made = bench.create_search("Shop")
    for number in range(40):
        bench.ledger.append(
            record(
                made.id,
                number,
                Stage.EMBEDDING,
                model="embedder",
                tokens_in=12,
                tokens_out=0,
                first_token_ms=None,
                total_ms=6.0,
                busy_ms=6.0,
            )
        )
    bench.ledger.flush()
    return made


def test_requests_of_an_older_model_are_named_and_left_out(open_page, bench, measured):
    for number in range(40, 43):
        bench.ledger.append(
            record(
                measured.id,
                number,
                Stage.GENERATION,
                version=2,
                model="better-writer",
                tokens_in=400,
                tokens_out=50,
                first_token_ms=150.0,
                total_ms=200.0,
                busy_ms=200.0,
            )
        )
    bench.ledger.flush()
    at = opened(open_page, COST, measured)
    assert "3 real requests" in texts(at)
    assert "40 older requests are left out: writer answered them" in texts(at)
    assert (
        "better" in at.table[0].value["Model"].iloc[0]
    )  # its hyphen is escaped: tables read Markdown


def test_too_few_requests_are_warned_of_wherever_they_are_computed_from(open_page, bench, bot):
    measure(bench, bot.id, 12)
    for page in (COST, FORMS, COMPARE):
        shown = texts(opened(open_page, page, bot))
        assert "18 more requests are needed" in shown
        assert "asked up to 30 times" in shown


def test_failed_requests_of_a_measurement_are_told(open_page, bench, measured):
    bench.workspace.preferences.set(
        f"replay.{measured.id}",
        {
            "measured_at": "2026-11-20T12:00:00+00:00",
            "version": 1,
            "requests": [],
            "sweep": [],
            "n_failed": 3,
            "load": None,
        },
    )
    assert "3 requests failed and are left out" in texts(opened(open_page, COST, measured))


def test_a_machine_has_the_price_of_settings_until_another_is_typed(open_page, bench, measured):
    bench.set_machine_hour_usd(Decimal("0.25"))
    at = opened(open_page, COST, measured)
    field = at.number_input(key="_cost.AsMeasured.hour_usd")
    assert field.value is None
    assert "0.25" in field.placeholder
    field.set_value(0.5).run()
    assert draft(measured).choice == AsMeasured(hour_usd=Decimal("0.5"))
    at.number_input(key="_cost.AsMeasured.hour_usd").set_value(None).run()
    assert not at.exception
    assert draft(measured).choice == AsMeasured()


def test_the_machine_beside_a_hosted_model_is_paid_for(open_page, measured):
    at = opened(open_page, COST, measured)
    at.segmented_control(key="_cost.kind").set_value("Hosted").run()
    at.toggle(key="_cost.more").set_value(True).run()
    at.number_input(key="_cost.Hosted.hour_usd").set_value(2.0).run()
    assert not at.exception
    assert draft(measured).choice.hour_usd == 2
    shown = [one.proto.popover.label for one in at.get("popover")]
    assert any("**2**" in label for label in shown)


def test_what_was_kept_before_hosted_models_had_a_machine_is_priced_as_in_settings(bench, bot):
    business_draft.keep_choice(bot.id, Hosted(provider_id="openai", model_id="gpt-4o-mini"))
    key = f"business.draft.{bot.id}"
    stored = bench.workspace.preferences.get(key)
    del stored["common"]["serving"]["hour_usd"]
    stored["common"]["serving"]["host_hour_usd"] = "0"
    bench.workspace.preferences.set(key, stored)
    assert draft(bot).choice == Hosted(provider_id="openai", model_id="gpt-4o-mini")


def test_a_search_is_offered_models_that_read(open_page, search):
    at = opened(open_page, COST, search)
    kinds = at.segmented_control(key="_cost.kind")
    assert kinds.options == ["As measured here", "Hosted model", "Own GPU"]
    assert "models that write are not offered" in texts(at)
    kinds.set_value("Hosted").run()
    assert not at.exception
    assert not at.error
    assert draft(search).choice.model_id == "text-embedding-3-small"
    at.toggle(key="_cost.more").set_value(True).run()
    assert "_cost.Hosted.tokens_per_s" not in {one.key for one in at.number_input}
    assert "_cost.first" not in {one.key for one in at.number_input}
    at.toggle(key="_cost.Hosted.own_price").set_value(True).run()
    fields = {one.key for one in at.number_input if ".price." in one.key}
    assert fields == {
        "_cost.Hosted.price.input_usd_per_mtok",
        "_cost.Hosted.price.cached_usd_per_mtok",
    }


def test_a_search_moves_to_a_gpu_with_a_model_that_reads(open_page, search):
    at = opened(open_page, COST, search)
    at.segmented_control(key="_cost.kind").set_value("OnGpu").run()
    assert draft(search).choice == OnGpu(gpu="l4", model="all-minilm-l6-v2")
    assert not at.exception
    assert not at.error
    models = at.selectbox(key="_cost.OnGpu.model")
    assert models.options == [one.name for one in ENCODERS.values()]
    assert "_cost.OnGpu.embedder" not in {one.key for one in at.selectbox}
    models.set_value("bge-m3").run()
    assert draft(search).choice.model == "bge-m3"
    assert "Extrapolated from data sheets" in texts(at)


def test_a_chatbots_embedding_moves_to_the_gpu_that_writes(open_page, measured):
    business_draft.keep_choice(measured.id, OnGpu(gpu="h100", model="llama-3.1-8b"))
    at = opened(open_page, COST, measured)
    where = at.selectbox(key="_cost.OnGpu.embedder")
    assert (where.value, where.options[0]) == ("", "as measured here")
    where.set_value("all-minilm-l6-v2").run()
    assert not at.exception
    assert draft(measured).choice.embedder == "all-minilm-l6-v2"
    at.selectbox(key="_cost.OnGpu.embedder").set_value("").run()
    assert draft(measured).choice.embedder is None
    at.selectbox(key="_cost.OnGpu.embedder").set_value("all-minilm-l6-v2").run()
    assert "reads the questions (embedding) on the same GPU" in texts(at)


def test_a_model_that_writes_is_refused_for_a_search_in_words(open_page, search):
    business_draft.keep_choice(search.id, OnGpu(gpu="h100", model="llama-3.1-8b"))
    assert "Llama 3.1 8B writes texts" in texts(opened(open_page, COST, search))
    here = AsMeasured()
    business_draft.keep_choice(search.id, Mix(first=here, rest=here))
    assert not opened(open_page, COST, search).exception


def test_what_calls_no_model_runs_here_only():
    offer = serving_offer.Offer(writes=False, embeds=False)
    assert offer.kinds == (AsMeasured,)
    assert {type(choice) for choice in offer.compared()} == {AsMeasured}


def test_a_price_of_ones_own_has_batches_and_a_cache(open_page, measured):
    at = opened(open_page, COST, measured)
    at.segmented_control(key="_cost.kind").set_value("Hosted").run()
    assert "checked on" in texts(at)
    at.toggle(key="_cost.more").set_value(True).run()
    at.toggle(key="_cost.Hosted.own_price").set_value(True).run()
    cached = at.number_input(key="_cost.Hosted.price.cached_usd_per_mtok")
    assert cached.value == pytest.approx(0.075)
    at.toggle(key="_cost.Hosted.is_batch").set_value(True).run()
    batch = at.number_input(key="_cost.Hosted.batch_price.output_usd_per_mtok")
    assert batch.value == pytest.approx(0.3)
    batch.set_value(0.2).run()
    assert not at.exception
    choice = draft(measured).choice
    assert choice.batch_price.output_usd_per_mtok == Decimal("0.2")
    assert choice.price.output_usd_per_mtok == Decimal("0.6")


def test_prices_of_long_prompts_are_told(open_page, measured):
    business_draft.keep_choice(
        measured.id, Hosted(provider_id="anthropic", model_id="claude-sonnet-4-5")
    )
    assert "Prompts of more than 200,000 tokens" in texts(opened(open_page, COST, measured))


def test_what_comes_on_top_of_a_gpu_can_be_changed(open_page, measured):
    business_draft.keep_choice(measured.id, OnGpu(gpu="h100", model="llama-3.1-8b"))
    at = opened(open_page, COST, measured)
    at.slider(key="_cost.OnGpu.overhead").set_value(10).run()
    assert not at.exception
    assert draft(measured).choice.overhead == 0.1


def test_servers_of_a_mix_are_counted_and_priced_by_model(open_page, measured):
    mix = Mix(first=AsMeasured(), rest=OnGpu(gpu="h100", model="llama-3.1-8b"))
    business_draft.keep_choice(measured.id, mix)
    at = opened(open_page, COST, measured)
    assert not at.error
    serving = business_source.of(measured).serving(mix)
    here = serving.at_rate(5.0)
    figures = base_figures.of_load(serving, Load(rate_per_s=5.0, slo=Slo()), here)
    hourly = next(one for one in figures if one.key == "hourly")
    first, rest, first_hour, rest_hour = (float(one.value) for one in hourly.inputs)
    assert first + rest == here.replicas
    assert first * first_hour + rest * rest_hour == pytest.approx(float(hourly.value))
    assert not opened(open_page, FORMS, measured).exception


def test_every_figure_of_a_load_names_all_that_it_is_computed_from(open_page, measured):
    assert not opened(open_page, COST, measured).error
    serving = business_source.of(measured).serving(AsMeasured())
    load = Load(
        rate_per_s=1000 * 300 / 2_592_000 * 4,
        slo=Slo(percentile=0.99),
        rate_per_user=300 / 2_592_000 * 4,
        requests_per_user=300.0,
        peak_factor=4.0,
    )
    found = base_figures.of_load(serving, load, serving.at_rate(load.rate_per_s, slo=load.slo))
    figures = {one.key: one for one in found}
    assert "for 99 of 100 answers" in str(figures["replicas_needed"].method)
    hourly = figures["hourly"]
    assert [one.key for one in hourly.inputs] == ["replicas", "replica_hour"]
    rate, most = figures["p95_ms"].inputs
    assert [float(one.value) for one in rate.inputs] == [pytest.approx(1000), 300, 4]
    assert (most.as_of is not None) == (serving.basis == "measured")


def test_a_first_word_and_how_many_are_in_time_can_be_promised(open_page, measured):
    at = opened(open_page, COST, measured)
    at.number_input(key="_cost.first").set_value(0.05).run()
    at.number_input(key="_cost.percentile").set_value(99.0).run()
    assert not at.exception
    slo = draft(measured).slo
    assert (slo.first_token_ms, slo.percentile) == (50, 0.99)
    assert "first word" in texts(at)
    head = texts(opened(open_page, FORMS, measured))
    assert "99 of 100 answers within" in head
    assert "the first word within" in head
    at.segmented_control(key="_cost.view").set_value("first").run()
    assert not at.exception
    at.number_input(key="_cost.first").set_value(None).run()
    assert draft(measured).slo.first_token_ms is None


def test_the_peak_factor_is_one_for_the_load_and_the_models(open_page, measured):
    at = opened(open_page, COST, measured)
    at.number_input(key="_cost.peak").set_value(6.0).run()
    assert draft(measured).shared["peak_factor"] == 6
    at.segmented_control(key="_cost.kind").set_value("OnGpu").run()
    at.toggle(key="_cost.crossover").set_value(True).run()
    assert not at.exception
