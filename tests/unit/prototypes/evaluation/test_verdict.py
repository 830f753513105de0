"""The verdict says how good, how sure, and what to mend first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from studio.evaluation.case import Attempt, EvaluationCase
from studio.prototypes.evaluation.comparing import compare_runs
from studio.prototypes.evaluation.run import CaseResult, EvaluationRun, RunSetup
from studio.prototypes.evaluation.verdict import verdicts_on
from studio.workspace.evaluation_record import EvaluationRunRecord


def run(scores, *, id_="r", n=60, question="Question"):
    record = EvaluationRunRecord(
        id=id_, prototype_id="p", set_id="s", name=id_, part="all", version=1, setup={}, facts={},
        state="done", error=None, n_cases=n, n_done=n, created_at=datetime(2026, 1, 1, tzinfo=UTC),
        finished_at=None, is_deleted=False,
    )  # fmt: skip
    setup = RunSetup(
        kind="chatbot",
        settings={},
        set_fingerprint="f",
        data_fingerprint="",
        seed=0,
        tune_share=0.5,
    )
    results = tuple(
        CaseResult(
            position=at, case=EvaluationCase(case_id=f"c{at}", question=f"{question} {at}"),
            attempt=Attempt(request_id="r"), scores={k: v(at) for k, v in scores.items()},
            error=None, cost=None, label=None,
        )
        for at in range(n)
    )  # fmt: skip
    return EvaluationRun(record=record, setup=setup, results=results)


def said(made) -> str:
    return "\n".join(map(str, verdicts_on(made)))


GOOD = {"token_recall": lambda at: 0.9, "R@5": lambda at: 1.0, "answered": lambda at: 1.0}


def test_a_good_run_has_no_advice():
    assert said(run(GOOD)) == (
        "Expected answer is in it (token recall): 90% on 60 questions; on others like these it lies "
        "between 90% and 90%."
    )


@pytest.mark.parametrize(
    ("changed", "advice"),
    [
        ({"R@5": lambda at: at % 2}, "Begin with the search: for 50%"),
        ({"answered": lambda at: at % 2}, "It refuses 50%"),
        ({"token_recall": lambda at: 0.2}, "does not say what was expected"),
        ({"refused": lambda at: at % 2}, "It answers 50% of the questions that it should refuse"),
        ({"R@5": lambda at: 0.0, "token_recall": lambda at: 0.0}, "Begin with the search"),
    ],
)
def test_the_first_thing_to_mend_is_named(changed, advice):
    assert advice in said(run({**GOOD, **changed}))


def test_few_questions_are_said_to_be_few():
    assert "That is few questions" in said(run({"token_recall": lambda at: at % 2}, n=10))
    assert "One question says nothing" in said(run(GOOD, n=1))


def test_nothing_to_measure_is_said():
    assert "Nothing can be measured" in said(run({}))


def test_the_comparison_is_told_by_its_interval():
    worse = run({"token_recall": lambda at: 0.5 + at % 2 / 10}, id_="old")
    better = run({"token_recall": lambda at: 0.8 + at % 3 / 10}, id_="new")
    assert "new is better than old" in str(compare_runs(worse, better).verdict)
    assert "old is worse than new" in str(compare_runs(better, worse).verdict)
    same = run({"token_recall": lambda at: 0.5 + at % 2 / 10}, id_="same")
    assert "do equally well" in str(compare_runs(worse, same).verdict)
    unclear = run({"token_recall": lambda at: 0.5 + at % 7 % 2 / 10}, id_="other")
    assert "It cannot be told" in str(compare_runs(worse, unclear).verdict)


def test_less_time_is_better():
    slow = run({"latency_ms": lambda at: 900.0 + at}, id_="slow")
    quick = run({"latency_ms": lambda at: 100.0 + at}, id_="quick")
    found = compare_runs(slow, quick).of("latency_ms")
    assert found is not None
    assert (found.n_better, found.n_worse) == (60, 0)


def test_a_case_whose_words_changed_is_not_compared():
    ours = run(GOOD, id_="a")
    theirs = run(GOOD, id_="b", n=30, question="Other")
    with pytest.raises(Exception, match="no question in common"):
        compare_runs(ours, theirs)
