"""The chatbot: answers questions from the documents in data/, with the settings of settings.py.

    from product import ask

    print(ask("How long do I have to return something?").marked_text())

Searching, writing and checking are done by the library in library/, with which the chatbot was built;
so it answers here as it did there. The README says which of its files does what.
"""

from __future__ import annotations

from functools import cache

from studio.prototypes.bench.finding import Found
from studio.prototypes.chatbot.answer import Answer
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.stream import AnswerStream

from opening import opened


@cache
def chatbot() -> Chatbot:
    """The chatbot, ready to answer; the first call ever makes state/ from data/."""
    return opened(Chatbot)


def start_conversation() -> str:
    """A new conversation, in which earlier questions count; gives its id."""
    return chatbot().start_conversation()


def ask(question: str, conversation: str | None = None) -> Answer:
    """The answer to a question, with its citations and what it took; waits for it.

    Args:
        question: what somebody wants to know.
        conversation: the id of a conversation; None for a question by itself.
    """
    return chatbot().ask(question, conversation, surface="page")


def stream(question: str, conversation: str | None = None) -> AnswerStream:
    """The same while it is being written: iterate over the pieces, then ask for `.answer()`."""
    return chatbot().stream(question, conversation)


def find_passages(question: str) -> Found:
    """The first half of an answer: the passages that the model is given, best first."""
    return chatbot().bench.find(question, chatbot().settings)
