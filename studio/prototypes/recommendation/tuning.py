"""Finding better parameters of a way of recommending, on items that the test does not see.

One parameter after the other, each value tried with the best of the others (coordinate search), on the
last item of each user before the test period. Then default and best are compared on the test period
itself. Every trial is handed out as it is made, so that a search that was killed goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from studio.evaluation.comparison import compare_scores, mean_interval
from studio.prototypes.recommendation.evaluating import EvaluationPlan
from studio.prototypes.recommendation.evaluation import Trial, TuningResult
from studio.prototypes.recommendation.foretelling import Foretelling, foretelling, last_out
from studio.prototypes.recommendation.goals import MethodName
from studio.prototypes.recommendation.interactions import Interactions
from studio.prototypes.recommendation.measuring import NDCG, lists_of, mean_ndcg, scored
from studio.prototypes.recommendation.methods.contract import Recommender, Scores, Visitor
from studio.prototypes.recommendation.methods.registry import ALONE, Parameters, made, parts_on
from studio.prototypes.recommendation.methods.visitors import visitor_of

MAX_USERS = 500
"""Users whose last item is foretold in a trial; drawn once for all trials."""
OF_SCORING = frozenset({"decay"})
"""Parameters that change how a fitted method is asked, not what it learns."""

Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningDesk:
    """What a search works with.

    `known` are trials of an earlier run of the same search, `keep` is told of all trials after each
    new one, `report` how many of how many are done; it may raise to stop.
    """

    known: Sequence[Trial] = ()
    keep: Callable[[tuple[Trial, ...]], None] = lambda _trials: None
    report: Report = lambda _done, _total: None


def tune(
    method: MethodName,
    events: Interactions,
    n_items: int,
    plan: EvaluationPlan,
    desk: TuningDesk,
    *,
    vectors: NDArray[np.float32] | None,
    fingerprint: str,
    now: datetime,
) -> TuningResult:
    """Search the parameters of a method, and compare the best with the defaults.

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
    search = _Search(_fewer(last_out(task.past), MAX_USERS, plan.seed), desk, plan.seed)
    names = parts_on(task.past) if method == "hybrid" else [method]
    search.n_expected = sum(_n_trials(name) for name in names) + 2 * (method == "hybrid")
    if method == "hybrid":
        search.tried(method, {})
    best: dict[MethodName, dict[str, float]] = {}
    for name in names:
        found = search.climbed(name)
        if found:
            best[name] = found
    if method == "hybrid" and best:
        search.tried(method, best)
    own = [trial for trial in search.trials if trial.method == method]
    winner = max(own, key=lambda trial: trial.ndcg)  # of equals the earliest
    usual = _test_scores(method, {}, task, plan.seed)
    parameters = _nested(winner.parameters)
    ours = _test_scores(method, parameters, task, plan.seed) if parameters else usual
    gain = compare_scores(ours, usual, name="tuned", baseline="usual", measure=NDCG, seed=plan.seed)
    return TuningResult(
        method=method,
        trials=tuple(search.trials),
        best=winner,
        test=mean_interval(list(ours.values()), seed=plan.seed),
        test_default=mean_interval(list(usual.values()), seed=plan.seed),
        gain=gain.difference,
        fingerprint=fingerprint,
        tuned_at=now,
    )


class _Search:
    """The trials of one search, those of an earlier run among them."""

    def __init__(self, task: Foretelling, desk: TuningDesk, seed: int) -> None:
        self._task = task
        self._desk = desk
        self._seed = seed
        self._known = {(t.method, tuple(sorted(t.parameters.items()))): t for t in desk.known}
        self._fitted: tuple[object, Recommender] | None = None
        popular = made("popular", task.past, {})
        popular.fit(task.past)
        self._fallback: Scores = popular.scores(Visitor())
        self.trials: list[Trial] = []
        self.n_expected = 0

    def climbed(self, name: MethodName) -> dict[str, float]:
        """The best values of a method, where they differ from the defaults."""
        best = self.tried(name, {})
        values: dict[str, float] = {}
        for parameter, allowed in ALONE[name].parameters.items():
            for value in allowed.tried:
                if value == allowed.default:
                    continue
                trial = self.tried(name, {name: {**values, parameter: value}})
                if trial.ndcg > best.ndcg:
                    best = trial
            values = dict(_nested(best.parameters).get(name, {}))
        return values

    def tried(self, name: MethodName, parameters: Parameters) -> Trial:
        """A trial, from an earlier run or made now."""
        flat = {f"{m}.{p}": v for m, values in parameters.items() for p, v in values.items()}
        key = (name, tuple(sorted(flat.items())))
        trial = self._known.get(key)
        if trial is None:  # what is known takes no time, and would promise too little of it
            self._report()
            ndcg = mean_ndcg(self._method(name, parameters), self._task, self._fallback)
            trial = Trial(method=name, parameters=flat, ndcg=ndcg)
        self.trials.append(trial)
        if key not in self._known:
            self._known[key] = trial
            self._desk.keep(tuple(self._known.values()))
        return trial

    def _report(self) -> None:
        self._desk.report(len(self.trials), max(self.n_expected, len(self.trials) + 1))

    def _method(self, name: MethodName, parameters: Parameters) -> Recommender:
        """Fitted; a method that only is asked otherwise is not fitted again."""
        wanted = made(name, self._task.past, parameters)
        learnt = (
            name,
            tuple(sorted((k, v) for k, v in wanted.values.items() if k not in OF_SCORING)),
        )
        if name != "hybrid" and self._fitted is not None and self._fitted[0] == learnt:
            again = copy(self._fitted[1])
            again.values = wanted.values
            return again
        wanted.fit(self._task.past, seed=self._seed, told=lambda _done, _total: self._report())
        self._fitted = (learnt, wanted)
        return wanted


def _n_trials(name: MethodName) -> int:
    return 1 + sum(len(p.tried) - 1 for p in ALONE[name].parameters.values())


def _nested(flat: Mapping[str, float]) -> dict[MethodName, dict[str, float]]:
    nested: dict[MethodName, dict[str, float]] = {}
    for name in ALONE:
        values = {k.split(".", 1)[1]: v for k, v in flat.items() if k.startswith(f"{name}.")}
        if values:
            nested[name] = values
    return nested


def _fewer(task: Foretelling, n: int, seed: int) -> Foretelling:
    if len(task.users) <= n:
        return task
    rows = np.sort(np.random.default_rng(seed).choice(len(task.users), n, replace=False))
    return replace(task, users=task.users[rows], wanted=tuple(task.wanted[at] for at in rows))


def _test_scores(
    method: MethodName, parameters: Parameters, task: Foretelling, seed: int
) -> dict[str, float]:
    fitted = made(method, task.past, parameters)
    fitted.fit(task.past, seed=seed)
    popular = made("popular", task.past, {})
    popular.fit(task.past)
    visitors = [visitor_of(task.past, int(user)) for user in task.users]
    lists, _ = lists_of(fitted, visitors, popular.scores(Visitor()))
    return scored(task.users, task.wanted, lists).by_query(NDCG)
