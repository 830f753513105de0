"""The business pages without a browser: measured calls of a ledger, six models, scenarios, files."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from components import (
    business_downloads,
    business_draft,
    business_report_serving,
    business_source,
    i18n,
    load_panel,
)
from components.shown_currency import ShownCurrency
from studio.economics.currency import DEFAULT_RATES, Currency
from studio.economics.models.registry import MODELS
from studio.economics.serving_choice import AsMeasured, Hosted, Mix, OnGpu, Slo
from studio.records import CallRecord, Stage

COST, FORMS, COMPARE = "business/cost.py", "business/models.py", "business/compare.py"


def record(prototype_id: str, number: int, stage: Stage, **values) -> CallRecord:
    usual = {
        "call_id": f"{prototype_id}-{number}-{stage}",
        "request_id": f"{prototype_id}-{number}",
        "prototype_id": prototype_id,
        "version": 1,
        "surface": "page",
        "stage": stage,
        "revision": "r",
        "engine": "openvino",
        "device": "cpu",
        "precision": "f16",
        "queue_ms": 0.0,
        "batch_size": 1.0,
        "started_at": datetime(2026, 11, 20, tzinfo=UTC) + timedelta(minutes=number),
    }
    return CallRecord(**(usual | values))


def measure(bench, prototype_id: str, n_requests: int, account: str = "") -> None:
    """Put requests of a local model into the ledger: reading a question, then writing."""
    first = 1000 if account else 0  # no call twice
    for number in range(first, first + n_requests):
        bench.ledger.append(
            record(
                prototype_id,
                number,
                Stage.EMBEDDING,
                model="embedder",
                account=account,
                tokens_in=12,
                tokens_out=0,
                first_token_ms=None,
                total_ms=6.0,
                busy_ms=6.0,
            )
        )
        milliseconds = 600.0 + 10 * (number % 20)
        bench.ledger.append(
            record(
                prototype_id,
                number,
                Stage.GENERATION,
                model="writer",
                account=account,
                tokens_in=400 + 10 * (number % 7),
                tokens_out=50 + number % 20,
                first_token_ms=150.0,
                total_ms=milliseconds,
                busy_ms=milliseconds,
                started_at=datetime(2026, 11, 20, 0, 0, 0, 10_000, tzinfo=UTC)
                + timedelta(minutes=number),
            )
        )
    bench.ledger.flush()


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


def texts(at: AppTest) -> str:
    shown = [*at.markdown, *at.caption, *at.error, *at.warning, *at.info, *at.success]
    return "\n".join(element.value for element in shown).replace("\\", "")


def opened(open_page, path: str, bot, **query: str) -> AppTest:
    at = open_page(path, prototype=bot.slug, **query)
    assert not at.exception
    return at


def draft(bot):
    return business_draft.load(bot.id)


# Cost and latency


def test_without_a_prototype_the_page_says_what_to_do(open_page):
    at = open_page(COST)
    assert "nothing to price yet" in texts(at)


def test_an_empty_ledger_says_how_to_begin_and_draws_no_figure(open_page, bot):
    shown = texts(opened(open_page, COST, bot))
    assert "No request was measured yet" in shown
    assert "How it would be served" not in shown
    at = opened(open_page, FORMS, bot)
    assert "Nothing was measured of this prototype yet" in texts(at)
    assert not at.button(key=f"_measure.start.{bot.id}").disabled


def test_too_few_calls_say_how_many_are_missing(open_page, bench, bot):
    measure(bench, bot.id, 12)
    assert "18 more requests are needed" in texts(opened(open_page, COST, bot))


def test_the_measured_base_is_shown_by_stage(open_page, measured):
    at = opened(open_page, COST, measured)
    assert "40 real requests" in texts(at)
    table = at.table[0].value
    assert list(table.index) == ["Reading the question (embedding)",
                                 "Between the models (searching, checking)",
                                 "Writing (generation)"]  # fmt: skip
    assert table["Time in ms"].iloc[2] == "700 (780)"


def test_measure_now_runs_as_a_job_and_ends_up_in_the_base(open_page, bench, bot):
    at = opened(open_page, COST, bot)
    at.button(key=f"_measure.start.{bot.id}").click().run()
    job = bench.measuring(bot.id).job()
    assert job is not None
    assert job.wait(120)
    at = opened(open_page, COST, bot)
    assert "Last measured" in texts(at)
    assert "real request" in texts(at)


def test_a_hosted_model_and_a_gpu_are_chosen_and_kept_for_all_pages(open_page, measured):
    at = opened(open_page, COST, measured)
    at.segmented_control(key="_cost.kind").set_value("Hosted").run()
    assert not at.exception
    assert isinstance(draft(measured).choice, Hosted)
    assert "gpt-4o-mini at" in texts(opened(open_page, FORMS, measured))
    at.segmented_control(key="_cost.kind").set_value("OnGpu").run()
    assert not at.exception
    choice = draft(measured).choice
    assert isinstance(choice, OnGpu)
    assert choice.gpu == "h100"
    assert "Extrapolated from data sheets" in texts(at)


def test_a_gpu_that_is_too_small_is_refused_with_what_would_do(open_page, measured):
    business_draft.keep_choice(measured.id, OnGpu(gpu="t4", model="llama-3.3-70b"))
    assert "does not fit" in texts(opened(open_page, COST, measured))


def test_an_unknown_model_is_said_and_the_page_stays_usable(open_page, measured):
    business_draft.keep_choice(measured.id, Hosted(provider_id="openai", model_id="no-such"))
    at = opened(open_page, COST, measured)
    assert "price" in texts(at).lower()
    assert at.segmented_control(key="_cost.kind").value == "Hosted"
    assert not opened(open_page, COMPARE, measured).exception


def test_a_price_of_ones_own_replaces_the_list_s_and_zero_is_possible(open_page, measured):
    at = opened(open_page, COST, measured)
    at.segmented_control(key="_cost.kind").set_value("Hosted").run()
    at.toggle(key="_cost.more").set_value(True).run()
    at.toggle(key="_cost.Hosted.own_price").set_value(True).run()
    at.number_input(key="_cost.Hosted.price.output_usd_per_mtok").set_value(0.0).run()
    assert not at.exception
    price = draft(measured).choice.price
    assert (price.input_usd_per_mtok, price.output_usd_per_mtok) == (Decimal("0.15"), Decimal(0))


def test_a_load_that_no_promise_keeps_is_said_with_what_is_needed(open_page, measured):
    at = opened(open_page, COST, measured)
    at.number_input(key="_cost.slo").set_value(0.1).run()
    assert not at.exception
    assert "No number of replicas" in texts(at)
    assert draft(measured).slo.total_ms == 100


def test_more_users_need_more_replicas(open_page, measured):
    at = opened(open_page, COST, measured)
    at.number_input(key="_cost.users").set_value(20_000.0).run()
    assert not at.exception
    assert "replicas it becomes unstable" in texts(at)


def test_the_curve_ends_beyond_the_load_and_near_where_it_breaks():
    assert load_panel.reach(1.0, None) == 2.0
    assert load_panel.reach(1.0, 1.5) == pytest.approx(1.62)
    assert load_panel.reach(3.0, 1.0) == pytest.approx(3.9)


def test_a_group_at_work_is_served_and_never_overruns_it(open_page, measured):
    at = opened(open_page, COST, measured)
    at.segmented_control(key="_cost.by").set_value("group").run()
    assert not at.exception
    assert "20 people ask" in texts(at)
    assert "unstable" not in texts(at)
    at.number_input(key="_cost.people").set_value(400).run()
    assert not at.exception
    assert "400 people ask" in texts(at)
    shown = [one.proto.popover.label for one in at.get("popover")]
    serving = business_source.of(measured).serving(draft(measured).choice)
    needed = serving.at_users(400, 30.0).replicas_needed
    assert needed is not None
    assert needed > 1
    assert f"**{needed}**" in shown


def test_a_group_is_not_for_a_mix(open_page, measured):
    here = AsMeasured(hour_usd=Decimal("0.1"))
    hosted = Hosted(provider_id="openai", model_id="gpt-4o-mini")
    business_draft.keep_choice(measured.id, Mix(first=here, rest=hosted))
    at = opened(open_page, COST, measured)
    at.segmented_control(key="_cost.by").set_value("group").run()
    assert not at.exception
    assert "cannot be given for a mix" in texts(at)


def test_what_api_customers_asked_can_be_the_base(open_page, bench, measured):
    assert not [one for one in opened(open_page, COST, measured).selectbox if "whose" in one.key]
    key = bench.workspace.api_keys.create("Acme").record
    for number in range(40, 72):
        bench.ledger.append(
            record(
                measured.id,
                number,
                Stage.GENERATION,
                surface="api",
                account=key.account,
                model="writer",
                tokens_in=800,
                tokens_out=100,
                first_token_ms=150.0,
                total_ms=2000.0,
                busy_ms=2000.0,
            )
        )
    bench.ledger.flush()
    at = opened(open_page, COST, measured)
    assert "72 real requests" in texts(at)
    whose = at.selectbox(key=f"_business.whose.{measured.id}")
    assert whose.options[1:] == [
        "Those of all API customers · 32 requests",
        f"Acme ({key.prefix}…) · 32 requests",
    ]
    whose.set_value(key.account).run()
    assert not at.exception
    assert "32 real requests" in texts(at)
    assert "Acme" in texts(opened(open_page, FORMS, measured))
    source = business_source.of(measured)
    assert source.base().total.p50 == 2000
    assert bench.business(measured.id, account_prefix=key.account).base().n_requests == 32


# Business models


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.key)
def test_every_model_has_a_form_and_every_view(open_page, measured, model):
    at = opened(open_page, FORMS, measured)
    at.pills(key="_models.chosen").set_value(model.key).run()
    for view in ("month", "cash", "usage", "load", "all"):
        at.segmented_control(key="_models.view").set_value(view).run()
        assert not at.exception
        assert not at.error
    fields = {one.key for one in at.number_input}
    assert f"_models.{model.key}.{model.price_key}" in fields


def test_a_number_counts_at_once_and_stays_after_a_reload(open_page, measured):
    at = opened(open_page, FORMS, measured)
    at.number_input(key="_models.subscription.price").set_value(40.0).run()
    assert draft(measured).own["subscription"]["price"] == 40
    at = opened(open_page, FORMS, measured)
    assert at.number_input(key="_models.subscription.price").value == 40
    shown = [one.proto.popover.label for one in at.get("popover")]
    assert any("40,000" in label for label in shown)


def test_what_is_not_possible_is_refused_and_the_value_before_stays(open_page, measured):
    at = opened(open_page, FORMS, measured)
    for key, value in (("price", 0.0), ("price", -5.0), ("churn", 130.0), ("price", 1e30)):
        at.number_input(key=f"_models.subscription.{key}").set_value(value).run()
        assert not at.exception
        assert "it must be" in at.toast[0].value.replace("\\", "")
        assert key not in draft(measured).own.get("subscription", {})
    assert at.number_input(key="_models.subscription.price").value == 20


def test_what_is_refused_is_told_as_it_was_typed(open_page, measured):
    at = opened(open_page, FORMS, measured)
    at.number_input(key="_models.subscription.churn").set_value(130.0).run()
    assert (
        at.toast[0]
        .value.replace("\\", "")
        .startswith("Share that leaves per month (churn) is 130%; it must be between 0% and 100%.")
    )
    at.segmented_control(key="_business.currency").set_value(Currency.CNY).run()
    at.number_input(key="_models.subscription.price").set_value(-5.0).run()
    assert (
        at.toast[0]
        .value.replace("\\", "")
        .startswith("Price per month is -5 CNY; it must be more than 0.")
    )


def test_what_never_breaks_even_is_never_in_the_table(open_page, measured):
    loss = draft(measured).with_value(MODELS[0], "price", Decimal("0.5"))
    business_draft.keep(measured.id, loss)
    table = opened(open_page, COMPARE, measured).dataframe[0].value
    even = table[table["Figure"].str.startswith("Break-even")].iloc[0]
    assert even["Subscription"] == "never"


def test_a_kept_number_that_is_no_longer_possible_can_be_taken_back(open_page, measured):
    wrong = draft(measured).with_value(MODELS[0], "price", Decimal("1e30"))
    business_draft.keep(measured.id, wrong)
    at = opened(open_page, FORMS, measured)
    assert "it must be 1,000,000,000,000 or less" in texts(at)
    at.button(key="_models.reset.subscription").click().run()
    assert not at.error
    assert at.number_input(key="_models.subscription.price").value == 20


def test_everybody_leaving_at_once_and_a_loss_on_each_never_break_even(open_page, measured):
    at = opened(open_page, FORMS, measured)
    at.number_input(key="_models.subscription.churn").set_value(100.0).run()
    assert not at.exception
    at.number_input(key="_models.subscription.price").set_value(0.5).run()
    assert not at.exception
    assert "never breaks even" in texts(at)
    assert "inf" not in texts(at).replace("inference", "").replace("information", "").split()


def test_money_is_typed_in_the_currency_that_is_shown(open_page, measured):
    at = opened(open_page, FORMS, measured)
    at.segmented_control(key="_business.currency").set_value(Currency.CNY).run()
    field = at.number_input(key="_models.subscription.price")
    assert field.value == pytest.approx(20 * 6.9858)
    field.set_value(69.858).run()
    assert draft(measured).own["subscription"]["price"] == pytest.approx(Decimal(10))
    assert not at.exception


def test_half_a_month_is_kept_as_a_whole_one(open_page, measured):
    at = opened(open_page, FORMS, measured)
    at.toggle(key="_models.more.subscription").set_value(True).run()
    at.number_input(key="_models.subscription.payment_delay").set_value(2.5).run()
    assert draft(measured).own["subscription"]["payment_delay"] == 3
    assert at.number_input(key="_models.subscription.payment_delay").value == 3
    assert not at.exception


def test_another_exchange_rate_is_kept_and_a_rate_of_nothing_is_not_possible(
    open_page, bench, measured
):
    at = opened(open_page, FORMS, measured)
    at.segmented_control(key="_business.currency").set_value(Currency.EUR).run()
    at.number_input(key="_business.rate").set_value(0.9).run()
    assert bench.exchange_rates.eur_per_usd == Decimal("0.9")
    assert not at.exception


def test_the_fixed_cost_counts_for_all_models(open_page, measured):
    at = opened(open_page, FORMS, measured)
    at.toggle(key="_models.more.subscription").set_value(True).run()
    at.number_input(key="_models.subscription.fixed_cost").set_value(12_345.0).run()
    source = business_source.of(measured)
    for model in MODELS:
        assert source.case(model, draft(measured)).value("fixed_cost") == 12_345
    at.button(key="_models.reset.subscription").click().run()
    assert draft(measured).shared == {}


def test_a_figure_tells_where_it_comes_from_once_it_is_opened(open_page, measured):
    at = opened(open_page, FORMS, measured)
    assert "Formula:" not in texts(at)
    at.session_state["_figure.first_subscription.break_even"] = True
    at.run()
    shown = texts(at)
    assert "Formula: least number for(fixed cost" in shown
    assert "your own entry" not in shown
    assert "the studio's own choice" in shown


# Compare models


def test_all_six_stand_side_by_side(open_page, measured):
    at = opened(open_page, COMPARE, measured)
    table = at.dataframe[0].value
    assert list(table.columns)[1:] == ["Subscription", "API calls", "Freemium", "Advertising",
                                       "Data service", "Consulting"]  # fmt: skip
    lowest = table[table["Figure"] == "Lowest price for the margin (USD)"].iloc[0]
    assert lowest["Subscription"].endswith("a month")
    assert lowest["Data service"].endswith("a year")
    revenue = table[table["Figure"] == "Revenue (USD a month)"].iloc[0]
    assert revenue["Subscription"] == "20,000"
    within = table[table["Figure"].str.startswith("95 of 100 answers within")].iloc[0]
    assert "(ms)" not in within["Figure"] or within["Subscription"].isdigit()
    runway = table[table["Figure"].str.startswith("Month without cash")].iloc[0]
    assert "> 36" in set(runway)


def test_what_hardly_matters_has_no_bar_and_the_pictures_are_explained(open_page, measured):
    at = opened(open_page, COMPARE, measured)
    at.segmented_control(key="_compare.picture").set_value("matters").run()
    assert "The longest bars are the numbers to make sure of first" in texts(at)
    at.toggle(key="_compare.matters.sobol").set_value(True).run()
    assert not at.exception
    assert "How much of the ups and downs" in texts(at)
    bars = json.loads(at.get("plotly_chart")[-1].proto.spec)["data"][1]["x"]
    shares = (
        np.frombuffer(base64.b64decode(bars["bdata"]), bars["dtype"])
        if isinstance(bars, dict)
        else bars
    )
    assert 0 < min(shares) >= 0.005
    at.segmented_control(key="_compare.picture").set_value("sure").run()
    assert "winning customers is paid for" not in texts(at)


@pytest.mark.parametrize("picture", ["cash", "chance", "sure", "matters"])
def test_every_picture_of_the_comparison(open_page, measured, picture):
    at = opened(open_page, COMPARE, measured)
    at.segmented_control(key="_compare.picture").set_value(picture).run()
    assert not at.exception
    assert not at.error
    if picture == "chance":
        assert len(at.table[0].value) == 6
    if picture == "matters":
        for target in ("cash_at_end", "ltv", "break_even"):
            at.selectbox(key="_compare.matters.target").set_value(target).run()
            assert not at.exception


def test_without_a_price_the_chance_of_profit_is_unknown_and_not_zero(open_page, bench, bot):
    for number in range(40):
        bench.ledger.append(
            record(
                bot.id,
                number,
                Stage.GENERATION,
                model="nobody-prices-it",
                device="remote:models.example",
                tokens_in=400,
                tokens_out=50,
                first_token_ms=150.0,
                total_ms=600.0,
                busy_ms=0.0,
            )
        )
    bench.ledger.flush()
    at = opened(open_page, COMPARE, bot)
    at.segmented_control(key="_compare.picture").set_value("chance").run()
    assert not at.exception
    assert set(at.table[0].value["runs out of cash"]) == {"unknown"}
    assert set(at.table[0].value["by month 18"]) == {"unknown"}
    assert "Unknown, because the price of a request is unknown" in texts(at)


def test_a_scenario_is_kept_opened_copied_renamed_deleted_and_brought_back(
    open_page, bench, measured
):
    business = bench.business(measured.id)
    dearer = draft(measured).with_value(MODELS[0], "price", Decimal(35))
    business_draft.keep(measured.id, dearer)
    at = opened(open_page, COMPARE, measured)
    at.text_input(key="_scenarios.name").set_value("Dearer").run()
    at.button(key="_scenarios.save").click().run()
    (kept,) = business.scenarios()
    assert kept.scenario.values == {"price": Decimal(35)}
    business_draft.keep(measured.id, dearer.with_value(MODELS[0], "price", None))
    at.button(key=f"_scenarios.open.{kept.record.id}").click().run()
    assert draft(measured).own["subscription"] == {"price": Decimal(35)}
    at.button(key=f"_scenarios.copy.{kept.record.id}").click().run()
    assert {one.record.name for one in business.scenarios()} == {"Dearer", "Dearer (copy)"}
    at.text_input(key=f"_scenarios.name.{kept.record.id}").set_value("Premium").run()
    assert business.scenario(kept.record.id).record.name == "Premium"
    at.button(key=f"_scenarios.delete.{kept.record.id}").click().run()
    assert len(business.scenarios()) == 1
    at.button(key="_scenarios.undo").click().run()
    assert len(business.scenarios()) == 2
    assert not at.exception


def test_a_scenario_without_a_name_is_refused(open_page, bench, measured):
    at = opened(open_page, COMPARE, measured)
    at.button(key="_scenarios.save").click().run()
    assert at.toast
    assert bench.business(measured.id).scenarios() == ()


def test_two_scenarios_are_compared(open_page, bench, measured):
    business = bench.business(measured.id)
    business.save("Now", draft(measured).scenario(MODELS[0]))
    dearer = draft(measured).with_value(MODELS[0], "price", Decimal(35))
    business.save("Dearer", dearer.scenario(MODELS[0]))
    at = opened(open_page, COMPARE, measured)
    assumed = at.table[0].value
    assert list(assumed["Figure"]) == ["Price per month"]
    assert list(assumed["1 Now"]) == ["20 USD a month"]
    assert list(assumed["2 Dearer"]) == ["35 USD a month"]


def test_scenarios_of_two_models_say_which_and_name_figures_as_both_do(open_page, bench, measured):
    business = bench.business(measured.id)
    business.save("Plain", draft(measured).scenario(MODELS[0]))
    business.save("Free at first", draft(measured).scenario(MODELS[2]))
    assumed = opened(open_page, COMPARE, measured).table[0].value.replace(r"\\", "", regex=True)
    first = assumed.iloc[0]
    assert list(first) == ["Business model", "Subscription", "Freemium with paid add-ons"]
    assert "Subscribers looked at / Active users looked at" in set(assumed["Figure"])


def test_scenarios_are_compared_by_the_requests_that_the_table_counts(
    open_page, bench, measured, monkeypatch
):
    asked = []
    real = type(bench).measured_base

    def spied(self, prototype_id, *, account_prefix=""):
        asked.append(account_prefix)
        return real(self, prototype_id, account_prefix=account_prefix)

    business = bench.business(measured.id)
    for name in ("One", "Two"):
        business.save(name, draft(measured).scenario(MODELS[0]))
    business_draft.keep_accounts(measured.id, "key:")
    measure(bench, measured.id, 40, account="key:acme")
    monkeypatch.setattr(type(bench), "measured_base", spied)
    assert not opened(open_page, COMPARE, measured).exception
    assert set(asked) == {"key:"}


def test_scenarios_that_differ_in_their_promise_say_so(open_page, bench, measured):
    business = bench.business(measured.id)
    usual = draft(measured).scenario(MODELS[0])
    business.save("Usual", usual)
    business.save("Quick", replace(usual, slo=Slo(total_ms=3000.0)))
    at = opened(open_page, COMPARE, measured)
    assumed = at.table[0].value
    assert list(assumed["Figure"]) == ["Promised time to the answer"]
    assert list(assumed["2 Quick"]) == ["3 s"]


# Files


@pytest.fixture
def results(measured):
    source = business_source.of(measured)
    return source, [source.result(model, draft(measured)) for model in MODELS]


USD = ShownCurrency(currency=Currency.USD, rates=DEFAULT_RATES)


def test_files_are_made_in_the_language_of_the_page(results):
    _source, found = results
    words = business_downloads.words_of("Help desk")
    made = business_downloads.in_language(
        "zh", lambda: business_downloads.comparison_csv(found, words)
    ).decode("utf-8-sig")
    assert i18n.translations("zh").gettext("Subscription") in made
    assert i18n.language() == "en"


def test_the_workbook_is_one(measured, results):
    made = business_downloads._workbook(
        results[1][0], business_downloads.words_of(measured.name), USD
    )
    assert any(name.endswith("sheet1.xml") for name in zipfile.ZipFile(io.BytesIO(made)).namelist())


def test_the_page_with_charts_needs_nothing_from_elsewhere(measured, results):
    source, found = results
    page = business_downloads._page(
        measured,
        found,
        lambda: source.outlooks(draft(measured), found),
        lambda: business_report_serving.charts(source, draft(measured), found[0], USD),
        USD,
    )
    assert page.count("Plotly.newPlot") == 12  # 2 of all models, 7 on who loses money, 3 on serving
    assert "What a request costs, by stage" in page
    assert "Ways of serving the busiest hour of Subscription" in page
    assert "simulated request by request" in page
    assert "<script src=" not in page
    assert "cdn.plot.ly" not in page.split("</style>")[0]
    assert "Subscription" in page
    assert "÷" in page


# What is assumed


def test_a_draft_survives_the_workspace_and_a_broken_one_gives_the_defaults(bench, measured):
    changed = business_draft.Draft(
        choice=Hosted(provider_id="openai", model_id="gpt-4o"),
        shared={"fixed_cost": Decimal("9000.01")},
        own={"api": {"price_per_call": Decimal("0.02")}},
    )
    business_draft.keep(measured.id, changed)
    assert draft(measured) == changed
    bench.workspace.preferences.set(f"business.draft.{measured.id}", {"own": 3})
    assert isinstance(draft(measured).choice, AsMeasured)


def test_a_scenario_replaces_only_its_own_model(measured):
    usual = draft(measured)
    mine = usual.with_value(MODELS[1], "price_per_call", Decimal("0.03"))
    scenario = usual.with_value(MODELS[0], "price", Decimal(9)).scenario(MODELS[0])
    found = mine.with_scenario(scenario)
    assert found.own == {
        "api": {"price_per_call": Decimal("0.03")},
        "subscription": {"price": Decimal(9)},
    }


@pytest.mark.parametrize("path", [COST, FORMS, COMPARE])
def test_the_pages_are_in_chinese(open_page, measured, path):
    assert not opened(open_page, path, measured, lang="zh").exception
