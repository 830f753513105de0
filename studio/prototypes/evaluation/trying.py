"""A few cases answered to reckon what all of them will take. Knows no kind and keeps nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from studio.evaluation.case import Evaluable, EvaluationCase
from studio.jobs.runner import JobContext
from studio.prototypes.evaluation.judge import Judge
from studio.prototypes.evaluation.reckoning import RunEstimate, reckon
from studio.records import Notice

N_TRIED = 3


def reckon_by_trying(
    cases: Sequence[EvaluationCase],
    subject: Evaluable,
    judge: Judge | None,
    cost_of: Callable[[str], Decimal | None],
    *,
    n: int = N_TRIED,
    context: JobContext | None = None,
) -> RunEstimate:
    """What all cases take, by `n` of them.

    One more is answered first and not counted, as a model may still have to be loaded.

    Args:
        cases: all; at least one.
        subject: the prototype.
        judge: who judges answers, too; None for nobody.
        cost_of: what the calls of a request cost in USD; None where a price is unknown.
        n: how many are tried.
        context: of the job it is done in, if any.

    Raises:
        Cancelled: it was stopped.
        StudioError: a model failed.
    """
    tried = (cases[0], *cases[:: max(1, len(cases) // n)][:n])
    latencies: list[float] = []
    costs: list[Decimal | None] = []
    for number, case in enumerate(tried):
        if context is not None:
            context.raise_if_cancelled()
            context.report(max(0, number - 1), len(tried) - 1, "questions")
        began_s = time.perf_counter()
        attempt = subject.attempt(case)
        cost = cost_of(attempt.request_id)
        if judge is not None and attempt.text is not None and case.is_answerable:
            request_id = f"judge-{attempt.request_id}"
            judge.score(case, attempt.text, request_id=request_id)
            judging = cost_of(request_id)
            cost = None if cost is None or judging is None else cost + judging
        if number:
            latencies.append((time.perf_counter() - began_s) * 1000)
            costs.append(cost)
    source = Notice(
        "From {n} questions that were tried just now.",
        "From one question that was tried just now.",
        n=len(latencies),
    )
    found = reckon(len(cases), latencies, costs, source)
    return replace(found, judging="counted") if judge is not None else found
