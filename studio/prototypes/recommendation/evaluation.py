"""What came of measuring the ways of recommending on the data's own future.

Values and their sentences; numbers only are stored, sentences are made from them when read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from studio.evaluation.comparison import MIN_QUERIES, Interval, Outcome, signed
from studio.prototypes.recommendation.goals import CANDIDATES, METHOD_LABELS, Goal, MethodName
from studio.records import Notice

if TYPE_CHECKING:
    from pydantic import TypeAdapter

SplitName = Literal["time", "last"]
"""By one moment for all ("time"), or each user's last item ("last", leave-last-out)."""

MeasureName = Literal["nDCG@10", "R@10", "P@10", "AP@10", "RR@10", "Success@10"]
"""Gain by rank, recall, precision, mean average precision, reciprocal rank, hit rate."""


_PART_OF_GOAL: Mapping[Goal, str] = {"liked": "one_item", "basket": "basket", "new_users": "cold"}
MIN_CONVINCING = 30
"""Users below which the verdict says that they are few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentMeasure:
    """nDCG@10 for a part of the users or items.

    `name` is "new" or "active" users (up to or above the median number of items), "head" or "tail"
    items (what was wanted is among the most frequent fifth or not), "cold" (users without a past, not
    counted elsewhere), "one_item" or "basket" (the method was told the latest item, or three, only),
    or "segment:" and a segment's name.
    """

    name: str
    ndcg: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredMethod:
    """How well one way of recommending foretold what users did next.

    Attributes:
        method: which.
        is_tuned: whether with parameters from tuning.
        measures: the mean over users of each measure, with its interval.
        ndcg_of: nDCG@10 by user id.
        against_popular: nDCG@10 less that of "popular", user by user; None for "popular" itself.
        outcome: "better", "worse", "unclear" or "same" as "popular"; "same" for itself.
        coverage: share of all items that were recommended to anybody, 0 to 1.
        novelty: mean of -log2 of the share of users who know the recommended item: bits.
        diversity: 1 less the mean cosine between items of a list; None where nothing tells items apart.
        popularity_bias: how much more popular recommended items are than those that users took: a
            ratio of means, 1 for none.
        segments: nDCG@10 of parts.
        fit_s: training time, in seconds.
        memory_bytes: of the trained method.
        p95_ms: of one list, the slowest twentieth not counted.
    """

    method: MethodName
    is_tuned: bool
    measures: Mapping[MeasureName, Interval]
    ndcg_of: Mapping[str, float]
    against_popular: Interval | None
    outcome: Outcome
    coverage: float
    novelty: float
    diversity: float | None
    popularity_bias: float
    segments: tuple[SegmentMeasure, ...]
    fit_s: float
    memory_bytes: int
    p95_ms: float

    def part(self, name: str) -> Interval | None:
        """nDCG@10 of a part, see `SegmentMeasure`; None where nobody was in it."""
        return next((segment.ndcg for segment in self.segments if segment.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All ways on the same users. `methods` are in the order of nDCG@10, the best first.

    `split_at` is the moment that parts past from future, None for "last". `fingerprint` is that of the
    data. `n_users` were measured, `n_train` pairs of a user and an item learnt from, `n_wanted` items
    were to be foretold.
    """

    split: SplitName
    split_at: datetime | None
    n_users: int
    n_train: int
    n_wanted: int
    methods: tuple[MeasuredMethod, ...]
    fingerprint: str
    seed: int
    measured_at: datetime

    def of(self, method: MethodName) -> MeasuredMethod | None:
        """What one way reached; None where it was not measured."""
        return next((m for m in self.methods if m.method == method), None)

    @property
    def is_convincing(self) -> bool:
        """Whether enough users were measured for a verdict."""
        return self.n_users >= MIN_CONVINCING

    @property
    def best(self) -> MethodName:
        """The way with the highest nDCG@10 that is better than "popular" for sure, else "popular".

        So it is where there are too few users for a verdict.
        """
        if not self.is_convincing:
            return "popular"
        return next((m.method for m in self.methods if m.outcome == "better"), "popular")

    def best_for(self, goal: Goal) -> MethodName | None:
        """The way that serves a goal best, of its candidates that were measured; None if it cannot tell.

        Each goal is judged by the part of the test that is like it: the list for an item by what the
        latest item alone foretells, a basket by the latest three, new users by those without a past.
        A personal list is to be better than "popular" for sure, else it is "popular".
        """
        if goal == "for_you":
            return self.best
        part = _PART_OF_GOAL.get(goal)
        if part is None:
            return None
        known = {m.method: m.part(part) for m in self.methods if m.method in CANDIDATES[goal]}
        judged = {name: i for name, i in known.items() if i is not None and i.n >= MIN_QUERIES}
        return max(judged, key=lambda name: judged[name].mean, default=None)

    @property
    def verdict(self) -> Notice:
        """One paragraph for a founder; says so when popularity wins."""
        return verdict_on(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A method with a set of parameters ("method.parameter" -> value), and its nDCG@10.

    Of each user's last item before the test period. Parameters that are not named have their defaults.
    """

    method: MethodName
    parameters: Mapping[str, float]
    ndcg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningResult:
    """What tuning a method tried; `trials` in the order tried, the first is the method as it is usual.

    Of a hybrid, its parts are tuned one by one, and then tried together. `best` is the trial of the
    method itself with the highest nDCG@10 (the earliest of equals). `test` and `test_default` are
    what best and default parameters reach on the test period, which the choice did not see, `gain` is
    the difference user by user.
    """

    method: MethodName
    trials: tuple[Trial, ...]
    best: Trial
    test: Interval
    test_default: Interval
    gain: Interval
    fingerprint: str
    tuned_at: datetime

    @property
    def verdict(self) -> Notice:
        """Whether the parameters found are better than the defaults on the test period."""
        facts = {
            "method": METHOD_LABELS[self.method],
            "default": f"{self.test_default.mean:.3f}",
            "tuned": f"{self.test.mean:.3f}",
            "low": signed(self.gain.low, ".3f"),
            "high": signed(self.gain.high, ".3f"),
            "n_trials": len(self.trials),
            "n_users": self.test.n,
        }
        if self.best == self.trials[0]:
            return Notice(
                "{method}: none of {n_trials} sets of parameters was better than the usual one. Keep "
                "it (nDCG@10 {default} on {n_users} users).",
                **facts,
            )
        if self.gain.low > 0:
            return Notice(
                "{method}: the parameters found are better than the usual ones on users that the "
                "search for them did not see: nDCG@10 {tuned} instead of {default}, the difference is "
                "between {low} and {high} ({n_users} users, {n_trials} sets tried).",
                **facts,
            )
        if self.gain.high < 0:
            return Notice(
                "{method}: the parameters found looked better on the validation period, but on the "
                "period after it they are worse than the usual ones: nDCG@10 {tuned} instead of "
                "{default}, the difference is between {low} and {high} ({n_users} users). Keep the "
                "usual ones.",
                **facts,
            )
        return Notice(
            "{method}: the parameters found looked better on the validation period, but on the period "
            "after it nDCG@10 is {tuned} instead of {default}, and the difference is between {low} and "
            "{high} ({n_users} users): that may be chance. Taking them does no good for sure.",
            **facts,
        )

    def settings_values(self) -> tuple[tuple[str, str, float], ...]:
        """The best parameters as (method, parameter, value), for the settings; () for the usual ones."""
        if self.best == self.trials[0]:
            return ()
        return tuple(
            (*name.split(".", 1), value)  # type: ignore[misc] # a dot is in every name
            for name, value in self.best.parameters.items()
        )


def verdict_on(evaluation: Evaluation) -> Notice:
    """What an evaluation says, in one paragraph for a founder."""
    popular = evaluation.of("popular")
    best = evaluation.of(evaluation.best)
    if popular is None or best is None:
        return Notice("What is most popular was not measured, so that nothing can be compared.")
    facts = {
        "n_users": evaluation.n_users,
        "popular_share": _share(popular),
        "popular_ndcg": f"{popular.measures['nDCG@10'].mean:.3f}",
    }
    if not evaluation.is_convincing:
        return Notice(
            "Only {n_users} users have a past and something to foretell: too few for a verdict. Until "
            "{minimum} can be measured, show what is most popular, or what is alike by description.",
            minimum=MIN_CONVINCING,
            **facts,
        )
    if best.method == "popular":
        return _popular_wins(evaluation, facts)
    gain = best.against_popular
    return Notice(
        "{method} is worth it: of {n_users} users, {share} later took something among the ten items it "
        "would have shown them; the ten most popular items did that for {popular_share}. This is no "
        "chance: nDCG@10 is {ndcg} instead of {popular_ndcg}, the difference is between {low} and "
        "{high}. It shows {coverage} of all items, the most popular list {popular_coverage}.",
        method=METHOD_LABELS[best.method],
        share=_share(best),
        ndcg=f"{best.measures['nDCG@10'].mean:.3f}",
        low=signed(gain.low, ".3f") if gain else "",
        high=signed(gain.high, ".3f") if gain else "",
        coverage=f"{best.coverage:.0%}",
        popular_coverage=f"{popular.coverage:.0%}",
        **facts,
    )


def _popular_wins(evaluation: Evaluation, facts: Mapping[str, Any]) -> Notice:
    others = [m for m in evaluation.methods if m.method != "popular"]
    if others and all(m.outcome == "worse" for m in others):
        return Notice(
            "Show what is most popular: it foretells better than every personal way. Of {n_users} "
            "users, {popular_share} later took one of the ten most popular items (nDCG@10 "
            "{popular_ndcg}). Personal lists need more events per user.",
            **facts,
        )
    return Notice(
        "Show what is most popular for now: no personal way is better for sure. Of {n_users} users, "
        "{popular_share} later took one of the ten most popular items (nDCG@10 {popular_ndcg}), and "
        "what the others add may be chance. More events per user would tell.",
        **facts,
    )


def _share(one: MeasuredMethod) -> str:
    return f"{one.measures['Success@10'].mean:.0%}"


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:  # Any: one of the two below
    from pydantic import ConfigDict, TypeAdapter, with_config

    stored = with_config(ConfigDict(ser_json_inf_nan="constants"))(kind)
    return TypeAdapter(stored)


def to_json(result: Evaluation | TuningResult) -> bytes:
    """A result as JSON, to be kept."""
    return _adapter(Evaluation if isinstance(result, Evaluation) else TuningResult).dump_json(
        result
    )


def evaluation_from_json(content: bytes) -> Evaluation:
    """What `to_json` gave. Raises ValueError where it is something else."""
    found: Evaluation = _adapter(Evaluation).validate_json(content)
    return found


def tuning_from_json(content: bytes) -> TuningResult:
    """What `to_json` gave. Raises ValueError where it is something else."""
    found: TuningResult = _adapter(TuningResult).validate_json(content)
    return found
