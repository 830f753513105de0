"""Opening a studio, its models and its money."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from studio.acting import Actor, Role
from studio.config import Settings
from studio.economics.prices import Basis, TokenPrice
from studio.errors import InvalidInput, NotFound, StudioError
from studio.inference.model_spec import ModelSpec
from studio.inference.turns import Turn
from studio.prototypes.content.content import Content
from studio.prototypes.content.forms_filled import example_form
from studio.prototypes.content.votes import Contender
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.records import CallContext, GenerationRequest, Message, Task
from studio.workbench import Workbench
from studio.workspace.records import NewEventRecord
from tests.openai_stub import KEY, running_endpoint


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    with Workbench.open(settings=Settings(home=tmp_path / "home", is_demo=True)) as opened:
        yield opened


def test_a_folder_that_cannot_be_made_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StudioError, match="Set STUDIO_HOME"):
        Workbench.open(tmp_path / "file" / "home")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_sample_is_made_once_per_language(workbench: Workbench, language: str) -> None:
    first = workbench.sample_chatbot(language)
    first.update_index().wait(60)
    assert len(first.documents()) >= 20
    assert all(document.status == "read" for document in first.documents())
    assert first.index_state().state == "ready"
    assert first.settings.language == language
    assert workbench.sample_chatbot(language).id == first.id


def test_two_studios_share_a_postgresql_database(postgres, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", is_demo=True, database_url=postgres.new_database())
    with Workbench.open(settings=settings) as one:
        bot = one.sample_chatbot("en")
        bot.update_index().wait(60)
        answer = bot.ask("How long do I have to return an item?")
        with Workbench.open(settings=settings, resume=False) as other:
            assert other.prototype(bot.slug).id == bot.id
            calls = other.ledger.frame(prototype_id=bot.id)
            assert answer.figures.request_id in set(calls["request_id"])
    assert not settings.ledger_path.exists()
    assert not (settings.home / "workspace.db").exists()


def test_every_call_is_in_the_turn_of_whoever_began_it_however_many_threads_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = Actor(name="Ann", role=Role.EDITOR, user_id="ann")
    page = threading.current_thread()

    def find_actor() -> Actor | None:
        return ann if threading.current_thread() is page else None

    settings = Settings(home=tmp_path / "home", is_demo=True)
    with Workbench.open(settings=settings, find_actor=find_actor) as bench:
        turns: list[tuple[str, str]] = []
        said = bench.models._turn

        def _turn(context: CallContext, n_texts: int = 1) -> Turn:
            turn = said(context, n_texts)
            turns.append((context.request_id, turn.user))
            return turn

        monkeypatch.setattr(bench.models, "_turn", _turn)
        bot = bench.sample_chatbot("en")
        bot.update_index().wait(60)
        bot.ask("How long do I have to return an item?")
        content = bench.sample(Content, "en")
        content.start(example_form(content.settings.variables), 2).result()
        content.votes.start(
            example_form(content.settings.variables),
            Contender(name="one"),
            Contender(name="two", instructions="Say {{ product }} in one sentence."),
        ).result()
    assert len(turns) > 5
    assert {user for _, user in turns} == {"ann"}


def test_there_is_no_sample_in_other_languages(workbench: Workbench) -> None:
    with pytest.raises(NotFound, match="fr"):
        workbench.sample_chatbot("fr")


def a_tuned_model(home: Path) -> ModelSpec:
    folder = home / "tuned" / "abc" / "model"
    folder.mkdir(parents=True)
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (folder / name).write_text("{}")
    return ModelSpec(
        id="tuned-abc", name="Ours", task=Task.EMBEDDING, source="folder", location=str(folder)
    )


def test_a_tuned_model_is_found_after_the_home_has_moved(tmp_path: Path) -> None:
    before, after = tmp_path / "home", tmp_path / "elsewhere" / "home"
    with Workbench.open(settings=Settings(home=before, is_demo=True)) as opened:
        opened.catalogue.add(a_tuned_model(before))
        assert opened.catalogue.get("tuned-abc").location == str(before / "tuned/abc/model")
    after.parent.mkdir()
    before.rename(after)
    with Workbench.open(settings=Settings(home=after, is_demo=True)) as opened:
        found = opened.catalogue.get("tuned-abc")
        assert found.location == str(after / "tuned/abc/model")
        assert opened.provisioner.is_ready(found)


def test_a_tuned_model_kept_with_its_whole_path_is_found_after_a_move(tmp_path: Path) -> None:
    before, after = tmp_path / "home", tmp_path / "moved"
    with Workbench.open(settings=Settings(home=before, is_demo=True)) as opened:
        opened.catalogue.add(a_tuned_model(before))
        (stored,) = opened.workspace.load_models()
        opened.workspace.save_models([{**stored, "location": str(before / "tuned/abc/model")}])
    before.rename(after)
    with Workbench.open(settings=Settings(home=after, is_demo=True)) as opened:
        assert opened.catalogue.get("tuned-abc").location == str(after / "tuned/abc/model")


def test_added_models_are_there_after_reopening(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", is_demo=True)
    spec = ModelSpec(
        id="my-endpoint",
        name="My endpoint",
        task=Task.GENERATION,
        source="remote",
        location="gpt-x",
        base_url="http://127.0.0.1:9/v1",
        secret_name="my-endpoint",
    )
    with Workbench.open(settings=settings) as workbench:
        workbench.catalogue.add(spec)
        workbench.secrets.set("my-endpoint", "sk-secret-value")
    with Workbench.open(settings=settings) as workbench:
        assert workbench.catalogue.get("my-endpoint") == spec
        assert workbench.secrets.get("my-endpoint") == "sk-secret-value"
    kept = b"".join(path.read_bytes() for path in settings.home.rglob("*") if path.is_file())
    assert b"sk-secret-value" not in kept


def test_the_price_of_the_machine_is_kept_and_checked(workbench: Workbench) -> None:
    workbench.set_machine_hour_usd(Decimal("0.25"))
    assert workbench.prices().machine_hour_usd == Decimal("0.25")
    with pytest.raises(InvalidInput):
        workbench.set_machine_hour_usd(Decimal("-1"))
    assert workbench.machine_hour_usd == Decimal("0.25")


def test_a_call_to_an_endpoint_is_never_priced_as_time_of_this_machine(tmp_path: Path) -> None:
    turns = (Message(role="user", content="alpha beta"),)
    request = GenerationRequest(messages=turns, model="far", context=CallContext(request_id="r"))
    settings = Settings(home=tmp_path / "home", is_demo=False)
    with running_endpoint() as endpoint, Workbench.open(settings=settings) as workbench:
        spec = ModelSpec(
            id="far",
            name="Far",
            task=Task.GENERATION,
            source="remote",
            location="stub-1",
            base_url=endpoint.base_url,
            secret_name="far",
        )
        workbench.secrets.set("far", KEY)
        workbench.catalogue.add(spec)
        call = workbench.models.generate(request).result().call
        assert call.device == "remote:" + endpoint.base_url.removeprefix("http://")
        assert workbench.prices().price_of(call).basis is Basis.UNKNOWN
        one = Decimal(1)
        workbench.set_price("far", TokenPrice(input_usd_per_mtok=one, output_usd_per_mtok=one))
        assert workbench.prices().price_of(call).basis is Basis.OVERRIDE


def test_own_prices_are_set_and_taken_back(workbench: Workbench) -> None:
    price = TokenPrice(input_usd_per_mtok=Decimal("0.15"), output_usd_per_mtok=Decimal("0.60"))
    workbench.set_price("my-model", price)
    assert workbench.prices().overrides["my-model"] == price
    workbench.set_price("my-model", None)
    assert workbench.prices().overrides == {}


def test_preparing_loads_both_default_models(workbench: Workbench) -> None:
    workbench.prepare_models().wait(30)
    assert workbench.models_ready()
    loaded = [status for status in workbench.models.status() if status.state == "loaded"]
    assert {status.task for status in loaded} == {Task.EMBEDDING, Task.GENERATION}


def test_unfinished_indexes_go_on_when_the_workbench_opens(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", is_demo=True)
    with Workbench.open(settings=settings) as workbench:
        bot = workbench.create_chatbot("Help desk")
        bot.add_file("a.md", b"# Hours\n\nThe shop opens at ten.")
        job = bot.update_index()
        job.result(30)
    (row,) = workbench.workspace.jobs.list()
    assert (row.key, row.state) == (bot.id, "done")
    workbench.workspace.jobs.save(
        replace(row, state="running", ended_at=None)
    )  # as a kill leaves it
    with Workbench.open(settings=settings, resume=False) as waiting:
        assert waiting.jobs.jobs() == ()
        assert [record.state for record in waiting.jobs.history()] == ["running"]
    with Workbench.open(settings=settings) as again:
        (resumed,) = again.jobs.jobs()
        resumed.result(30)
        assert (resumed.id, resumed.key) == (job.id, bot.id)
        assert again.prototype(bot.id).index_state().job is resumed
        assert again.resume_jobs() == ()


def test_no_cache_is_kept_when_it_is_switched_off(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", is_demo=True, embedding_cache_bytes=0)
    with Workbench.open(settings=settings) as workbench:
        workbench.sample_chatbot().update_index().result(60)
    assert not settings.cache_dir.exists()


def test_a_copy_of_a_recommender_knows_what_its_users_did(workbench: Workbench) -> None:
    original = workbench.sample(Recommendation)
    event = NewEventRecord(
        user_id="u1", item_id="a", kind="buy", rating=None, at=datetime(2026, 1, 2, tzinfo=UTC)
    )
    workbench.workspace.new_events.add(original.id, [event])
    copy = workbench.duplicate(original.id, "Copy")
    assert workbench.workspace.new_events.list(copy.id) == (event,)
    assert workbench.workspace.new_events.list(original.id) == (event,)


def test_a_copy_of_a_search_is_measured_by_the_same_judgements(workbench: Workbench) -> None:
    original = workbench.sample_search()
    workbench.workspace.judgements.put(original.id, [("tea", "teas.csv#Assam", 3)], "upload")
    copy = workbench.duplicate(original.slug, "Copy")
    assert workbench.workspace.judgements.list(copy.id) == workbench.workspace.judgements.list(
        original.id
    )
    workbench.workspace.judgements.remove(copy.id, "tea")
    assert len(workbench.workspace.judgements.list(original.id)) == 1
