"""The short list of what can be wrong with an answer, by kind of prototype."""

from __future__ import annotations

from collections.abc import Mapping

from studio.records import Notice

REASONS: Mapping[str, Notice] = {
    "wrong": Notice("It is wrong"),
    "incomplete": Notice("Something is missing"),
    "outdated": Notice("It is out of date"),
    "off_topic": Notice("It does not answer the question"),
    "tone": Notice("The tone is not right"),
    "too_long": Notice("It is too long"),
    "not_relevant": Notice("It does not fit"),
    "not_found": Notice("What I looked for is not there"),
    "order": Notice("The best is too far down"),
    "known": Notice("I know or have it already"),
    "other": Notice("Something else"),
}
"""What each reason is called, as its reader says it."""

_OF_KIND: Mapping[str, tuple[str, ...]] = {
    "chatbot": ("wrong", "incomplete", "outdated", "off_topic", "tone", "other"),
    "content": ("wrong", "incomplete", "tone", "too_long", "other"),
    "search": ("not_relevant", "not_found", "order", "outdated", "other"),
    "classifier": ("wrong", "other"),
    "recommendation": ("not_relevant", "known", "order", "other"),
}


def reasons_of(kind: str) -> tuple[str, ...]:
    """The reasons offered for a kind, in their order; those of a chatbot for one that has none."""
    return _OF_KIND.get(kind, _OF_KIND["chatbot"])
