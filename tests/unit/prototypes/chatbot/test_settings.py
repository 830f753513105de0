"""Settings keep to their ranges and survive being stored."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components import i18n
from studio.errors import InvalidInput
from studio.prototypes.chatbot.settings import RANGES, ChatbotSettings


@pytest.mark.parametrize("name", RANGES)
def test_values_outside_the_range_are_named_with_what_is_allowed(name: str) -> None:
    low, high = RANGES[name]
    for value in (low - 1, high + 1):
        with pytest.raises(InvalidInput) as caught:
            ChatbotSettings(**{name: value})
        assert f"{low:g} and {high:g}" in str(caught.value.fields[name])


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        ChatbotSettings(language="xx", tone="loud", n_passages=99)  # type: ignore[arg-type]
    assert set(caught.value.fields) == {"language", "tone", "n_passages"}


def test_a_problem_is_said_with_the_name_of_the_setting_and_can_be_translated(monkeypatch) -> None:
    with pytest.raises(InvalidInput) as caught:
        ChatbotSettings(n_passages=99, starter_questions=("a",) * 9)
    assert str(caught.value) == (
        "Some settings cannot be used. Passages to read (top k) is 99; it must be between 1 and 12. "
        "There are 9 starter questions; at most 8 can be shown. Take some away."
    )
    monkeypatch.setattr(i18n, "language", lambda: "zh")
    chinese = i18n.translate(caught.value.notice)
    assert "1 到 12" in chinese
    assert not re.search("[a-z]{4}", chinese)


@pytest.mark.parametrize("value", ["3", True, None, float("nan")])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        ChatbotSettings(temperature=value)  # type: ignore[arg-type]
    assert list(caught.value.fields) == ["temperature"]


@given(
    st.builds(
        ChatbotSettings,
        persona=st.text(max_size=50),
        n_passages=st.integers(1, 12),
        temperature=st.floats(0, 1.5),
        only_from_documents=st.booleans(),
        starter_questions=st.lists(st.text(max_size=20), max_size=8).map(tuple),
    )
)
def test_stored_settings_come_back_equal(settings: ChatbotSettings) -> None:
    assert ChatbotSettings.from_json(settings.to_json()) == settings


def test_settings_of_a_newer_studio_are_left_out() -> None:
    stored = {**ChatbotSettings().to_json(), "invented_later": 1}
    assert ChatbotSettings.from_json(stored) == ChatbotSettings()
