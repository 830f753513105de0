"""Why a model was chosen is said where nobody would guess it."""

from __future__ import annotations

from components.model_choice import why
from studio.inference.builtin_models import MINILM, USE_MULTILINGUAL


def test_a_model_that_the_documents_ask_for_is_told() -> None:
    assert "Most of your documents" in why(USE_MULTILINGUAL, "zh", is_by_documents=True)
    assert why(USE_MULTILINGUAL, "zh", is_by_documents=False) == ""


def test_a_model_that_does_not_read_the_documents_is_told() -> None:
    for is_by_documents in (True, False):
        assert "by their words only" in why(MINILM, "zh", is_by_documents=is_by_documents)
    assert why(MINILM, "en", is_by_documents=False) == ""
