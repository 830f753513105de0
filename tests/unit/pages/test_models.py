from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from components import cache, model_cards, model_form
from studio.config import Settings
from studio.economics.currency import Currency
from studio.errors import ModelUnavailable
from studio.inference.builtin_models import MINILM, MS_MARCO_MINILM, SMOLLM2
from studio.inference.catalogue import Catalogue, JsonCatalogueStore
from studio.inference.model_spec import ModelSpec
from studio.inference.service_models import builtin_models
from studio.records import Task

PAGE = "run/models.py"


def part(at, name: str):
    return at.segmented_control(key="_models.part").set_value(name).run()


def card_titles(at) -> list[str]:
    return [m.value for m in at.main.markdown if m.value.startswith("**")]


def test_the_catalogue_says_what_each_model_is_and_how_it_stands(open_page) -> None:
    at = open_page(PAGE)
    assert at.title[0].value == "Models"
    assert any("all\\-MiniLM" in title and "On disk" in title for title in card_titles(at))
    captions = [c.value for c in at.caption]
    assert any("93 MB" in text and "Apache" in text and "English" in text for text in captions)
    assert not at.error


def test_it_says_which_models_run_at_the_model_service(open_page, bench, monkeypatch) -> None:
    assert not open_page(PAGE).info
    settings = Settings(service_url="http://cluster:8600")
    elsewhere = Catalogue(JsonCatalogueStore(bench.settings.home / "m"), builtin_models(settings))
    monkeypatch.setattr(
        bench, "settings", replace(bench.settings, service_url="http://cluster:8600")
    )
    monkeypatch.setattr(bench, "catalogue", elsewhere)
    at = open_page(PAGE)
    (said,) = at.info
    assert r"cluster\:8600/v1" in said.value
    assert "MiniLM" in said.value
    assert "SmolLM2" in said.value
    assert "Qwen" not in said.value


def test_the_machine_stands_at_the_top(open_page) -> None:
    captions = [c.value for c in open_page(PAGE).caption]
    assert captions[:4] == ["Processor", "Memory", "Graphics card (GPU)", "Held by models"]


def test_a_task_narrows_the_list(open_page) -> None:
    at = open_page(PAGE)
    at.pills(key="_models.task").set_value(Task.GENERATION).run()
    assert not any("MiniLM" in title for title in card_titles(at))
    assert any("SmolLM2" in title for title in card_titles(at))


def test_load_runs_beside_the_page_and_unload_frees_it(open_page, bench) -> None:
    at = open_page(PAGE)
    at.button(key=f"_models.{SMOLLM2.id}.load").click().run()
    assert bench.models.load(SMOLLM2.id)  # waits for the same load
    at.run()
    assert "Loaded" in card_titles(at)[0]
    assert any(c.value.startswith("demo · ") for c in at.caption)
    at.button(key=f"_models.{SMOLLM2.id}.unload").click().run()
    state = {status.id: status.state for status in bench.models.status()}[SMOLLM2.id]
    assert state != "loaded"


def test_a_load_that_takes_long_does_not_hold_the_page(open_page, bench, monkeypatch) -> None:
    started, leave = threading.Event(), threading.Event()
    load = bench.models.load

    def slow(model, progress=None):
        started.set()
        leave.wait(10)
        return load(model, progress)

    monkeypatch.setattr(bench.models, "load", slow)
    at = open_page(PAGE)
    at.button(key=f"_models.{SMOLLM2.id}.load").click().run()
    assert started.wait(5)
    assert not at.run().error
    leave.set()
    assert all(job.wait(10) for job in bench.jobs.jobs())


def test_a_failed_load_says_why_and_can_be_tried_again(open_page, bench, monkeypatch) -> None:
    from studio.inference.loading import EngineLoader

    def fail(self):
        raise ModelUnavailable("{name} is damaged. Fetch it again.", name="SmolLM2")

    monkeypatch.setattr(EngineLoader, "generation", fail)
    at = open_page(PAGE)
    at.button(key=f"_models.{SMOLLM2.id}.load").click().run()
    assert all(job.wait(10) for job in bench.jobs.jobs())
    at.run()
    assert "SmolLM2 is damaged. Fetch it again." in [e.value for e in at.error]
    assert at.button(key=f"_models.{SMOLLM2.id}.load").label == "Try again"


