"""The verdict says how good, how sure, and what to mend first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from studio.evaluation.case import Attempt, EvaluationCase
from studio.prototypes.evaluation.comparing import compare_runs, pareto_of
from studio.prototypes.evaluation.run import CaseResult, EvaluationRun, RunSetup
from studio.prototypes.evaluation.verdict import verdicts_on
from studio.records import Notice
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
    perfect = run({"accuracy": lambda at: 1.0}, n=10)  # it can only be worse than it looks
    low = perfect.interval("accuracy").low
    assert low < 1
    assert f"may be off by up to {1 - low:.0%}" in said(perfect)


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


def test_two_of_one_name_are_told_apart():
    worse = run({"token_recall": lambda at: 0.5 + at % 2 / 10}, id_="a")
    better = run({"token_recall": lambda at: 0.8 + at % 3 / 10}, id_="b")
    same = replace(better, record=replace(better.record, name="a"))
    assert "a (after) is better than a (before)" in str(compare_runs(worse, same).verdict)


def test_means_are_of_the_cases_that_both_have_and_failures_are_counted():
    ours = run({"token_recall": lambda at: 1.0 if at < 30 else 0.0}, id_="a")
    full = run({"token_recall": lambda at: 1.0}, id_="b")
    failed = [
        replace(one, scores={}, attempt=None, error=Notice("Gone.")) if one.position >= 30 else one
        for one in full.results
    ]
    found = compare_runs(ours, replace(full, results=tuple(failed)))
    assert found.headline is not None
    assert (found.headline.before, found.headline.after) == (1.0, 1.0)
    assert (found.headline.n_better, found.headline.n_worse, found.headline.n_same) == (0, 0, 30)
    assert found.n_failed == (0, 30)


def test_a_run_of_unknown_cost_is_not_taken_for_free():
    def priced(cost, id_):
        made = run({"token_recall": lambda at: 0.5, "latency_ms": lambda at: 100.0}, id_=id_)
        extra = {} if cost is None else {"cost_usd": float(cost)}
        results = [replace(r, cost=cost, scores={**r.scores, **extra}) for r in made.results]
        return replace(made, results=tuple(results))

    known, unknown = priced(Decimal("0.01"), "known"), priced(None, "unknown")
    points = pareto_of([known, unknown], "token_recall")
    assert [one.is_best for one in points] == [True, True]
    assert points[1].cost_usd is None
