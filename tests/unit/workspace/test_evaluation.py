"""Evaluation sets, runs and votes are kept; what is deleted can be brought back and still counts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from studio.errors import InvalidInput, NotFound
from studio.records import Notice
from studio.workspace.evaluation_record import EvaluationResultRecord
from studio.workspace.evaluation_runs import NewRun

CASES = [{"case_id": "1", "question": "a"}, {"case_id": "2", "question": "b"}]


@pytest.fixture
def questions(workspace, bot):
    made = workspace.evaluation_sets.create(bot.id, "Questions", seed=7, tune_share=0.5)
    workspace.evaluation_sets.put_cases(made.id, CASES)
    return made.id


def ids(workspace, set_id):
    return [case["case_id"] for case in workspace.evaluation_sets.cases(set_id)]


def test_cases_keep_their_order_and_a_known_id_is_replaced_in_its_place(workspace, questions):
    sets = workspace.evaluation_sets
    sets.put_cases(questions, [{"case_id": "3"}, {"case_id": "1", "question": "other"}])
    assert ids(workspace, questions) == ["1", "2", "3"]
    assert sets.cases(questions)[0]["question"] == "other"
    assert sets.get(questions).n_cases == 3


def test_cases_and_sets_are_put_away_and_brought_back(workspace, bot, questions):
    sets = workspace.evaluation_sets
    sets.delete_cases(questions, ["1", "unknown"])
    assert (ids(workspace, questions), sets.get(questions).n_cases) == (["2"], 1)
    sets.delete_cases(questions, ["1"], is_deleted=False)
    assert ids(workspace, questions) == ["1", "2"]
    sets.delete(questions)
    assert sets.list(bot.id) == ()
    with pytest.raises(NotFound):
        sets.get(questions)
    sets.delete(questions, is_deleted=False)
    assert [one.id for one in sets.list(bot.id)] == [questions]


def test_all_cases_are_kept_or_none(workspace, questions):
    with pytest.raises(InvalidInput):
        workspace.evaluation_sets.put_cases(questions, [{"case_id": "9"}, {"case_id": ""}])
    assert ids(workspace, questions) == ["1", "2"]


def test_sets_are_copied_with_their_cases(workspace, bot, questions):
    other = workspace.prototypes.create("chatbot", "Other", {})
    assert workspace.evaluation_sets.copy(bot.id, other.id) == 1
    (copy,) = workspace.evaluation_sets.list(other.id)
    assert (copy.name, copy.seed, ids(workspace, copy.id)) == ("Questions", 7, ["1", "2"])


@pytest.fixture
def run(workspace, bot, questions):
    new = NewRun(
        set_id=questions, name="v1", part="all", version=1, setup={"settings": {}}, cases=CASES
    )
    return workspace.evaluation_runs.add(bot.id, new).id


def test_a_result_is_kept_at_once_and_the_rest_waits(workspace, run):
    runs = workspace.evaluation_runs
    done = EvaluationResultRecord(
        position=0, case=CASES[0], attempt={"text": "x"}, scores={"f1": 0.5}, latency_ms=12.5,
        cost=Decimal("0.0000012"),
    )  # fmt: skip
    runs.finish(run, done)
    first, second = runs.results(run)
    assert (first.scores, first.latency_ms, first.cost) == ({"f1": 0.5}, 12.5, Decimal("0.0000012"))
    assert first.finished_at is not None
    assert (second.attempt, second.finished_at) == (None, None)
    assert [one.position for one in runs.results(run, only_waiting=True)] == [1]
    assert (runs.get(run).n_done, runs.get(run).n_cases) == (1, 2)


def test_a_run_has_a_state_facts_and_an_error(workspace, run):
    runs = workspace.evaluation_runs
    runs.set_state(run, "running")
    assert runs.get(run).finished_at is None
    runs.set_state(run, "failed", error=Notice("Gone."), facts={"models": []})
    found = runs.get(run)
    assert (found.state, found.error, found.facts) == ("failed", Notice("Gone."), {"models": []})
    assert found.finished_at is not None


def test_a_deleted_run_is_still_known_as_a_look_at_the_set(workspace, bot, run):
    runs = workspace.evaluation_runs
    runs.delete(run)
    assert runs.list(bot.id) == ()
    assert [one.is_deleted for one in runs.list(bot.id, include_deleted=True)] == [True]
    runs.delete(run, is_deleted=False)
    assert [one.id for one in runs.list(bot.id)] == [run]


def test_labels_and_votes_are_kept(workspace, bot, questions, run):
    runs = workspace.evaluation_runs
    runs.label(run, 0, "right")
    assert [one.label for one in runs.results(run)] == ["right", None]
    runs.label(run, 0, None)
    assert runs.results(run)[0].label is None
    with pytest.raises(NotFound):
        runs.label(run, 9, "right")
    runs.vote(bot.id, run, run, "1", "tie")
    assert [(one.case_id, one.vote) for one in runs.votes(bot.id)] == [("1", "tie")]
