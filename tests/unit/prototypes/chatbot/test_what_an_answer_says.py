"""What an answer says of itself is true: its figures, who worked, where it was cut."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from components import answer_strip
from studio.config import Settings
from studio.inference.builtin_models import BGE_RERANKER_V2_M3
from studio.inference.engines import fake
from studio.prototypes.chatbot.answer import Answer
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.records import Sampling
from studio.workbench import Workbench

RETURNS = (
    "# Returns\n\nMost items may be returned within 45 days of delivery.\n\n"
    "# Labels\n\nA return label costs $4.95 for domestic parcels.\n"
)
QUESTION = "Within how many days may items be returned?"
FIRST = "Most items may be returned within 45 days of delivery."
SECOND = "A return label costs $4.95 for domestic parcels."


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    with Workbench.open(settings=Settings(home=tmp_path / "home", is_demo=True)) as opened:
        yield opened


@pytest.fixture
def bot(workbench: Workbench) -> Chatbot:
    made = workbench.create_chatbot("Help desk", ChatbotSettings(min_relevance=0.05))
    made.add_file("returns.md", RETURNS.encode())
    made.update_index().wait(30)
    return made


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[Sampling]]:
    """Have the model write a text; gives what it was asked for with."""

    def write(text: str) -> list[Sampling]:
        asked: list[Sampling] = []

        def add(
            engine: fake.FakeGenerationEngine, handle: int, _prompt: object, sampling: Sampling
        ) -> None:
            asked.append(sampling)
            words = re.findall(r"\s*\S+", text)
            engine._answers[handle] = fake._Answer(words, sampling.max_new_tokens)

        monkeypatch.setattr(fake.FakeGenerationEngine, "add", add)
        return asked

    return write


def of_the_ledger(workbench: Workbench, answer: Answer) -> tuple[int, int, set[str]]:
    """Tokens in and out, and the stages, of the calls of an answer's request."""
    calls = workbench.calls()
    own = calls[calls["request_id"] == answer.figures.request_id]
    return own["tokens_in"].sum(), own["tokens_out"].sum(), set(own["stage"])


def test_the_reranking_call_is_among_the_figures(bot: Chatbot, workbench: Workbench) -> None:
    bot.configure(replace(bot.settings, rerank_model=BGE_RERANKER_V2_M3.id))
    answer = bot.ask(QUESTION)
    tokens_in, tokens_out, stages = of_the_ledger(workbench, answer)
    assert "reranking" in stages
    assert (answer.figures.tokens_in, answer.figures.tokens_out) == (tokens_in, tokens_out)


def test_a_first_sentence_that_does_not_fit_is_not_called_unfounded(
    bot: Chatbot, writes: Callable[[str], object]
) -> None:
    bot.configure(replace(bot.settings, max_new_tokens=16))
    writes(FIRST[:-1] + ", as long as nobody has used any of them for more than a week.")
    answer = bot.ask(QUESTION)
    assert answer.kind == "quoted"
    assert "wrote no whole sentence within the length limit" in str(answer.note)
    assert answer.finish_reason == "stop"  # the quotes are whole


def test_a_later_sentence_that_does_not_fit_is_said(
    bot: Chatbot, writes: Callable[[str], object]
) -> None:
    bot.configure(replace(bot.settings, max_new_tokens=16))
    writes(f"{FIRST} {SECOND}")
    answer = bot.ask(QUESTION)
    assert (answer.kind, answer.text, answer.finish_reason) == ("written", FIRST, "length")


def test_what_nothing_bears_out_is_left_out_and_nothing_was_cut(
    bot: Chatbot, writes: Callable[[str], object]
) -> None:
    writes("Kayaks are sold on credit. Boats are sold on Mondays.")
    answer = bot.ask(QUESTION)
    assert "do not bear out" in str(answer.note)
    writes(f"{FIRST} Kayaks are sold on credit. Boats are sold on Mondays.")
    answer = bot.ask(QUESTION)
    assert (answer.kind, answer.text, answer.finish_reason) == ("written", FIRST, "stop")


def test_a_written_answer_names_the_model_that_wrote(
    bot: Chatbot, writes: Callable[[str], object]
) -> None:
    writes(FIRST)
    figures = bot.ask(QUESTION).figures
    assert (figures.model, figures.engine) == (bot.model.id, "demo")
    assert figures.first_token_ms is not None
    assert "first word" in answer_strip.summary(figures)


@pytest.mark.parametrize(
    ("settings", "kind"),
    [({"answer_style": "quote"}, "quoted"), ({"min_relevance": 1.0}, "not_found")],
)
def test_an_answer_that_no_model_wrote_names_the_one_that_searched(
    bot: Chatbot, settings: dict[str, object], kind: str
) -> None:
    bot.configure(replace(bot.settings, **settings))
    answer = bot.ask(QUESTION)
    assert answer.kind == kind
    assert answer.figures.model == bot.embedding_model
    assert answer.figures.first_token_ms is None
    assert "first word" not in answer_strip.summary(answer.figures)


def test_a_greeting_names_no_model(bot: Chatbot) -> None:
    assert bot.ask("Hello!").figures.model == ""


def test_a_free_answer_that_the_model_cannot_write_says_so(
    bot: Chatbot, workbench: Workbench
) -> None:
    bot.configure(
        replace(bot.settings, min_relevance=1.0, only_from_documents=False, language="zh")
    )
    answer = bot.ask("卖皮划艇吗？")
    assert answer.kind == "not_found"
    assert "does not write this language" in str(answer.note)
    assert "generation" not in of_the_ledger(workbench, answer)[2]
    bot.configure(replace(bot.settings, only_from_documents=True))
    assert bot.ask("卖皮划艇吗？").note is None


def test_variety_draws_anew_each_time_and_a_measurement_does_not(
    bot: Chatbot, writes: Callable[[str], list[Sampling]]
) -> None:
    bot.configure(replace(bot.settings, temperature=0.8))
    asked = writes(FIRST)
    for _ in range(2):
        bot.ask(QUESTION)
    assert len({sampling.seed for sampling in asked}) == 2
    asked.clear()
    for _ in range(2):
        bot.replay(QUESTION)
        bot.ask(QUESTION, seed=7)
    assert [sampling.seed for sampling in asked] == [0, 7, 0, 7]
