"""Answers of the team: given to the same question and to those like it, counted, and switched off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from studio.config import Settings
from studio.errors import ModelUnavailable
from studio.evaluation.case import EvaluationCase
from studio.prototypes.chatbot.answer import Answer
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.prototypes.chatbot.team_answers import saving_of
from studio.prototypes.searcher import Searcher
from studio.workbench import Workbench

RETURNS = (
    "# Returns\n\nMost items may be returned within 45 days of delivery.\n\n"
    "# Labels\n\nA return label costs $4.95 for domestic parcels.\n"
)
ASKED, SAID = "Do you ship parcels to Norway by ferry?", "Yes, in five days."


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    with Workbench.open(settings=Settings(home=tmp_path / "home", is_demo=True)) as opened:
        yield opened


@pytest.fixture
def bot(workbench: Workbench) -> Chatbot:
    made = workbench.create_chatbot("Help desk", ChatbotSettings(min_relevance=0.05))
    made.add_file("returns.md", RETURNS.encode())
    made.update_index().wait(30)
    made.team_answers.add(ASKED, SAID)
    return made


def hits(bot: Chatbot) -> int:
    return bot.team_answers.list()[0].n_hits


def test_the_same_question_gets_it_for_one_reading_and_nothing_else(
    bot: Chatbot, workbench: Workbench
) -> None:
    answer = bot.ask("do you ship parcels to NORWAY by ferry")
    assert (answer.kind, answer.text, answer.similarity) == ("curated", SAID, 1.0)
    assert str(answer.note) == "Answered by the team."
    assert Answer.from_json(answer.to_json()) == answer
    calls = workbench.calls(bot.id)
    own = calls[calls["request_id"] == answer.figures.request_id]
    assert list(own["stage"]) == ["embedding"]
    assert hits(bot) == 1


def test_a_question_like_it_gets_it_and_its_vector_is_read_once(
    bot: Chatbot, workbench: Workbench
) -> None:
    wish = "By ferry, do you ship parcels to Norway?"
    first = bot.ask(wish)
    assert (first.kind, first.text) == ("curated", SAID)
    assert first.similarity is not None
    assert first.similarity >= 0.8
    second = bot.ask(wish)
    calls = workbench.calls(bot.id).groupby("request_id").size()
    assert (calls[first.figures.request_id], calls[second.figures.request_id]) == (2, 1)
    assert hits(bot) == 2


@pytest.mark.parametrize(
    "question",
    [
        "Do you ship parcels to Sweden by ferry?",
        "What does a return label cost?",
        "Do you not ship parcels to Norway by ferry?",
    ],
)
def test_another_question_does_not(bot: Chatbot, question: str) -> None:
    bot.configure(replace(bot.settings, team_similarity=0.5))
    assert bot.ask(question).kind != "curated"
    assert hits(bot) == 0


def test_the_threshold_decides_except_for_the_same_words(bot: Chatbot) -> None:
    bot.configure(replace(bot.settings, team_similarity=1.0))
    assert bot.ask("Ferry parcels: do you ship them to Norway?").kind != "curated"
    assert bot.ask(ASKED).kind == "curated"


def test_it_is_switched_off_one_by_one_and_as_a_whole(bot: Chatbot, workbench: Workbench) -> None:
    curated = bot.team_answers.list()[0]
    workbench.workspace.curated_answers.switch(curated.id, is_on=False)
    assert bot.ask(ASKED).kind != "curated"
    workbench.workspace.curated_answers.switch(curated.id, is_on=True)
    bot.configure(replace(bot.settings, uses_team_answers=False))
    assert bot.ask(ASKED).kind != "curated"


def test_an_english_model_does_not_match_chinese_questions_but_words_do(bot: Chatbot) -> None:
    bot.team_answers.add("怎么取消订单？", "在订单页面取消。")
    bot.team_answers.add("周六几点开门？", "九点。")
    found = bot.ask("订单如何取消？")
    assert (found.kind, found.text) == ("curated", "在订单页面取消。")
    assert bot.ask("店里有无线网吗？").kind != "curated"
    assert bot.ask("周日几点开门？").kind != "curated"


def test_a_measurement_is_not_counted(bot: Chatbot) -> None:
    bot.replay(ASKED)
    assert hits(bot) == 0


def test_the_same_words_are_answered_while_the_model_is_away(
    bot: Chatbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ModelUnavailable("The model is away.")

    monkeypatch.setattr(Searcher, "read", fail)
    assert bot.ask(ASKED).text == SAID
    with pytest.raises(ModelUnavailable):
        bot.ask("What does a return label cost?")


def test_what_was_found_is_kept_with_the_answer_also_when_it_was_too_far_away(bot: Chatbot) -> None:
    bot.configure(replace(bot.settings, min_relevance=1.0))
    answer = bot.ask("What does a return label cost for domestic parcels?")
    assert answer.kind == "not_found"
    assert "return label" in answer.retrieved[0].text
    assert Answer.from_json(answer.to_json()) == answer


def test_the_saving_is_what_measured_answers_took_beside_their_reading(
    bot: Chatbot, workbench: Workbench
) -> None:
    assert bot.team_answers.saving().n_hits == 0
    bot.ask("What does a return label cost for domestic parcels?")
    bot.ask(ASKED)
    bot.ask(ASKED)
    calls = workbench.calls(bot.id)
    calls["cost"] = [Decimal(1)] * len(calls)
    found = saving_of(calls, 2)
    asked = calls[calls["surface"] == "notebook"]
    written = asked.groupby("request_id").filter(lambda one: len(one) > 1)
    beside = written.iloc[1:]
    assert (found.n_hits, found.n_measured) == (2, 1)
    assert found.tokens == 2 * (beside["tokens_in"].sum() + beside["tokens_out"].sum())
    assert found.cost_usd == 2 * len(beside)
    assert found.ms == pytest.approx(2 * beside["total_ms"].sum())


def test_a_copy_of_the_chatbot_gives_them_too_with_nothing_counted(
    bot: Chatbot, workbench: Workbench
) -> None:
    bot.ask(ASKED)
    copy = workbench.duplicate(bot.id, "Copy")
    assert isinstance(copy, Chatbot)
    assert (hits(bot), hits(copy)) == (1, 0)
    copy.update_index().wait(30)
    assert copy.ask(ASKED).text == SAID
    assert (hits(bot), hits(copy)) == (1, 1)


def test_a_measurement_is_of_what_the_chatbot_finds_and_never_of_the_teams_own_answers(
    bot: Chatbot,
) -> None:
    attempt = bot.attempt(EvaluationCase(case_id="c", question=ASKED, answers=(SAID,)))
    assert attempt.text != SAID
    assert hits(bot) == 0
    assert bot.settings.uses_team_answers
