"""What a model is told: who it is, what it may use, what was said before, and the question.

Two forms. A large model gets numbered passages and rules. A model of under 300 million parameters loses
facts when it reads much, so it gets only the sentences that fit best and two worked examples: on 120
questions about public English paragraphs, the answers of a 135M model that the passages bore out were
right in 53 % with this form against 43 % with three whole passages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.records import Message

_TONES = {
    "friendly": "You are warm and helpful.",
    "neutral": "You are clear and factual.",
    "formal": "You are polite and formal.",
    "brief": "You answer as briefly as possible.",
}
_LANGUAGES = {"en": "English", "zh": "Simplified Chinese (简体中文)"}

_PASSAGES = "\n\nPassages:\n"

_EXAMPLES = (
    (
        "Text:\nThe library is open from 9 am to 6 pm on weekdays. On Saturdays it closes at 2 pm.\n\n"
        "Question: When do you close on Saturday?",
        "On Saturdays it closes at 2 pm.",
    ),
    (
        "Text:\nA single ticket costs 3.20 euros and is valid for 90 minutes.\n\n"
        "Question: what does a ticket cost",
        "A single ticket costs 3.20 euros.",
    ),
)


def grounded_messages(
    settings: ChatbotSettings,
    question: str,
    passages: Sequence[tuple[str, str]],
    memory: Sequence[Message],
) -> tuple[Message, ...]:
    """The turns for a large model: `passages` as `(document name, text)`, the best first."""
    listing = "\n\n".join(
        f"[{number}] ({name})\n{text}" for number, (name, text) in enumerate(passages, start=1)
    )
    rule = (
        "Use only the passages. If they do not answer the question, say that you could not find it."
        if settings.only_from_documents
        else "Prefer the passages; say so when you answer from general knowledge."
    )
    system = (
        f"{_character(settings)}\nAnswer from the numbered passages and put the number of the passage "
        f"in square brackets after each sentence, like [1]. {rule}{_PASSAGES}{listing}"
    )
    return (Message(role="system", content=system), *memory, Message(role="user", content=question))


def instructions_in(messages: Sequence[Message]) -> str:
    """What the model was told to be and to do, without the passages."""
    return messages[0].content.partition(_PASSAGES)[0]


def small_model_messages(
    settings: ChatbotSettings, question: str, sentences: Sequence[str], memory: Sequence[Message]
) -> tuple[Message, ...]:
    """The turns for a small model: the sentences that fit best, in a row, and two examples."""
    system = (
        f"{_character(settings)} You answer questions about a text in one or two short sentences. "
        "Use only facts from the text."
    )
    turns = [Message(role="system", content=system)]
    for asked, answered in _EXAMPLES:
        turns.append(Message(role="user", content=asked))
        turns.append(Message(role="assistant", content=answered))
    text = " ".join(sentences)
    turns.extend(memory)
    turns.append(Message(role="user", content=f"Text:\n{text}\n\nQuestion: {question}"))
    return tuple(turns)


def free_messages(
    settings: ChatbotSettings, question: str, memory: Sequence[Message]
) -> tuple[Message, ...]:
    """The turns for an answer without documents, when those are not required."""
    return (
        Message(role="system", content=_character(settings)),
        *memory,
        Message(role="user", content=question),
    )


def memory_within(
    turns: Sequence[Message], budget_tokens: int, count_tokens: Callable[[Sequence[Message]], int]
) -> tuple[Message, ...]:
    """The latest whole exchanges that fit the budget, oldest first; none for a budget of 0.

    Args:
        turns: user and assistant turns in order; an unanswered last question is left out.
        budget_tokens: how many tokens the kept turns may have together.
        count_tokens: tokens of the given turns.
    """
    exchanges = [
        (first, second)
        for first, second in zip(turns, turns[1:], strict=False)
        if first.role == "user" and second.role == "assistant"
    ]
    kept: list[Message] = []
    for question, answer in reversed(exchanges):
        longer = [question, answer, *kept]
        if count_tokens(longer) > budget_tokens:
            break
        kept = longer
    return tuple(kept)


def _character(settings: ChatbotSettings) -> str:
    who = settings.persona.strip() or "You are a helpful assistant."
    return f"{who} {_TONES[settings.tone]} You answer in {_LANGUAGES[settings.language]}."
