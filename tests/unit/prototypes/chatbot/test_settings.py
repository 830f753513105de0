"""Settings keep to their ranges and survive being stored."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.errors import InvalidInput
from studio.prototypes.chatbot.settings import RANGES, ChatbotSettings


@pytest.mark.parametrize("name", RANGES)
def test_values_outside_the_range_are_named_with_what_is_allowed(name: str) -> None:
    low, high = RANGES[name]
    for value in (low - 1, high + 1):
        with pytest.raises(InvalidInput) as caught:
            ChatbotSettings(**{name: value})
        assert f"{low:g} and {high:g}" in caught.value.fields[name]


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        ChatbotSettings(language="xx", tone="loud", n_passages=99)  # type: ignore[arg-type]
    assert set(caught.value.fields) == {"language", "tone", "n_passages"}


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
