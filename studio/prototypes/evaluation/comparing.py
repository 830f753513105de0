"""Two runs on the same cases: which is better in what, how surely, and on which questions.

Only cases that both were asked in the same words count. Knows figures only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from studio.errors import InvalidInput
from studio.evaluation.comparison import Comparison, compare_scores, signed
from studio.evaluation.pareto import not_beaten
from studio.prototypes.evaluation.measures import HEADLINES, MEASURES
from studio.prototypes.evaluation.run import CaseResult, EvaluationRun
from studio.records import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureCompared:
    """One measure of two runs; `comparison.difference` is the second less the first.

    `before` and `after` are the means of the first and the second over the very cases that are
    compared: those that both have the measure on. `n_better` counts the cases where the second did
    better, whichever direction that is, `n_same` those where both did alike.
    """

    measure: str
    comparison: Comparison
    before: float
    after: float

    @property
    def n_better(self) -> int:
        """Cases where the second run did better."""
        found = self.comparison
        return found.n_wins if MEASURES[self.measure].is_higher_better else found.n_losses

    @property
    def n_worse(self) -> int:
        """Cases where the second run did worse."""
        found = self.comparison
        return found.n_losses if MEASURES[self.measure].is_higher_better else found.n_wins

    @property
    def n_same(self) -> int:
        """Cases where both did alike."""
        return self.comparison.n_ties


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePair:
    """A case with what both runs made of it; `gain` is the second's score less the first's."""

    first: CaseResult
    second: CaseResult
    gain: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsCompared:
    """Two runs on their common cases.

    `measures` are those that both have, in the order in which they are shown; `headline` is the one
    that the verdict is on, None where they have none in common. `n_common` cases were asked of both,
    `n_left_out` of one only; `n_failed` of the common ones could not be done by the first and by the
    second, and are in no figure. `names` are those of the first and the second, which differ.
    """

    first: EvaluationRun
    second: EvaluationRun
    measures: tuple[MeasureCompared, ...]
    headline: MeasureCompared | None
    n_common: int
    n_left_out: int
    n_failed: tuple[int, int]
    names: tuple[str | Notice, str | Notice]
    verdict: Notice

    def of(self, measure: str) -> MeasureCompared | None:
        """One measure; None where not both have it."""
        return next((one for one in self.measures if one.measure == measure), None)

    def pairs(self, measure: str) -> tuple[CasePair, ...]:
        """The cases that both have the measure on, the largest gain of the second first."""
        ours = {one.case.case_id: one for one in self.second.results if measure in one.scores}
        found = [
            CasePair(
                first=one,
                second=ours[one.case.case_id],
                gain=ours[one.case.case_id].scores[measure] - one.scores[measure],
            )
            for one in self.first.results
            if measure in one.scores and one.case.case_id in ours
        ]
        sign = 1 if MEASURES[measure].is_higher_better else -1
        return tuple(sorted(found, key=lambda pair: -sign * pair.gain))


def compare_runs(first: EvaluationRun, second: EvaluationRun) -> RunsCompared:
    """The second run against the first, case by case, by paired bootstrap.

    Raises:
        InvalidInput: both are the same run, or they have no case in common.
    """
    if first.id == second.id:
        raise InvalidInput("Both sides are the same evaluation. Choose two different ones.")
    theirs = {one.case.case_id: one.case for one in first.results}
    common = {
        one.case.case_id
        for one in second.results
        if (other := theirs.get(one.case.case_id)) is not None
        and (other.question, other.values) == (one.case.question, one.case.values)
    }
    if not common:
        raise InvalidInput(
            "These two evaluations have no question in common. Measure both on the same set and part."
        )
    names = _names(first, second)
    measures = tuple(
        _compared(measure, first, second, common, names)
        for measure in first.measures
        if measure in second.measures
    )
    measures = tuple(one for one in measures if one.comparison.difference.n)
    headline = next((one for name in HEADLINES for one in measures if one.measure == name), None)
    return RunsCompared(
        first=first,
        second=second,
        measures=measures,
        headline=headline,
        n_common=len(common),
        n_left_out=len(first.results) + len(second.results) - 2 * len(common),
        n_failed=(_n_failed(first, common), _n_failed(second, common)),
        names=names,
        verdict=_verdict(names, headline),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPoint:
    """A run as a dot: how good against what an answer costs and how long it takes.

    `is_best` says that no other run is at least as good, as cheap and as quick, and better in one.
    `cost_usd` is None where a price is unknown; then cost is not compared.
    """

    run: EvaluationRun
    quality: float
    latency_ms: float
    cost_usd: float | None
    is_best: bool


def pareto_of(runs: Sequence[EvaluationRun], measure: str) -> tuple[RunPoint, ...]:
    """The runs that have a measure and a time as dots, in their order."""
    shown = [r for r in runs if r.interval(measure).n and r.interval("latency_ms").n]
    values = [
        (
            -run.interval(measure).mean,
            run.interval("latency_ms").mean,
            None if run.cost_usd is None else run.interval("cost_usd").mean,
        )
        for run in shown
    ]
    best = set(not_beaten(values))
    return tuple(
        RunPoint(
            run=run,
            quality=-value[0],
            latency_ms=value[1],
            cost_usd=value[2],
            is_best=at in best,
        )
        for at, (run, value) in enumerate(zip(shown, values, strict=True))
    )


def _names(first: EvaluationRun, second: EvaluationRun) -> tuple[str | Notice, str | Notice]:
    """What both are called; said apart where they are called the same."""
    if first.name != second.name:
        return first.name, second.name
    return Notice("{name} (before)", name=first.name), Notice("{name} (after)", name=second.name)


def _n_failed(run: EvaluationRun, common: set[str]) -> int:
    return sum(one.error is not None and one.case.case_id in common for one in run.results)


def _compared(
    measure: str,
    first: EvaluationRun,
    second: EvaluationRun,
    common: set[str],
    names: tuple[str | Notice, str | Notice],
) -> MeasureCompared:
    theirs, ours = (run.scores(measure) for run in (first, second))
    both = [case for case in theirs if case in ours and case in common]
    before, after = ([scores[case] for case in both] for scores in (theirs, ours))
    return MeasureCompared(
        measure=measure,
        comparison=compare_scores(
            dict(zip(both, after, strict=True)),
            dict(zip(both, before, strict=True)),
            name=names[1],
            baseline=names[0],
            measure=measure,
            seed=first.setup.seed,
        ),
        before=_mean(before),
        after=_mean(after),
    )


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan


def _verdict(both: tuple[str | Notice, str | Notice], headline: MeasureCompared | None) -> Notice:
    names = {"first": both[0], "second": both[1]}
    if headline is None:
        return Notice("{first} and {second} have no measure of quality in common.", **names)
    found, label = headline.comparison, MEASURES[headline.measure].label
    facts = {
        **names,
        "label": label,
        "n": found.difference.n,
        "low": _points(found.difference.low),
        "high": _points(found.difference.high),
        "points": _points(found.difference.mean),
        "n_better": found.n_wins,
        "n_worse": found.n_losses,
    }
    if found.outcome == "better":
        return Notice(
            "{second} is better than {first}. {label}: {points} points, on other questions like these "
            "{n} between {low} and {high}; better on {n_better}, worse on {n_worse}.",
            **facts,
        )
    if found.outcome == "worse":
        return Notice(
            "{second} is worse than {first}. {label}: {points} points, on other questions like these "
            "{n} between {low} and {high}; better on {n_better}, worse on {n_worse}.",
            **facts,
        )
    if found.outcome == "same":
        return Notice(
            "{first} and {second} do equally well on all {n} questions.",
            "{first} and {second} do equally well on the one question.",
            **facts,
        )
    return Notice(
        "It cannot be told whether {second} or {first} is better. {label}: {points} points, between "
        "{low} and {high} ({n} questions; better on {n_better}, worse on {n_worse}). More questions "
        "would tell.",
        **facts,
    )


def _points(share: float) -> str:
    """Hundredths with their sign; 0 has none."""
    points = round(100 * share)
    return signed(points, "d") if points else "0"