def test_try_opens_the_test_box_with_that_model(open_page, bench, caplog) -> None:
    bench.models.load(SMOLLM2.id)
    at = open_page(PAGE)
    at.button(key=f"_models.{SMOLLM2.id}.try").click().run()
    assert at.selectbox(key="_models.try.model").value == SMOLLM2.id
    assert "default value" not in caplog.text  # Streamlit's complaint about two sources of a value


def test_the_test_box_needs_a_loaded_model(open_page) -> None:
    assert "No model is loaded" in part(open_page(PAGE), "try").info[0].value


def test_the_test_box_writes_and_says_how_fast(open_page, bench) -> None:
    bench.models.load(SMOLLM2.id)
    at = part(open_page(PAGE), "try")
    at.text_area(key="_models.try.prompt").set_value("The tide is high today.")
    next(b for b in at.button if b.label == "Let it write").click().run()
    assert any("tide" in m.value for m in at.main.markdown)
    assert any("tokens/s" in c.value and "first word after" in c.value for c in at.caption)
    bench.ledger.flush()
    assert bench.ledger.count() == 1


def test_the_test_box_compares_two_texts(open_page, bench) -> None:
    bench.models.load(MINILM.id)
    at = part(open_page(PAGE), "try")
    at.text_input(key="_models.try.first").set_value("same words")
    at.text_input(key="_models.try.second").set_value("same words")
    next(b for b in at.button if b.label == "Compare").click().run()
    assert at.metric[0].label == "Similarity (cosine)"
    assert at.metric[0].value == "1"


def test_the_test_box_orders_passages(open_page, bench) -> None:
    bench.models.load(MS_MARCO_MINILM.id)
    at = part(open_page(PAGE), "try")
    at.text_input(key="_models.try.query").set_value("when is the tide high")
    at.text_area(key="_models.try.passages").set_value("Tea is green.\n\n:red[The tide] is high.\n")
    next(b for b in at.button if b.label == "Put in order").click().run()
    (listed,) = [m.value for m in at.main.markdown if m.value.startswith("1. ")]
    first, second = listed.splitlines()
    assert "The tide" in first
    assert ":red[" not in first
    assert second.startswith("2. Tea is green")
    bench.ledger.flush()
    assert bench.ledger.count() == 1


def test_a_reranking_model_is_added(open_page, bench) -> None:
    at = part(open_page(PAGE), "add")
    at.segmented_control(key=model_form.FIELD + "task").set_value(Task.RERANKING).run()
    at.text_input(key=model_form.FIELD + "location").set_value("owner/judge").run()
    at.button(key=model_form.FIELD + "submit").click().run()
    assert bench.catalogue.get("judge").task is Task.RERANKING
    at = part(at, "catalogue")
    at.pills(key="_models.task").set_value(Task.RERANKING).run()
    assert any("judge" in title for title in card_titles(at))
    assert not any("MiniLM-L6" in title or "SmolLM2" in title for title in card_titles(at))


def test_an_endpoint_is_not_offered_for_reranking(open_page, bench) -> None:
    at = part(open_page(PAGE), "add")
    at.segmented_control(key=model_form.FIELD + "task").set_value(Task.RERANKING).run()
    at.segmented_control(key=model_form.FIELD + "source").set_value("remote").run()
    assert Task.RERANKING not in model_form.TASKS["remote"]
    at.segmented_control(key=model_form.FIELD + "remote_task").set_value(Task.EMBEDDING).run()
    at.text_input(key=model_form.FIELD + "base_url").set_value("https://a.test/v1").run()
    at.text_input(key=model_form.FIELD + "location").set_value("far").run()
    at.button(key=model_form.FIELD + "submit").click().run()
    assert bench.catalogue.get("far").task is Task.EMBEDDING


