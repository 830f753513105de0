"""What a model is told, and how much of the conversation it is told again."""

from __future__ import annotations

from collections.abc import Sequence

from studio.prototypes.chatbot.prompt import (
    grounded_messages,
    memory_within,
    small_model_messages,
)
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.records import Message


def turns(*pairs: tuple[str, str]) -> list[Message]:
    said = []
    for question, answer in pairs:
        said.append(Message(role="user", content=question))
        said.append(Message(role="assistant", content=answer))
    return said


def count_words(messages: Sequence[Message]) -> int:
    return sum(len(message.content.split()) for message in messages)


def test_memory_keeps_the_latest_whole_exchanges_within_the_budget() -> None:
    said = turns(("a b", "c d"), ("e f", "g h"), ("i j", "k l"))
    assert memory_within(said, 8, count_words) == tuple(said[2:])
    assert memory_within(said, 7, count_words) == tuple(said[4:])


def test_no_budget_keeps_nothing() -> None:
    assert memory_within(turns(("a", "b")), 0, count_words) == ()


def test_an_unanswered_question_is_not_remembered() -> None:
    said = [*turns(("a", "b")), Message(role="user", content="c")]
    assert memory_within(said, 100, count_words) == tuple(said[:2])


def test_a_large_model_gets_numbered_passages_and_the_rule() -> None:
    settings = ChatbotSettings(persona="You work for Maple & Tide.", tone="brief", language="zh")
    system, question = grounded_messages(settings, "问题?", [("a.md", "甲"), ("b.md", "乙")], ())
    assert "[1] (a.md)\n甲" in system.content
    assert "[2] (b.md)\n乙" in system.content
    assert "Maple & Tide" in system.content
    assert "Simplified Chinese" in system.content
    assert "could not find" in system.content
    assert question == Message(role="user", content="问题?")


def test_the_rule_is_loosened_when_documents_are_not_required() -> None:
    settings = ChatbotSettings(only_from_documents=False)
    (system, *_) = grounded_messages(settings, "q", [("a.md", "text")], ())
    assert "general knowledge" in system.content


def test_a_small_model_reads_its_sentences_right_before_the_question() -> None:
    memory = turns(("earlier question", "earlier answer"))
    messages = small_model_messages(ChatbotSettings(), "How long?", ["It takes 3 days."], memory)
    assert messages[-1].content == "Text:\nIt takes 3 days.\n\nQuestion: How long?"
    assert messages[-3:-1] == tuple(memory)
