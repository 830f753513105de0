"""What cannot be looked into says why in words."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from jinja2 import TemplateError

from studio.errors import StudioError
from studio.inference.inspection import prompt_of

TURNS = [["system", "Be brief."], ["user", "What?"]]


def test_a_model_without_a_conversation_is_refused():
    with pytest.raises(StudioError, match="no chat template"):
        prompt_of(SimpleNamespace(chat_template=None), TURNS)


def test_what_a_template_refuses_is_said():
    def refuse(messages, **_):
        raise TemplateError("System role not supported")

    made = SimpleNamespace(chat_template="x", apply_chat_template=refuse)
    with pytest.raises(StudioError, match="System role not supported"):
        prompt_of(made, TURNS)


def test_a_conversation_is_read_by_the_template():
    def applied(messages, **options):
        assert options == {"add_generation_prompt": True, "tokenize": False}
        return "|".join(f"{one['role']}:{one['content']}" for one in messages)

    made = SimpleNamespace(chat_template="x", apply_chat_template=applied)
    assert prompt_of(made, TURNS) == "system:Be brief.|user:What?"
