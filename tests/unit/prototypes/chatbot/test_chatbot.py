"""A chatbot through the workbench, on the deterministic engine: what is kept, said and refused."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from studio.config import Settings
from studio.errors import InvalidInput, NotFound, StudioError
from studio.inference.model_spec import ModelSpec
from studio.inference.model_store import ModelStore, Weights
from studio.prototypes.chatbot.answer import Answer
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.records import Message, Task
from studio.workbench import Workbench

RETURNS = (
    "# Returns\n\nMost items may be returned within 45 days of delivery.\n\n"
    "# Labels\n\nA return label costs $4.95 for domestic parcels.\n"
)


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    with Workbench.open(settings=Settings(home=tmp_path / "home", is_demo=True)) as opened:
        yield opened


@pytest.fixture
def bot(workbench: Workbench) -> Chatbot:
    made = workbench.create_chatbot("Help desk", ChatbotSettings(min_relevance=0.05))
    made.add_file("returns.md", RETURNS.encode())
    made.update_index().wait(30)
    return made


def test_an_answer_cites_the_passage_with_its_place(bot: Chatbot) -> None:
    answer = bot.ask("Within how many days may items be returned?")
    assert "45 days" in answer.marked_text() + " ".join(quote.text for quote in answer.quotes)
    citation = answer.citations[0]
    page = bot.document(citation.document_id).pages[0]
    assert page.text[citation.start : citation.end] == citation.text
    assert citation.document_name == "returns.md"


def test_turns_that_the_asker_keeps_are_read_as_a_conversation_is_and_nothing_is_kept(
    bot: Chatbot, workbench: Workbench
) -> None:
    bot.configure(replace(bot.settings, min_relevance=0.15))
    assert bot.ask("And why?").kind == "not_found"
    turns = (
        Message(role="user", content="What does a return label cost for domestic parcels?"),
        Message(role="assistant", content="It costs $4.95."),
    )
    assert bot.ask("And why?", turns=turns).kind != "not_found"
    assert workbench.workspace.conversations.list(bot.id) == ()


def test_every_citation_in_the_text_names_a_passage(bot: Chatbot) -> None:
    answer = bot.ask("What does a return label cost for domestic parcels?")
    used = {n for s in (*answer.sentences, *answer.quotes) for n in s.citations}
    assert used == {citation.number for citation in answer.citations}
    assert min(used) == 1


def test_nothing_relevant_is_said_so_without_calling_the_writing_model(
    bot: Chatbot, workbench: Workbench
) -> None:
    bot.configure(replace(bot.settings, min_relevance=1.0))
    answer = bot.ask("Do you sell kayaks?")
    assert answer.kind == "not_found"
    assert answer.text == "I could not find this in the documents."
    assert answer.citations == ()
    calls = workbench.calls(bot.id)
    assert "generation" not in set(calls["stage"])


def test_a_chinese_bot_says_so_in_chinese(bot: Chatbot) -> None:
    bot.configure(replace(bot.settings, min_relevance=1.0, language="zh"))
    assert "没有找到" in bot.ask("卖皮划艇吗？").text


def test_without_the_rule_it_answers_freely_and_says_that(bot: Chatbot) -> None:
    bot.configure(replace(bot.settings, min_relevance=1.0, only_from_documents=False))
    answer = bot.ask("Say hello to the team.")
    assert answer.kind == "free"
    assert answer.note is not None
    assert answer.figures.tokens_out > 0


def test_hello_is_answered_without_a_search(bot: Chatbot, workbench: Workbench) -> None:
    n_calls = len(workbench.calls())
    assert bot.ask("Hello!").kind == "greeting"
    assert len(workbench.calls()) == n_calls


def test_figures_equal_the_ledger(bot: Chatbot, workbench: Workbench) -> None:
    answer = bot.ask("Within how many days may items be returned?")
    calls = workbench.calls(bot.id)
    own = calls[calls["request_id"] == answer.figures.request_id]
    assert answer.figures.tokens_in == own["tokens_in"].sum()
    assert answer.figures.tokens_out == own["tokens_out"].sum()
    assert set(own["version"]) == {bot.version}


def test_a_conversation_is_there_after_reopening(bot: Chatbot, tmp_path: Path) -> None:
    conversation = bot.start_conversation()
    said = bot.ask("Within how many days may items be returned?", conversation)
    with Workbench.open(settings=Settings(home=tmp_path / "home", is_demo=True)) as again:
        turns = again.prototype(bot.slug).turns(conversation)
    assert [turn.role for turn in turns] == ["user", "assistant"]
    assert Answer.from_json(turns[1].extra["answer"]) == said


def test_another_question_is_not_answered_from_what_the_one_before_found(bot: Chatbot) -> None:
    conversation = bot.start_conversation()
    bot.configure(replace(bot.settings, min_relevance=0.15))
    assert bot.ask("What does a return label cost for domestic parcels?", conversation).citations
    other = bot.ask("Who won the football championship yesterday evening?", conversation)
    assert other.kind == "not_found"


def test_a_follow_up_is_searched_with_the_question_before_it(bot: Chatbot) -> None:
    conversation = bot.start_conversation()
    bot.configure(replace(bot.settings, min_relevance=0.15))
    first = bot.ask("What does a return label cost for domestic parcels?", conversation)
    assert first.kind != "not_found"
    assert bot.ask("And why?", conversation).kind != "not_found"
    assert bot.ask("And why?").kind == "not_found"


def test_questions_that_cannot_be_read_are_refused_with_the_limit(bot: Chatbot) -> None:
    with pytest.raises(InvalidInput, match=r"100,000 characters; at most 4,000"):
        bot.ask("a" * 100_000)
    with pytest.raises(InvalidInput, match="empty"):
        bot.ask(" \n")


def test_a_bad_file_is_kept_as_refused_with_its_reason(bot: Chatbot) -> None:
    (record,) = bot.add_file("empty.txt", b"")
    assert record.status == "refused"
    assert record.reason is not None
    assert "empty.txt" in str(record.reason)
    assert bot.index_state().state == "ready"


def test_the_index_follows_the_documents(bot: Chatbot) -> None:
    assert bot.index_state().state == "ready"
    (added,) = bot.add_file("hours.md", b"# Hours\n\nThe shop opens at ten.")
    assert bot.index_state().state == "stale"
    bot.update_index().wait(30)
    assert bot.index_state().n_documents == 2
    bot.remove_document(added.document_id)
    bot.update_index().wait(30)
    assert bot.index_state().n_documents == 1


def test_a_bot_without_documents_says_what_to_do(workbench: Workbench) -> None:
    empty = workbench.create_chatbot("Empty")
    assert empty.index_state().state == "empty"
    assert empty.ask("Anything?").kind == "not_found"


def test_settings_make_versions_and_the_same_settings_do_not(bot: Chatbot) -> None:
    version = bot.version
    bot.configure(replace(bot.settings, tone="formal"))
    bot.configure(replace(bot.settings, tone="formal"))
    assert bot.version == version + 1


def test_a_copy_has_the_documents_and_its_own_settings(bot: Chatbot, workbench: Workbench) -> None:
    copy = workbench.duplicate(bot.id, "Copy")
    copy.configure(replace(copy.settings, tone="brief"))
    assert [d.name for d in copy.documents()] == ["returns.md"]
    assert bot.settings.tone == "friendly"


def test_a_deleted_bot_comes_back_whole(bot: Chatbot, workbench: Workbench) -> None:
    workbench.delete(bot.id)
    with pytest.raises(NotFound):
        workbench.prototype(bot.id)
    assert [d.name for d in workbench.restore(bot.id).documents()] == ["returns.md"]


def test_a_stopped_answer_is_kept_as_stopped(bot: Chatbot) -> None:
    conversation = bot.start_conversation()
    stream = bot.stream("What does a return label cost for domestic parcels?", conversation)
    stream.cancel()
    answer = stream.answer(30)
    assert answer.finish_reason == "cancelled"
    assert len(bot.turns(conversation)) == 2
    assert bot.running(conversation) is None


def test_a_notebook_sees_answer_and_bot(bot: Chatbot) -> None:
    assert "Help desk" in bot._repr_markdown_()
    shown = bot.ask("What does a return label cost?")._repr_markdown_()
    assert "tokens in" in shown
    assert "cost" in shown


def test_an_unexpected_error_is_kept_in_the_conversation(
    bot: Chatbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("studio.prototypes.chatbot.answering.Answering.run", fail)
    conversation = bot.start_conversation()
    with pytest.raises(StudioError, match="unexpected"):
        bot.ask("Within how many days?", conversation)
    assert "id" in bot.turns(conversation)[1].extra["error"]["values"]
    assert bot.running(conversation) is None


def test_a_zip_gives_a_document_for_each_file_in_it(bot: Chatbot) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("help/hours.md", "# Hours\n\nThe shop opens at ten.")
        archive.writestr("help/empty.txt", "")
    records = bot.add_file("all.zip", packed.getvalue())
    assert [(record.name, record.status) for record in records] == [
        ("all.zip/help/hours.md", "read"),
        ("all.zip/help/empty.txt", "refused"),
    ]
    bot.update_index().wait(30)
    assert "ten" in bot.ask("When does the shop open?").citations[0].text


WRITER = ModelSpec(
    id="writer",
    name="Writer",
    task=Task.GENERATION,
    source="remote",
    location="writer-1",
    base_url="https://models.example.com/v1",
)


@pytest.mark.parametrize(
    ("settings", "missing", "is_ready"),
    [
        ({}, Task.GENERATION, False),
        ({}, Task.EMBEDDING, False),
        ({"generation_model": WRITER.id}, Task.GENERATION, True),
        ({"generation_model": WRITER.id}, Task.EMBEDDING, False),
        ({"answer_style": "quote"}, Task.GENERATION, True),
        ({"answer_style": "quote", "only_from_documents": False}, Task.GENERATION, False),
        ({"language": "zh"}, Task.GENERATION, True),  # the default does not write it
        ({"language": "zh", "answer_style": "write"}, Task.GENERATION, False),
    ],
)
def test_it_waits_only_for_the_models_that_it_asks(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, object],
    missing: Task,
    is_ready: bool,
) -> None:
    there = Weights(folder=tmp_path, gguf_f16=None, revision="1", size_bytes=1)
    monkeypatch.setattr(
        ModelStore, "present", lambda _store, spec: None if spec.task is missing else there
    )
    with Workbench.open(settings=Settings(home=tmp_path / "home", offline=True)) as opened:
        opened.catalogue.add(WRITER)
        bot = opened.create_chatbot("Help desk", replace(ChatbotSettings(), **settings))
        assert bot.models_ready() is is_ready
