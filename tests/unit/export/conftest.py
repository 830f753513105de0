"""A studio on the demo engine with a small prototype of each kind that reads documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.config import Settings
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.workbench import Workbench

RETURNS = b"# Returns\n\nYou may return most items within 45 days of delivery.\n"
SHIPPING = b"# Shipping\n\nParcels leave our harbour warehouse on the day of the order.\n"
QUESTION = "Within how many days of delivery may you return most items?"


def make_bot(bench: Workbench, name: str = "Help desk") -> Chatbot:
    bot = bench.create_chatbot(
        name, ChatbotSettings(persona="the help desk of a shop", starter_questions=(QUESTION,))
    )
    bot.add_file("returns.md", RETURNS)
    bot.add_file("shipping.md", SHIPPING)
    bot.update_index().wait()
    return bot


@pytest.fixture
def bench(tmp_path: Path):
    with Workbench.open(settings=Settings(home=tmp_path / "home", is_demo=True)) as opened:
        yield opened


@pytest.fixture
def other_bench(tmp_path: Path):
    with Workbench.open(settings=Settings(home=tmp_path / "other", is_demo=True)) as opened:
        yield opened


@pytest.fixture
def bot(bench: Workbench) -> Chatbot:
    return make_bot(bench)