def add(at, source: str, **fields: str):
    at = part(at, "add")
    at.segmented_control(key=model_form.FIELD + "source").set_value(source).run()
    for name, value in fields.items():
        at.text_input(key=model_form.FIELD + name).set_value(value).run()
    return at.button(key=model_form.FIELD + "submit").click().run()


def test_a_hub_model_is_added_and_can_be_removed(open_page, bench) -> None:
    at = add(open_page(PAGE), "hub", location="Qwen/Qwen2.5-3B-Instruct")
    assert "Qwen2.5-3B-Instruct is in the catalogue now" in at.toast[0].value.replace("\\", "")
    spec = bench.catalogue.get("qwen2.5-3b-instruct")
    assert (spec.source, spec.location) == ("hub", "Qwen/Qwen2.5-3B-Instruct")
    assert at.text_input(key=model_form.FIELD + "location").value == ""
    at = part(at, "catalogue")
    at.button(key=f"_models.{spec.id}.remove").click().run()
    assert spec.id not in {s.id for s in bench.catalogue.list()}


def test_a_wrong_field_says_so_beside_itself_and_keeps_what_was_typed(open_page, bench) -> None:
    before = bench.catalogue.list()
    at = add(open_page(PAGE), "hub", location="https://huggingface.co/x/y")
    assert any("Enter only the name" in m.value for m in at.main.markdown)
    assert at.text_input(key=model_form.FIELD + "location").value == "https://huggingface.co/x/y"
    assert bench.catalogue.list() == before
    at.segmented_control(key=model_form.FIELD + "source").set_value("folder").run()
    assert not any("Enter only the name" in m.value for m in at.main.markdown)


def test_an_endpoints_key_is_stored_and_never_shown_again(open_page, bench) -> None:
    at = add(
        open_page(PAGE),
        "remote",
        base_url="https://api.example.test/v1",
        key="sk-very-secret",
        location="small-model",
    )
    spec = bench.catalogue.get("small-model")
    assert spec.base_url == "https://api.example.test/v1"
    assert bench.secrets.get(spec.secret_name) == "sk-very-secret"
    assert at.text_input(key=model_form.FIELD + "key").value == ""
    shown = [m.value for m in (*at.markdown, *at.caption, *at.toast)]
    assert not any("sk-very-secret" in text for text in shown)
    assert "sk-very-secret" not in str(bench.catalogue.list())


def test_the_models_of_an_endpoint_can_be_listed_and_chosen(open_page, bench, monkeypatch) -> None:
    asked = []

    def list_models(base_url, key):
        asked.append((base_url, key))
        return ("large", "small")

    monkeypatch.setattr(model_form, "list_models", list_models)
    at = part(open_page(PAGE), "add")
    at.segmented_control(key=model_form.FIELD + "source").set_value("remote").run()
    at.text_input(key=model_form.FIELD + "base_url").set_value("https://a.test/v1").run()
    at.text_input(key=model_form.FIELD + "key").set_value("k").run()
    at.button(key=model_form.FIELD + "list").click().run()
    assert asked == [("https://a.test/v1", "k")]
    at.selectbox(key=model_form.FIELD + "location").set_value("small").run()
    at.button(key=model_form.FIELD + "submit").click().run()
    assert bench.catalogue.get("small").location == "small"


def test_an_endpoint_that_does_not_answer_is_said_plainly(open_page, monkeypatch) -> None:
    def refuse(base_url, key):
        raise ModelUnavailable("{host} refused the key.", host="a.test")

    monkeypatch.setattr(model_form, "list_models", refuse)
    at = part(open_page(PAGE), "add")
    at.segmented_control(key=model_form.FIELD + "source").set_value("remote").run()
    at.button(key=model_form.FIELD + "list").click().run()
    assert at.error[0].value == "a.test refused the key."


