"""Another search model is set: the old index answers until the new one is there, and says so."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from studio.config import Settings
from studio.errors import ModelUnavailable
from studio.inference.loading import EngineLoader
from studio.inference.model_spec import ModelSpec
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.records import Task
from studio.workbench import Workbench

RETURNS = (
    "# Returns\n\nMost items may be returned within 45 days of delivery.\n\n"
    "# Labels\n\nA return label costs $4.95 for domestic parcels.\n"
)
QUESTION = "What does a return label cost for domestic parcels?"
OLD, NEW = "my-old-model", "bge-small-zh-v1.5"
WAIT_S = 30


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    with Workbench.open(settings=Settings(home=tmp_path / "home", is_demo=True)) as opened:
        opened.catalogue.add(
            ModelSpec(
                id=OLD,
                name="My old model",
                task=Task.EMBEDDING,
                source="hub",
                location="me/old",
            )
        )
        yield opened


@pytest.fixture
def bot(workbench: Workbench) -> Chatbot:
    """A chatbot indexed with the old model and set to the new one."""
    made = workbench.create_chatbot(
        "Help desk", ChatbotSettings(min_relevance=0.05, embedding_model=OLD)
    )
    made.add_file("returns.md", RETURNS.encode())
    made.update_index().result(WAIT_S)
    made.configure(replace(made.settings, embedding_model=NEW))
    return made


def models_asked(workbench: Workbench, bot: Chatbot, request_id: str) -> set[str]:
    calls = workbench.calls(bot.id)
    own = calls[(calls["request_id"] == request_id) & (calls["stage"] == "embedding")]
    return set(own["model"])


def test_the_old_index_answers_with_the_old_model(bot: Chatbot, workbench: Workbench) -> None:
    state = bot.index_state()
    assert (state.state, state.model, state.is_usable) == ("mismatch", OLD, True)
    assert str(state.notice) == (
        "Another model is set for searching. Answers still come from the index made with My old "
        "model; build it again to search with BGE small Chinese v1.5."
    )
    answer = bot.ask(QUESTION)
    assert answer.citations
    assert models_asked(workbench, bot, answer.figures.request_id) == {OLD}


def test_it_answers_while_the_new_one_is_built_and_after(
    bot: Chatbot, workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave, at_work = threading.Event(), threading.Event()
    info = workbench.models.info

    def slow(model: str):
        at_work.set()
        assert leave.wait(WAIT_S)
        return info(model)

    monkeypatch.setattr(workbench.models, "info", slow)
    job = bot.update_index()
    assert at_work.wait(WAIT_S)
    state = bot.index_state()
    assert (state.state, state.is_usable, state.n_documents) == ("building", True, 1)
    during = bot.ask(QUESTION)
    assert during.citations
    leave.set()
    job.result(WAIT_S)
    assert (bot.index_state().state, bot.index_state().model) == ("ready", NEW)
    after = bot.ask(QUESTION)
    assert after.citations
    assert models_asked(workbench, bot, during.figures.request_id) == {OLD}
    assert models_asked(workbench, bot, after.figures.request_id) == {NEW}


def test_a_swap_in_the_middle_of_a_question_does_not_mix_models(
    bot: Chatbot, workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    embed = workbench.models.embed

    def swap_meanwhile(request):
        made = embed(request)
        if request.purpose == "query" and request.context.surface == "notebook":
            monkeypatch.setattr(workbench.models, "embed", embed)
            bot.update_index().result(WAIT_S)
        return made

    monkeypatch.setattr(workbench.models, "embed", swap_meanwhile)
    answer = bot.ask(QUESTION)
    assert answer.citations
    assert models_asked(workbench, bot, answer.figures.request_id) == {OLD}
    assert bot.index_state().state == "ready"


def test_without_the_old_model_words_are_searched_and_that_is_said(
    bot: Chatbot, workbench: Workbench
) -> None:
    workbench.catalogue.remove(OLD)
    state = bot.index_state()
    assert (state.state, state.is_usable) == ("mismatch", True)
    assert str(state.notice) == (
        "The index was made with my-old-model, which is gone or has changed. Until it is built "
        "again with BGE small Chinese v1.5, only words are searched."
    )
    bot.configure(replace(bot.settings, min_relevance=0.4))
    answer = bot.ask(QUESTION)
    assert "$4.95" in answer.marked_text() + " ".join(quote.text for quote in answer.quotes)
    assert models_asked(workbench, bot, answer.figures.request_id) == set()
    assert bot.ask("Do you sell kayaks?").kind == "not_found"


def test_an_old_model_that_cannot_be_loaded_leaves_words(
    bot: Chatbot, workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self):
        raise ModelUnavailable("There are no weights of {name}.", name="it")

    monkeypatch.setattr(EngineLoader, "embedding", fail)
    workbench.models.unload(OLD)
    assert bot.ask(QUESTION).citations
    bot.configure(replace(bot.settings, embedding_model=OLD))
    with pytest.raises(ModelUnavailable):  # the model that is set must not fail silently
        bot.ask(QUESTION)


def test_weights_that_changed_are_noticed_at_the_first_question(
    bot: Chatbot, workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot.configure(replace(bot.settings, embedding_model=OLD))
    assert bot.index_state().state == "ready"
    embedding = EngineLoader.embedding

    def retrained(self):
        engine = embedding(self)
        finish = engine.finish
        engine.info = replace(engine.info, revision="2", dim=32)
        engine.finish = lambda raw: finish(raw)[:, :32]  # its vectors fit nothing in the index
        return engine

    monkeypatch.setattr(EngineLoader, "embedding", retrained)
    workbench.models.unload(OLD)
    answer = bot.ask(QUESTION)
    assert answer.citations
    state = bot.index_state()
    assert (state.state, state.is_usable) == ("mismatch", True)
    assert "My old model has changed" in str(state.notice)
    bot.update_index().result(WAIT_S)
    assert bot.index_state().state == "ready"


def test_a_new_model_that_fails_leaves_the_old_index_and_says_why(
    bot: Chatbot, workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(model: str):
        raise ModelUnavailable("There are no weights of {name}.", name=model)

    with monkeypatch.context() as patch:
        patch.setattr(workbench.models, "info", fail)
        assert bot.update_index().wait(WAIT_S)
    state = bot.index_state()
    assert (state.state, state.is_usable, str(state.notice)) == (
        "failed",
        True,
        f"There are no weights of {NEW}.",
    )
    assert bot.ask(QUESTION).citations


def test_a_rebuild_that_was_stopped_is_offered_again(bot: Chatbot, workbench: Workbench) -> None:
    blockers = [
        workbench.jobs.start("n", state.notice, lambda context: threading.Event().wait(0.5))
        for state in [bot.index_state()] * 4
    ]
    job = bot.update_index()
    job.cancel()
    assert job.wait(WAIT_S)
    assert bot.index_state().state == "mismatch"
    assert bot.ask(QUESTION).citations
    assert all(blocker.wait(WAIT_S) for blocker in blockers)


def test_going_back_to_the_old_model_embeds_nothing_again(
    bot: Chatbot, workbench: Workbench
) -> None:
    bot.update_index().result(WAIT_S)
    bot.configure(replace(bot.settings, embedding_model=OLD))
    n_calls = len(workbench.calls(bot.id))
    bot.update_index().result(WAIT_S)
    assert bot.index_state().model == OLD
    assert len(workbench.calls(bot.id)) == n_calls


def test_a_copy_is_indexed_without_the_model(bot: Chatbot, workbench: Workbench) -> None:
    bot.update_index().result(WAIT_S)
    copy = workbench.duplicate(bot.id, "Copy")
    assert copy.update_index().wait(WAIT_S)
    assert copy.index_state().state == "ready"
    assert len(workbench.calls(copy.id)) == 0


def test_new_documents_wait_for_their_index(bot: Chatbot) -> None:
    bot.configure(replace(bot.settings, embedding_model=OLD))
    bot.add_file("hours.md", b"# Hours\n\nThe shop opens at ten.")
    state = bot.index_state()
    assert (state.state, state.is_usable) == ("stale", False)
