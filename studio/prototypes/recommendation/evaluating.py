"""Every way of recommending on the same task: fit on the past, foretell, compare with popularity."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from studio.prototypes.recommendation.evaluation import Evaluation, SplitName
from studio.prototypes.recommendation.foretelling import MAX_USERS, Foretelling, foretelling
from studio.prototypes.recommendation.goals import METHOD_LABELS, MethodName
from studio.prototypes.recommendation.interactions import Interactions
from studio.prototypes.recommendation.measuring import Fitted, compared, measured
from studio.prototypes.recommendation.methods.contract import Visitor
from studio.prototypes.recommendation.methods.registry import Parameters, made, parts_on, usable
from studio.records import Notice

Report = Callable[[int, int, Notice], None]
"""Told how many methods are done, of how many, and what is being done; may raise to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationPlan:
    """How to measure. `split` None takes the one that the data allows; see `foretelling`."""

    split: SplitName | None = None
    parameters: Parameters
    event_weights: Mapping[str, float]
    methods: tuple[MethodName, ...] = ()
    max_users: int = MAX_USERS
    seed: int = 0


def evaluate(
    events: Interactions,
    n_items: int,
    plan: EvaluationPlan,
    *,
    vectors: NDArray[np.float32] | None,
    fingerprint: str,
    now: datetime,
    report: Report = lambda _done, _total, _notice: None,
    check: Callable[[], None] = lambda: None,
) -> Evaluation:
    """Measure the methods that the data allows, or those of the plan; "popular" always.

    Args:
        events: in order of time.
        n_items: of the catalogue.
        plan: how.
        vectors: of the items; None where no model has read them.
        fingerprint: of the data, to know later whether it is still the same.
        now: aware UTC.
        report: told before each method.
        check: called before each user, and each round of learning; may raise to stop.

    Raises:
        InvalidInput: there is nothing to measure by.
    """
    task = foretelling(
        events,
        n_items,
        split=plan.split,
        event_weights=plan.event_weights,
        vectors=vectors,
        max_users=plan.max_users,
        seed=plan.seed,
    )
    wanted = [name for name in usable(task.past) if not plan.methods or name in plan.methods]
    names: list[MethodName] = ["popular", *(name for name in wanted if name != "popular")]
    fallback = _fitted("popular", task, plan).method.scores(Visitor())
    found = []
    for at, name in enumerate(names):
        report(at, len(names), Notice("Measuring: {method}", method=METHOD_LABELS[name]))
        fitted = _fitted(name, task, plan, check)
        found.append(measured(fitted, task, events.users, fallback, seed=plan.seed, check=check))
    rated = [compared(one, found[0], n=len(found) - 1, seed=plan.seed) for one in found]
    rated.sort(key=lambda one: -one.measures["nDCG@10"].mean)
    moment_s = task.moment_s
    return Evaluation(
        split=task.split,
        split_at=None if moment_s is None else datetime.fromtimestamp(moment_s, UTC),
        n_users=len(task.users),
        n_train=len(task.past.users),
        n_wanted=sum(len(items) for items in task.wanted),
        methods=tuple(rated),
        fingerprint=fingerprint,
        seed=plan.seed,
        measured_at=now,
    )


def _fitted(
    name: MethodName,
    task: Foretelling,
    plan: EvaluationPlan,
    check: Callable[[], None] = lambda: None,
) -> Fitted:
    method = made(name, task.past, plan.parameters)
    began_s = time.perf_counter()
    method.fit(task.past, seed=plan.seed, told=lambda _done, _total: check())
    parts = parts_on(task.past) if name == "hybrid" else (name,)
    is_tuned = any(plan.parameters.get(part) for part in parts)
    return Fitted(method=method, fit_s=time.perf_counter() - began_s, is_tuned=is_tuned)
