"""What a version changed is said in words that a person uses, whatever was stored."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from components import i18n, setting_words
from studio.prototypes.chatbot.settings import LABELS, ChatbotSettings

NAMES = {"big-1": "Big One"}
PLAIN = ChatbotSettings()


def changed(**values) -> list[str]:
    return setting_words.changes(
        ChatbotSettings, PLAIN.to_json(), replace(PLAIN, **values).to_json(), NAMES
    )


def test_every_setting_has_a_name_of_its_own() -> None:
    assert set(LABELS) == {field.name for field in fields(ChatbotSettings)}
    assert len({str(label) for label in LABELS.values()}) == len(LABELS)


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"tone": "formal"}, "Tone: Friendly → Formal"),
        ({"language": "zh"}, "Language of the answers: English → 简体中文"),
        ({"answer_style": "quote"}, "Answer style: Automatic → Quote the documents"),
        ({"n_passages": 5}, "Passages to read (top k): 3 → 5"),
        ({"max_new_tokens": 1024}, "Answer length, at most (tokens): 120 → 1,024"),
        ({"min_relevance": 0.5}, "Relevance needed (threshold): 0.40 → 0.50"),
        ({"only_from_documents": False}, "Only answer from my documents: on → off"),
        ({"generation_model": "big-1"}, "Model that writes: the default → Big One"),
        ({"embedding_model": "gone"}, "Model that searches: the default → gone"),
        ({"starter_questions": ("a", "b")}, "Starter questions: 0 questions → 2 questions"),
        ({"greeting": "Hi\nthere"}, "Greeting: empty → “Hi there”"),
        ({"persona": "x" * 60}, f"Who it is: empty → “{'x' * 40}…”"),
    ],
)
def test_a_change_is_named_with_the_value_before_and_after(values, line) -> None:
    assert changed(**values) == [line]


def test_what_differs_behind_the_shown_part_is_said_to_be_reworded() -> None:
    before = replace(PLAIN, persona="x" * 60, starter_questions=("a",)).to_json()
    after = replace(PLAIN, persona="x" * 61, starter_questions=("b",)).to_json()
    assert setting_words.changes(ChatbotSettings, before, after, NAMES) == [
        "Who it is: reworded",
        "Starter questions: reworded",
    ]


def test_settings_of_older_and_newer_studios_are_compared_by_what_is_known() -> None:
    older = {"tone": "friendly", "n_passages": 3}
    assert setting_words.changes(ChatbotSettings, older, PLAIN.to_json(), NAMES) == []
    newer = {**PLAIN.to_json(), "invented_later": 1, "tone": "invented_later"}
    assert setting_words.changes(ChatbotSettings, PLAIN.to_json(), newer, NAMES) == [
        "Tone: Friendly → invented_later"
    ]


def test_the_words_follow_the_language(monkeypatch) -> None:
    monkeypatch.setattr(i18n, "language", lambda: "zh")
    assert changed(tone="formal") == ["语气：亲切 → 正式"]
