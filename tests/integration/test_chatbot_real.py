"""The sample chatbot on the real models: cited answers in both languages, honest refusals."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from studio.prototypes.chatbot.chatbot import Chatbot
from studio.workbench import Workbench

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"
N_QUESTIONS = 30


def questions(language: str, *, answerable: bool) -> list[dict[str, str]]:
    with (SAMPLE / "questions.csv").open(encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if r["language"] == language]
    chosen = [r for r in rows if (r["answerable"] == "true") == answerable]
    return chosen[:: max(1, len(chosen) // N_QUESTIONS)][:N_QUESTIONS]


def squeezed(text: str) -> str:
    return "".join(text.split()).casefold()


@pytest.fixture(scope="module", params=["en", "zh"])
def sample(request, real_workbench: Workbench) -> Chatbot:
    bot = real_workbench.sample_chatbot(request.param)
    bot.update_index().wait(300)
    assert bot.index_state().state == "ready"
    return bot


def test_starter_questions_are_answered_with_citations(sample: Chatbot) -> None:
    for question in sample.settings.starter_questions:
        answer = sample.ask(question)
        assert answer.kind in ("written", "quoted"), question
        assert answer.citations, question
        assert answer.figures.cost is not None


def test_most_answers_show_the_sentence_that_answers(sample: Chatbot) -> None:
    rows = questions(sample.settings.language, answerable=True)
    n_shown = 0
    for row in rows:
        answer = sample.ask(row["question"])
        gold = squeezed(row["gold_passage"])
        shown = [squeezed(s.text) for s in (*answer.sentences, *answer.quotes)]
        n_shown += answer.kind != "not_found" and any(s in gold or gold in s for s in shown)
    assert n_shown / len(rows) >= 0.45


def test_what_is_said_stands_in_the_documents(sample: Chatbot) -> None:
    for row in questions(sample.settings.language, answerable=True)[:10]:
        answer = sample.ask(row["question"])
        for quote in answer.quotes:
            texts = [c.text for c in answer.citations if c.number in quote.citations]
            assert any(squeezed(quote.text.rstrip("…")) in squeezed(text) for text in texts)
        if answer.kind == "written":
            assert all(sentence.citations for sentence in answer.sentences)


def test_many_questions_without_an_answer_are_refused(sample: Chatbot) -> None:
    rows = questions(sample.settings.language, answerable=False)
    n_refused = sum(sample.ask(row["question"]).kind == "not_found" for row in rows)
    assert n_refused / len(rows) >= 0.5


def test_a_stopped_answer_stops_the_model(sample: Chatbot, real_workbench: Workbench) -> None:
    if not sample.writes_language():
        pytest.skip("the default model does not write this language, so it quotes")
    stream = sample.stream(sample.settings.starter_questions[0])
    while stream.stage != "writing" and stream.stage != "done":
        next(iter(stream))
    stream.cancel()
    assert stream.answer(30).finish_reason in ("cancelled", "stop")
    (status,) = [s for s in real_workbench.models.status() if s.id == sample.model.id]
    assert status.n_waiting == 0