@pytest.mark.parametrize(
    ("text", "taken", "expected"),
    [
        ("Qwen/Qwen2.5-0.5B-Instruct", set(), "qwen2.5-0.5b-instruct"),
        ("My model", {"my-model"}, "my-model-2"),
        ("中文模型", set(), "model"),
        ("~/models/a.gguf", {"a.gguf", "a.gguf-2"}, "a.gguf-3"),
        ("x" * 200, set(), "x" * 56),
        ("", set(), "model"),
    ],
)
def test_an_id_is_made_that_nobody_has(text, taken, expected) -> None:
    assert model_form.free_id(text, taken) == expected


def test_the_cards_rest_when_nothing_happens(bench) -> None:
    cache.first_paint().set()
    assert not model_cards._is_busy()


@pytest.fixture
def far(bench) -> ModelSpec:
    """A model at an endpoint; the demo engine answers in its place."""
    spec = ModelSpec(
        id="far",
        name="Far",
        task=Task.GENERATION,
        source="remote",
        location="far-1",
        base_url="https://models.internal.example/v1",
        secret_name="far",
    )
    bench.catalogue.add(spec)
    bench.secrets.set("far", "sk-old")
    return spec


def said(at) -> str:
    return "\n".join(e.value for e in (*at.success, *at.error, *at.caption)).replace("\\", "")


def test_an_endpoint_is_tested_on_its_card(open_page, bench, far, monkeypatch) -> None:
    at = open_page(PAGE)
    at.button(key="_models.far.test").click().run()
    assert "It answered in" in at.success[0].value
    assert "Say hello." in said(at)  # what the demo engine says

    def refuse(model_id):
        raise ModelUnavailable("{url} does not accept the stored key.", url="here")

    monkeypatch.setattr(bench.model_desk, "test", refuse)
    at.button(key="_models.far.test").click().run()
    assert "here does not accept the stored key." in said(at)
    assert not at.success


def test_an_endpoints_key_is_changed_on_its_card(open_page, bench, far) -> None:
    at = open_page(PAGE)
    at.text_input(key="_models.far.key").set_value("sk-new")
    at.button(key="_models.far.change").click().run()
    assert bench.secrets.get("far") == "sk-new"
    assert "The key was changed" in said(at)
    assert at.text_input(key="_models.far.key").value == ""
    assert "sk-new" not in said(at)


def test_an_unknown_price_is_entered_on_the_card(open_page, bench, far) -> None:
    at = open_page(PAGE)
    assert "The price of far-1 is unknown" in said(at)
    at.text_input(key="_models.far.in").set_value("much")
    at.text_input(key="_models.far.out").set_value("8")
    at.button(key="_models.far.keep").click().run()
    assert "much is not a price of tokens" in said(at)
    at.text_input(key="_models.far.in").set_value("6.9858")
    at.text_input(key="_models.far.out").set_value("13,9716")
    at.selectbox(key="_models.far.currency").set_value(Currency.CNY)
    at.button(key="_models.far.keep").click().run()
    price = bench.prices().overrides["far"]
    assert (price.input_usd_per_mtok, price.output_usd_per_mtok) == (1, 2)
    assert "Your own price for far: 1 USD in and 2 USD out" in said(at)
    at.button(key="_models.far.list_price").click().run()
    assert not bench.prices().overrides
    assert "is unknown" in said(at)


def test_the_files_of_a_fetched_model_are_deleted_after_a_second_look(
    open_page, bench, monkeypatch
) -> None:
    deleted = []
    monkeypatch.setattr(
        bench.model_desk, "size_on_disk", lambda model: 0 if model in deleted else 2_000_000
    )
    monkeypatch.setattr(bench.model_desk, "delete_files", deleted.append)
    at = open_page(PAGE)
    assert "Takes 2 MB of this computer's disk" in said(at)
    at.button(key=f"_models.{SMOLLM2.id}.delete_files").click().run()
    assert deleted == [SMOLLM2.id]
    assert "were deleted" in at.toast[0].value.replace("\\", "")
    assert f"_models.{SMOLLM2.id}.delete_files" not in {button.key for button in at.button}


def test_a_rate_is_said_to_be_the_mean_of_a_minute(open_page, bench) -> None:
    bench.model_desk.test(SMOLLM2.id)
    assert "as the mean of the last minute" in said(open_page(PAGE))
