"""The business of a prototype, from its ledger to saved scenarios."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from studio.config import Settings
from studio.economics.currency import DEFAULT_RATES, Currency, ExchangeRates
from studio.economics.scenario import Scenario
from studio.economics.serving_choice import AsMeasured, Hosted, OnGpu, Slo
from studio.errors import InvalidInput, NotFound, PriceUnknown
from studio.records import Notice
from studio.workbench import Workbench
from tests.unit.economics.ledger_frames import request

D = Decimal
MINI = Hosted(provider_id="openai", model_id="gpt-4o-mini")


@pytest.fixture
def workbench(tmp_path):
    with Workbench.open(settings=Settings(home=tmp_path)) as opened:
        yield opened


@pytest.fixture
def business(workbench):
    record = workbench.workspace.prototypes.create("chatbot", "Bot", {})
    for number in range(40):
        for call in request(f"r{number}", number * 60_000.0, out=80 + number):
            workbench.ledger.append(replace(call, prototype_id=record.id))
    return workbench.business("bot")


def test_all_models_are_computed_from_the_prototypes_own_calls(business):
    results = business.compare()
    assert [result.case.model.key for result in results] == [m.key for m in business.models]
    for result in results:
        load = {figure.key: figure for figure in result.load}
        assert load["p95_ms"].value >= load["p50_ms"].value > 1000  # as slow as it was measured
        assert load["utilisation"].value <= 0.85
        roots = {cause.key: cause for cause in result.figure("profit").trace()}
        assert roots["replica_hour"].value == D("0.10")


def test_a_hosted_model_is_charged_as_its_provider_charges(business):
    cost = business.case("subscription", choice=MINI).serving.cost_per_request
    # 300 tokens in and 99.5 out on average, at 0.15 and 0.60 USD per million
    assert float(cost.value) == pytest.approx((300 * 0.15 + 99.5 * 0.60) / 1e6)
    assert cost.low < float(cost.value) < cost.high
    assert "gpt-4o-mini" in str(cost.source)


def test_users_drive_the_queue_and_the_queue_drives_the_cost(business):
    small = business.result("subscription", {"customers": D(500)})
    large = business.result("subscription", {"customers": D(50_000)})
    assert large.statement.value("replicas") > 10 * small.statement.value("replicas")
    assert large.statement.value("serving_cost") > 10 * small.statement.value("serving_cost")
    slow, fast = (
        business.result("subscription", {"customers": D(1_200)}, slo=Slo(total_ms=ms))
        for ms in (20_000, 1_500)
    )
    assert fast.statement.value("replicas") > slow.statement.value("replicas")


def test_a_promise_that_nothing_keeps_is_said(business):
    figures = business.result("subscription", slo=Slo(total_ms=500)).load
    assert "No number of replicas" in str(figures[0].note)


def test_no_calls_yet_is_said(workbench):
    workbench.workspace.prototypes.create("chatbot", "New", {})
    with pytest.raises(InvalidInput, match="no measured requests"):
        workbench.business("new").compare()
    with pytest.raises(NotFound):
        workbench.business("nobody")


def test_what_does_not_exist_is_refused(business):
    with pytest.raises(NotFound, match="lottery"):
        business.result("lottery")
    with pytest.raises(PriceUnknown):
        business.result("api", choice=Hosted(provider_id="openai", model_id="gpt-99"))
    with pytest.raises(NotFound):
        business.result("api", choice=OnGpu(gpu="abacus", model="llama-3.1-8b"))


def test_scenarios_are_saved_copied_and_told_apart(business):
    scenario = Scenario(model_key="subscription", values={"price": D("19.90")}, choice=MINI)
    saved = business.save("Launch", scenario)
    assert business.scenario(saved.record.id).scenario == scenario
    copy = business.duplicate(saved.record.id, "Dear")
    dear = replace(scenario, values={"price": D(30)}, choice=AsMeasured(hour_usd=D(1)))
    business.update(copy.record.id, dear)
    assert [one.record.name for one in business.scenarios()] == ["Dear", "Launch"]
    found = business.difference(scenario, dear)
    assert {"price", "replica_hour", "cost_per_request"} <= {one.key for one in found.assumed}
    assert "profit" in {one.key for one in found.results}
    business.rename(copy.record.id, "Very dear")
    business.delete(saved.record.id)
    assert [one.record.name for one in business.scenarios()] == ["Very dear"]
    assert business.restore(saved.record.id).record.name == "Launch"
    with pytest.raises(NotFound):
        business.save("Wrong", replace(scenario, model_key="lottery"))


def test_the_workbook_opens_and_speaks_the_second_currency(business, tmp_path):
    result = business.result("subscription", choice=MINI)
    file = tmp_path / "book.xlsx"
    file.write_bytes(business.workbook(result, currency=Currency.EUR))
    book = openpyxl.load_workbook(file, data_only=True)
    assert book.sheetnames == ["Summary", "Assumptions", "Month", "Plan", "Servers"]
    assert book["Summary"]["A1"].value == "Bot: Subscription"
    assert business.csv(result).count("\n") > 50


def test_exchange_rates_are_dated_and_can_be_replaced(workbench):
    assert workbench.exchange_rates == DEFAULT_RATES
    own = ExchangeRates(
        cny_per_usd=D("7.1"),
        eur_per_usd=D("0.9"),
        as_of=date(2026, 11, 28),
        source=Notice("your own entry"),
    )
    workbench.set_exchange_rates(own)
    assert workbench.exchange_rates == own
    workbench.set_exchange_rates(None)
    assert workbench.exchange_rates == DEFAULT_RATES


def test_random_worlds_come_from_the_same_cases(business):
    first, second = (business.outlooks(business.compare(), n_draws=200)[0] for _ in range(2))
    assert first.profit == second.profit


def test_a_gpu_of_ones_own_pays_from_some_load_on(business):
    dear = Hosted(provider_id="openai", model_id="gpt-4o")
    found = business.crossover(dear, OnGpu(gpu="h100", model="llama-3.1-8b"))
    at = found.from_requests.value
    assert 100_000 < at < 100_000_000
    assert (found.second_usd < found.first_usd)[found.requests >= at].all()
