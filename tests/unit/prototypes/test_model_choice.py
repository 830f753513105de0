"""Which model searches where none is chosen, and what happens when it cannot be had."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from studio.config import Settings
from studio.errors import ModelUnavailable
from studio.inference.builtin_models import BUILTIN_MODELS, MINILM, USE_MULTILINGUAL
from studio.inference.catalogue import Catalogue, JsonCatalogueStore
from studio.inference.checksums import WeightsDiffer
from studio.inference.model_spec import Weights
from studio.inference.model_store import ModelStore
from studio.inference.service_models import builtin_models
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.prototypes.intake import IntakeChoices
from studio.prototypes.model_choice import automatic_embedding_model
from studio.workbench import Workbench


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", is_demo=False, offline=False)


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(JsonCatalogueStore(tmp_path / "models.json"))


@pytest.mark.parametrize(
    ("language", "expected"), [("en", MINILM), ("zh", USE_MULTILINGUAL), ("ja", USE_MULTILINGUAL)]
)
def test_a_language_gets_a_model_that_reads_it(catalogue, settings, language, expected) -> None:
    assert automatic_embedding_model(catalogue, settings, language) == expected


def test_one_that_runs_at_the_model_service_reads_it_too(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path,
        service_url="http://cluster/v1",
        service_models=(MINILM.id, USE_MULTILINGUAL.id),
    )
    store = JsonCatalogueStore(tmp_path / "models.json")
    catalogue = Catalogue(store, builtin_models(settings))
    chosen = automatic_embedding_model(catalogue, settings, "zh")
    assert (chosen.id, chosen.source) == (USE_MULTILINGUAL.id, "remote")


def test_a_language_that_nobody_reads_gets_the_default(catalogue, settings) -> None:
    assert automatic_embedding_model(catalogue, settings, "fi") == MINILM


def test_offline_only_a_model_that_is_here_is_taken(catalogue, settings, monkeypatch) -> None:
    offline = replace(settings, offline=True)
    assert automatic_embedding_model(catalogue, offline, "zh") == MINILM
    here = Weights(folder=Path("here"), gguf_f16=None, revision="r", size_bytes=1)
    monkeypatch.setattr(ModelStore, "present", lambda _self, _spec: here)
    assert automatic_embedding_model(catalogue, offline, "zh") == USE_MULTILINGUAL


def test_the_demo_and_a_default_of_the_users_own_are_left_alone(settings, tmp_path) -> None:
    catalogue = Catalogue(JsonCatalogueStore(tmp_path / "models.json"))
    assert automatic_embedding_model(catalogue, replace(settings, is_demo=True), "zh") == MINILM
    own = replace(
        MINILM, id="own", source="remote", base_url="http://127.0.0.1:9/v1", languages=(), sha256=""
    )
    catalogue.add(own)
    assert automatic_embedding_model(catalogue, settings, "zh") == own


def test_models_of_a_hub_are_not_taken_unasked(settings, tmp_path) -> None:
    others = tuple(spec for spec in BUILTIN_MODELS if spec != USE_MULTILINGUAL)
    catalogue = Catalogue(JsonCatalogueStore(tmp_path / "models.json"), others)
    assert automatic_embedding_model(catalogue, settings, "zh") == MINILM


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    with Workbench.open(settings=Settings(home=tmp_path / "home", is_demo=True)) as opened:
        yield opened


@pytest.fixture
def bot(workbench: Workbench, monkeypatch: pytest.MonkeyPatch) -> Chatbot:
    """A Chinese chatbot on stand-ins, for which the choice is made as it is outside the demo."""

    def choice(catalogue, settings, language):
        return automatic_embedding_model(catalogue, replace(settings, is_demo=False), language)

    monkeypatch.setattr("studio.prototypes.documented.automatic_embedding_model", choice)
    made = workbench.create_chatbot("客服", ChatbotSettings(language="zh", min_relevance=0.05))
    made.add_file("退货.md", "# 退货\n\n大多数商品可以在收货后45天内退货。\n".encode())
    return made


def refuse(workbench, monkeypatch, error) -> None:
    info = workbench.models.info

    def missing(model):
        if model == USE_MULTILINGUAL.id:
            raise error
        return info(model)

    monkeypatch.setattr(workbench.models, "info", missing)


def test_a_chinese_chatbot_is_indexed_and_searched_by_a_model_that_reads_chinese(bot) -> None:
    bot.update_index().result(30)
    assert bot.index_state().state == "ready"
    assert bot.index_state().model == bot.embedding_model == USE_MULTILINGUAL.id
    assert bot.ask("多少天内可以退货？").kind == "quoted"


def test_chinese_documents_get_a_model_that_reads_them_whatever_the_prototype_speaks(
    bot, workbench
) -> None:
    bot.configure(replace(bot.settings, language="en"))
    assert bot.reading_language == "zh"
    assert bot.embedding_model == USE_MULTILINGUAL.id
    made = bot.add_file("club.md", b"# Club\n\n" + b"The club costs 19 dollars a year. " * 9)
    assert bot.embedding_model == MINILM.id  # most of it is English now
    bot.remove_document(made[0].document_id)
    assert bot.embedding_model == USE_MULTILINGUAL.id


def test_what_comes_in_is_previewed_and_measured_by_the_model_that_will_read_it(bot) -> None:
    bot.configure(replace(bot.settings, language="en"))
    bot.remove_document(bot.documents()[0].document_id)
    chinese = bot.inspect([("配送.md", "# 配送\n\n订单在两天内送达，运费由商店承担。\n".encode())])
    english = bot.inspect([("club.md", b"# Club\n\nThe club costs 19 dollars a year.")])

    assert bot.embedding_model == MINILM.id  # as long as nothing is there
    assert bot.preview(english).model == MINILM.id
    assert bot.preview(chinese, IntakeChoices(skip=frozenset("0"))).model == MINILM.id
    before = bot.preview(chinese)
    bot.measure_reading(chinese)
    after = bot.preview(chinese)
    bot.take(chinese)

    assert before.model == after.model == bot.embedding_model == USE_MULTILINGUAL.id
    assert (before.cost.n_passages, after.cost.n_passages) == (1, 0)


def test_a_chosen_model_is_previewed_whatever_comes_in(bot) -> None:
    bot.configure(replace(bot.settings, embedding_model=MINILM.id))
    chinese = bot.inspect([("配送.md", "# 配送\n\n订单在两天内送达。\n".encode())])

    assert bot.preview(chinese).model == MINILM.id


def test_what_the_user_chose_is_used(bot) -> None:
    bot.configure(replace(bot.settings, embedding_model=MINILM.id))
    assert bot.embedding_model == MINILM.id


def test_without_that_model_the_default_indexes_and_questions_are_answered(
    bot, workbench, monkeypatch
) -> None:
    refuse(workbench, monkeypatch, ModelUnavailable("The package index does not answer."))
    bot.update_index().result(30)
    assert bot.index_state().model == MINILM.id
    assert bot.ask("多少天内可以退货？").kind == "quoted"
    assert bot.index_state().state == "mismatch"  # offers to try again


def test_a_chosen_model_and_wrong_files_are_not_replaced_by_another(
    bot, workbench, monkeypatch
) -> None:
    refuse(workbench, monkeypatch, WeightsDiffer(name="x", expected="a" * 64, found="b" * 64))
    with pytest.raises(WeightsDiffer):
        bot.update_index().result(30)
    refuse(workbench, monkeypatch, ModelUnavailable("The package index does not answer."))
    bot.configure(replace(bot.settings, embedding_model=USE_MULTILINGUAL.id))
    with pytest.raises(ModelUnavailable, match="does not answer"):
        bot.update_index().result(30)


def test_preparing_fetches_what_present_prototypes_need(settings, monkeypatch) -> None:
    with Workbench.open(settings=settings) as workbench:
        fetched, loaded = [], []
        monkeypatch.setattr(
            workbench.provisioner, "ensure", lambda spec, *_: fetched.append(spec.id)
        )
        monkeypatch.setattr(workbench.models, "load", lambda model, *_: loaded.append(model))
        workbench.create_chatbot("Help desk", ChatbotSettings(language="en"))
        workbench.prepare_models().wait(10)
        assert USE_MULTILINGUAL.id not in fetched
        workbench.create_chatbot("客服", ChatbotSettings(language="zh"))
        workbench.prepare_models().wait(10)
        assert fetched.count(USE_MULTILINGUAL.id) == loaded.count(USE_MULTILINGUAL.id) == 1


def test_preparing_goes_on_without_a_model_that_cannot_be_had(settings, monkeypatch) -> None:
    with Workbench.open(settings=settings) as workbench:
        loaded = []

        def ensure(spec, *_):
            if spec == USE_MULTILINGUAL:
                raise ModelUnavailable("The package index does not answer.")

        monkeypatch.setattr(workbench.provisioner, "ensure", ensure)
        monkeypatch.setattr(workbench.models, "load", lambda model, *_: loaded.append(model))
        workbench.create_chatbot("客服", ChatbotSettings(language="zh"))
        workbench.prepare_models().wait(10)
        assert MINILM.id in loaded
        assert USE_MULTILINGUAL.id not in loaded
