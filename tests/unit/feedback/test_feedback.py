"""Feedback is kept with its version, accepted in two ways, put aside, and every decision taken back."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from components.feedback_list import as_csv
from studio.errors import InvalidInput
from studio.prototypes.content.settings import ContentSettings
from studio.workspace.feedback_record import Exchange, FeedbackFilter, Opinion

CORRECTED = Opinion(thumb="down", reason="wrong", correction="It costs $4.95.")


def test_the_version_is_that_of_the_answer_not_of_now(workbench, bot, say):
    answer = bot.ask("What does a return label cost?")
    bot.configure(replace(bot.settings, n_passages=1))
    exchange = Exchange(question=answer.question, answer=answer.text)
    kept = workbench.feedback.give(bot.id, answer.figures.request_id, exchange, CORRECTED)
    assert (kept.version, bot.version) == (1, 2)
    unknown = workbench.feedback.give(bot.id, "list-1", exchange, CORRECTED, version=2)
    assert unknown.version == 2


def test_what_was_found_is_kept_with_it(say):
    kept = say()
    assert "return label" in kept.exchange.retrieved[0].text
    assert kept.exchange.retrieved[0].relevance > 0


@pytest.mark.parametrize(
    "opinion",
    [Opinion(thumb="down", reason="because"), Opinion(thumb="down", comment="x" * 4001)],
)
def test_what_is_no_opinion_is_refused(workbench, bot, say, opinion):
    with pytest.raises(InvalidInput):
        say(opinion=opinion)
    assert workbench.feedback.count() == 0


def test_an_accepted_correction_is_given_from_then_on_until_it_is_taken_back(workbench, bot, say):
    question = "Do you ship parcels to Norway by ferry?"
    kept = say(question, CORRECTED)
    made = workbench.feedback.accept_answer(kept.id, question, "Yes, by ferry.")
    assert (made.feedback_id, workbench.feedback.get(kept.id).state) == (kept.id, "curated")
    assert bot.ask(question).text == "Yes, by ferry."
    workbench.feedback.undo(kept.id)
    assert bot.ask(question).kind != "curated"
    assert workbench.feedback.get(kept.id).state == "new"


def test_accepting_again_replaces_what_was_accepted(workbench, bot, say):
    kept = say()
    workbench.feedback.accept_answer(kept.id, "q", "first")
    workbench.feedback.accept_answer(kept.id, "q", "second")
    assert [one.answer for one in bot.team_answers.list()] == ["second"]
    workbench.feedback.dismiss(kept.id)
    assert bot.team_answers.list() == ()
    assert workbench.feedback.get(kept.id).state == "dismissed"


def test_only_chatbots_have_answers_of_the_team(workbench, say):
    content = workbench.create(
        type(workbench.prototype(_content(workbench))), "Other", ContentSettings().to_json()
    )
    kept = workbench.feedback.give(content.id, "r", Exchange(question="q", answer="a"), CORRECTED)
    with pytest.raises(InvalidInput, match="no chatbot"):
        workbench.feedback.accept_answer(kept.id, "q", "a")
    assert workbench.feedback.case_items(kept.id) == ()


def _content(workbench):
    return workbench.workspace.prototypes.create("content", "Texts", ContentSettings().to_json()).id


def test_a_case_becomes_judgements_that_the_bench_measures_with(workbench, bot, say):
    kept = say()
    items = {one.item: one.was_found for one in workbench.feedback.case_items(kept.id)}
    assert items["returns.md"]
    assert set(items) == {"returns.md", "club.md"}
    workbench.feedback.accept_case(kept.id, ["returns.md"])
    judged = {(j.query, j.item, j.grade, j.source) for j in bot.bench.judgements()}
    assert (kept.exchange.question, "returns.md", 1, "feedback") in judged
    assert all(grade == 0 for _, item, grade, _ in judged if item != "returns.md")
    assert bot.measure().n_by_source["feedback"] == len(judged)
    workbench.feedback.undo(kept.id)
    assert bot.bench.judgements() == ()


def test_undoing_a_case_brings_earlier_judgements_back(workbench, bot, say):
    kept = say()
    chunk = bot.passages(kept.exchange.retrieved[0].document_id)[0]
    bot.bench.judge(kept.exchange.question, chunk, 0)
    workbench.feedback.accept_case(kept.id, ["returns.md"])
    assert bot.bench.grades(kept.exchange.question)["returns.md"] == 1
    workbench.feedback.undo(kept.id)
    assert bot.bench.grades(kept.exchange.question) == {"returns.md": 0}


def test_a_case_needs_something_right(workbench, say):
    with pytest.raises(InvalidInput, match="at least one"):
        workbench.feedback.accept_case(say().id, [])


def test_satisfaction_is_told_by_version_with_an_interval(workbench, bot, say):
    say(opinion=Opinion(thumb="up"))
    say("Within how many days?", Opinion(thumb="up"))
    say("Any club?", Opinion(thumb="down"))
    bot.configure(replace(bot.settings, n_passages=1))
    say(opinion=Opinion(thumb="down"))
    newest, first = workbench.feedback.satisfaction(bot.id)
    assert (newest.version, newest.n_up, newest.n_down) == (2, 0, 1)
    assert (first.version, first.n_up, first.n_down) == (1, 2, 1)
    assert first.share.mean == pytest.approx(2 / 3)
    assert first.share.low < first.share.mean < first.share.high
    assert workbench.feedback.satisfaction(bot.id, publication_id="none") == ()


def test_cells_of_the_file_are_no_formulas(workbench, bot, say):
    say("=cmd|' /C calc'!A0 return label", Opinion(thumb="down", comment="@SUM(A1)"))
    found = as_csv(workbench.feedback.list(FeedbackFilter(prototype_id=bot.id)), {})
    (row,) = csv.DictReader(io.StringIO(found.decode("utf-8-sig")))
    assert row["question"].startswith("'=cmd")
    assert row["comment"] == "'@SUM(A1)"
    assert (row["thumb"], row["version"], row["state"]) == ("down", "1", "new")
